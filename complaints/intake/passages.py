"""Passages to rows: relayed messages and their deliveries, saved in bulk, safe to repeat.

A row's own log lines are its truth. When more lines turn up of a queue ID that has rows, in
whatever file and order, its lives are assembled again from all of them: two halves of a
message become one row, and a row that took in lines of a later life gives them back.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta

from django.db import transaction

from complaints.cleantext import clean_text
from complaints.intake.lineage import set_parents
from complaints.intake.refusals import save_refusals
from complaints.maillog import dialects, direction, message_id
from complaints.maillog.assemble import LONGEST_LIFE, Sessions, entries_of, joined
from complaints.maillog.dialects import Tally
from complaints.maillog.direction import Ourselves
from complaints.maillog.entry import LogEntry
from complaints.maillog.framing import Framing
from complaints.maillog.passage import Passage, RefusedAttempt
from complaints.models import Delivery, MailHost, RelayedMessage

# Of a longer message the last lines are kept as deliveries only.
MOST_STORED_LINES = 2_000
ROWS_AT_ONCE = 2_000
IDS_AT_ONCE = 500
DELIVERY_FACTS = (
    "original_recipient", "relay", "relay_ip", "status", "dsn", "reply", "next_queue_id", "at",
    "attempts",
)  # fmt: skip
Pairs = list[tuple[RelayedMessage, Passage]]


@dataclass(slots=True)
class Saved:
    """How many rows are new; `relayed` are messages now known to be relayed for a stranger."""

    messages: int = 0
    relayed: int = 0
    refused: int = 0


@transaction.atomic
def save(
    host: MailHost,
    passages: Sequence[Passage],
    refused: Iterable[RefusedAttempt],
    us: Ourselves,
    *,
    dialect: str = "auto",
) -> Saved:
    """Save what a stretch of one host's log says; what is known already changes nothing."""
    # The row lock keeps two readers of one host's logs from making the same rows.
    MailHost.objects.select_for_update().get(pk=host.pk)
    known = _known_rows(host, passages)
    strangers_before = _strangers(row for rows in known.values() for row in rows)
    fresh = [(_row(host, p, us), p) for p in passages if p.queue_id not in known]
    again: dict[str, list[Passage]] = {queue_id: [] for queue_id in known}
    for passage in passages:
        if passage.queue_id in again:
            again[passage.queue_id].append(passage)
    changed: Pairs = []
    for queue_id, new in again.items():
        made, updated = _lives_again(host, known[queue_id], new, us, dialect)
        fresh += made
        changed += updated
    _write(fresh, changed)
    set_parents(host, [*fresh, *changed], us)
    strangers = _strangers(row for rows in known.values() for row in rows)
    return Saved(
        messages=len(fresh),
        relayed=strangers - strangers_before + _strangers(row for row, _ in fresh),
        refused=save_refusals(host, (direction.told_apart(us, one) for one in refused)),
    )


def _strangers(rows: Iterable[RelayedMessage]) -> int:
    return sum(row.direction == RelayedMessage.Direction.STRANGER for row in rows)


def _known_rows(host: MailHost, passages: Iterable[Passage]) -> dict[str, list[RelayedMessage]]:
    """Rows of the same queue IDs around these passages, oldest first."""
    known: dict[str, list[RelayedMessage]] = {}
    times = [passage.queued_at for passage in passages]
    if not times:
        return known
    span = (min(times) - LONGEST_LIFE, max(times) + LONGEST_LIFE)
    ids = sorted({passage.queue_id for passage in passages})
    rows = RelayedMessage.objects.filter(host=host, queued_at__range=span).order_by("queued_at")
    for start in range(0, len(ids), IDS_AT_ONCE):
        for row in rows.filter(queue_id__in=ids[start : start + IDS_AT_ONCE]):
            known.setdefault(row.queue_id, []).append(row)
    return known


def _lives_again(
    host: MailHost, rows: list[RelayedMessage], new: list[Passage], us: Ourselves, dialect: str
) -> tuple[Pairs, Pairs]:
    """(new rows, changed rows) of one queue ID, assembled from stored and new lines.

    `rows` are changed in place; a life has the row that holds the first of its stored lines.
    """
    stored = {line: row for row in rows for line in row.log_lines.split("\n")}
    if all(line in stored for passage in new for line in passage.lines):
        return [], []
    pieces = [_entries_of(row, dialect) for row in rows]
    free = {row.pk: row for row in rows}
    made: Pairs = []
    updated: Pairs = []
    for life in joined([*pieces, *(entries_of(passage) for passage in new)]):
        owners = (stored[line] for line in life.lines if line in stored)
        row = next((owner for owner in owners if owner.pk in free), None)
        if row is None:
            made.append((_row(host, life, us), life))
            continue
        del free[row.pk]
        if life.lines[:MOST_STORED_LINES] != row.log_lines.split("\n") or _is_cut(row):
            _fill(row, life, us)
            updated.append((row, life))
    return made, updated


