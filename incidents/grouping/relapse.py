"""What comes after the end of an incident: it is open again, or one opens that follows it.

What passed within REOPENS of the end shows that the end was none: the incident is open again. What
passed later, or is tied to a closed incident by nothing but its content, is work of its own: a new
incident opens, as the follow-up of the other.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from complaints.models import RelayedMessage
from incidents.models import Incident, IncidentKey
from incidents.workflow import moves

ENDED = (Incident.State.FIXED, Incident.State.CLOSED)
# By then the customer is another, the hole a new one, and the figures have been reported.
REOPENS = timedelta(days=90)


def is_long_over(incident: Incident, at: datetime) -> bool:
    """Whether something that passed at this time is no relapse of a closed incident any more."""
    closed = incident.state == Incident.State.CLOSED and incident.closed_at is not None
    return closed and incident.closed_at is not None and at > incident.closed_at + REOPENS


def known_by(kind: str, value: str, at: datetime) -> tuple[Incident | None, Incident | None]:
    """The incident that has a key, and the one that a new incident with that key follows.

    One of them is None, or both. Call it in the transaction that opens the new one: the key is
    free from then on.
    """
    found = Incident.objects.with_key(kind, value).first()
    if found is None or not is_long_over(found, at):
        return found, None
    IncidentKey.objects.filter(incident=found, kind=kind, value=value).update(is_active=False)
    return None, found


def note_relapse(incident: Incident, messages: Iterable[RelayedMessage], *, now: datetime) -> None:
    """Reopen the incident if one of these messages was queued after its fix, or its closing.

    Call it inside a transaction. What was queued before and is seen only now changes nothing.
    """
    ended_at = incident.fixed_at or incident.closed_at
    if incident.state not in ENDED or ended_at is None:
        return
    later = sorted(
        (message for message in messages if message.queued_at > ended_at),
        key=lambda message: message.queued_at,
    )
    if later:
        first = later[0]
        why = (
            f"{len(later)} messages passed after its end, the first with queue ID "
            f"{first.queue_id} at {first.queued_at:%d %b %H:%M} UTC."
        )
        moves.relapse(incident, why, now=now)
