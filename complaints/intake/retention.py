"""How long the mail log is kept: rows that are too old go, in batches, unless a case needs them."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Exists, OuterRef

from complaints.models import Delivery, LogBlock, Refusal, RelayedMessage

ROWS_AT_ONCE = 1_000
BATCHES_AT_ONCE = 200
# What belongs to a message itself, and goes or stays with it.
OWN = frozenset((Delivery, RelayedMessage))


def forget_old(*, keep: timedelta, now: datetime) -> int:
    """Delete messages and refusals older than `keep`, oldest first; how many rows of both.

    A message that anything refers to (a link, a campaign) stays: it is evidence. Each batch is
    a transaction of its own, and so many are done that followed logs need not wait; the rest
    goes next time. `keep` of no length keeps everything.
    """
    if not keep:
        return 0
    before = now - keep
    old_messages = _unneeded().filter(queued_at__lt=before).order_by("queued_at")
    old_refusals = Refusal.objects.filter(at__lt=before)
    deleted = _delete(old_messages) + _delete(old_refusals)
    if not old_messages.exists():
        _forget_blocks(before)
    return deleted


def _forget_blocks(before: datetime) -> None:
    """Delete blocks of the log whose messages are gone; what is kept takes its lines along."""
    kept = RelayedMessage.objects.filter(queued_at__lt=before, log_block__isnull=False)
    while rows := list(kept.prefetch_related("log_block")[:ROWS_AT_ONCE]):
        for row in rows:
            row.log_lines, row.log_block, row.log_places = row.log_text, None, ""
        RelayedMessage.objects.bulk_update(rows, ["log_lines", "log_block", "log_places"])
    pointing = RelayedMessage.objects.filter(
        log_block=OuterRef("pk"), queued_at__range=(OuterRef("first_at"), OuterRef("last_at"))
    )
    LogBlock.objects.filter(~Exists(pointing), last_at__lt=before).delete()


def _unneeded() -> models.QuerySet[RelayedMessage]:
    """Messages that no row of another kind refers to."""
    named_by = [
        relation.name
        for relation in RelayedMessage._meta.related_objects
        if relation.related_model not in OWN
    ]
    return RelayedMessage.objects.filter(**{f"{name}__isnull": True for name in named_by})


def _delete(rows: models.QuerySet[RelayedMessage] | models.QuerySet[Refusal]) -> int:
    deleted = 0
    for _ in range(BATCHES_AT_ONCE):
        keys = list(rows.values_list("pk", flat=True)[:ROWS_AT_ONCE])
        rows.model._default_manager.filter(pk__in=keys).delete()
        deleted += len(keys)
        if len(keys) < ROWS_AT_ONCE:
            break
    return deleted