def _is_cut(row: RelayedMessage) -> bool:
    return row.log_lines.count("\n") + 1 >= MOST_STORED_LINES


def _entries_of(row: RelayedMessage, dialect: str) -> list[LogEntry]:
    """A row's own lines, read again; yearless stamps get the year and zone of the row."""
    framing = Framing(zone=UTC, not_after=row.queued_at + LONGEST_LIFE)
    lines = row.log_lines.split("\n")
    read = dialects.read_lines(lines, framing=framing, tally=Tally(), dialect=dialect)
    entries = list(Sessions().tell(read))
    if entries:
        off = min(entry.at for entry in entries) - row.queued_at
        off = timedelta(minutes=round(off / timedelta(minutes=1)))
        for entry in entries:
            entry.at -= off
    return entries


def _row(host: MailHost, passage: Passage, us: Ourselves) -> RelayedMessage:
    row = RelayedMessage(host=host, queue_id=passage.queue_id)
    _fill(row, passage, us)
    return row


def _fill(row: RelayedMessage, passage: Passage, us: Ourselves) -> None:
    handovers = passage.handovers.values()
    row.queued_at = passage.queued_at
    row.finished_at = passage.finished_at
    row.message_id = clean_text(message_id.normal_form(passage.message_id), 998)
    row.message_id_sha256 = message_id.digest(passage.message_id)
    row.client_ip = passage.client_ip
    row.client_name = clean_text(passage.client_name, 255)
    row.authenticated_user = clean_text(passage.authenticated_user, 255)
    row.sender = clean_text(passage.sender.lower(), 320)
    row.sender_domain = clean_text(row.sender.rpartition("@")[2], 255)
    row.subject = clean_text(passage.subject, 998)
    row.size_bytes = passage.size_bytes
    row.recipient_count = max(passage.recipient_count, len(handovers))
    row.direction = direction.direction_of(
        us,
        client_ip=passage.client_ip,
        authenticated_user=passage.authenticated_user,
        recipients=[handover.asked_for for handover in handovers],
        # A message that another one begot was made on the host itself.
        known=passage.client_known or row.parent_id is not None,
    )
    row.log_lines = "\n".join(passage.lines[:MOST_STORED_LINES])


def _write(fresh: Pairs, changed: Pairs) -> None:
    RelayedMessage.objects.bulk_create([row for row, _ in fresh], batch_size=ROWS_AT_ONCE)
    for row, _ in changed:
        row.save()
    # Where lines are missing, deliveries that they told of stay.
    whole = [row.pk for row, _ in changed if not _is_cut(row)]
    for start in range(0, len(whole), IDS_AT_ONCE):
        Delivery.objects.filter(message__in=whole[start : start + IDS_AT_ONCE]).delete()
    _save_deliveries([*fresh, *changed])


def _save_deliveries(pairs: Pairs) -> None:
    deliveries: dict[tuple[int, str], Delivery] = {}
    for row, passage in pairs:
        for handover in passage.handovers.values():
            recipient = clean_text(handover.recipient.lower(), 320)
            deliveries[(row.pk, recipient)] = Delivery(
                message=row,
                recipient=recipient,
                recipient_domain=recipient.rpartition("@")[2][:255],
                original_recipient=clean_text(handover.original_recipient.lower(), 320),
                relay=clean_text(handover.relay, 255),
                relay_ip=handover.relay_ip,
                status=clean_text(handover.status, 20),
                dsn=clean_text(handover.dsn, 12),
                reply=clean_text(handover.reply, 500),
                next_queue_id=clean_text(handover.next_queue_id, 100),
                at=handover.at,
                attempts=handover.attempts,
            )
    Delivery.objects.bulk_create(
        deliveries.values(),
        batch_size=ROWS_AT_ONCE,
        update_conflicts=True,
        unique_fields=["message", "recipient"],
        update_fields=DELIVERY_FACTS,
    )
