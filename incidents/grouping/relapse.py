"""A message of an incident that passed after its end shows that the end was none."""

from collections.abc import Iterable
from datetime import datetime

from complaints.models import RelayedMessage
from incidents.models import Incident
from incidents.workflow import moves

ENDED = (Incident.State.FIXED, Incident.State.CLOSED)


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
