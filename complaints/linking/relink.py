"""Today's rules of linking on complaints that are in an incident: what they would link otherwise.

A complaint stays in its incident, whatever it is linked to; what a person confirmed is not looked
at again. Complaints in no incident are linked anew when they are grouped anew.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from complaints import organisation
from complaints.linking.link import DECIDED, TOGETHER, save_links, searched
from complaints.linking.search import Outcome
from complaints.linking.weighing import in_force
from complaints.models import Complaint, Link, RelayedMessage

States = dict[int, str]  # of links, by the key of their message


@dataclass(frozen=True, slots=True)
class Relinked:
    """One complaint that is linked otherwise by today's rules.

    complaint  its reference
    changes    in words, one for each message
    """

    complaint: str
    changes: tuple[str, ...]


def relink(*, now: datetime, dry_run: bool) -> Iterator[Relinked]:
    """Yield each complaint that today's rules link otherwise, after doing so.

    Those are looked at that were weighed by another table of weights, or found nothing.
    dry_run   tell of it, but change nothing
    """
    us = organisation.ourselves()
    keys = list(_weighed_otherwise().values_list("pk", flat=True))
    for start in range(0, len(keys), TOGETHER):
        some = list(Complaint.objects.filter(pk__in=keys[start : start + TOGETHER]).order_by("pk"))
        for complaint, outcome in zip(some, searched(some, us, now=now), strict=True):
            changes = _changes(complaint, outcome)
            if changes and not dry_run:
                _save(complaint, outcome, now=now)
            if changes:
                yield Relinked(complaint.reference, changes)


def _weighed_otherwise() -> QuerySet[Complaint]:
    confirmed = Link.objects.filter(state=Link.State.CONFIRMED).values("complaint")
    today = Link.objects.filter(weighed_by=in_force().version).values("complaint")
    shown = Q(reported_messages__isnull=False)
    return (
        Complaint.objects.filter(shown, stage=Complaint.Stage.GROUPED)
        .exclude(pk__in=confirmed)
        .exclude(pk__in=today)
        .order_by("pk")
        .distinct()
    )


def _changes(complaint: Complaint, outcome: Outcome) -> tuple[str, ...]:
    before: States = dict(
        complaint.links.exclude(state__in=DECIDED).values_list("message_id", "state")
    )
    after: States = {key: choice.state for key, choice in outcome.found.items()}
    differing = sorted(
        key for key in before.keys() | after.keys() if before.get(key) != after.get(key)
    )
    named = RelayedMessage.objects.select_related("host").in_bulk(differing)
    return tuple(_words(named[key], before.get(key), after.get(key)) for key in differing)


def _words(message: RelayedMessage, before: str | None, after: str | None) -> str:
    said = {state.value: str(state.label) for state in Link.State}
    was = said[before] if before else "not found"
    is_now = said[after] if after else "not found"
    return f"message {message.queue_id} on {message.host.name}: {was}, now {is_now}"


def _save(complaint: Complaint, outcome: Outcome, *, now: datetime) -> None:
    with transaction.atomic():
        save_links([complaint], [outcome], now=now)
