"""Opens an incident from the log, before any complaint, and keeps open ones up to date.

Of an open relay, and of what accounts, scripts, customers and machines of ours send when it is not
what they usually send.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction

from complaints import audit, organisation
from complaints.models import RelayedMessage
from incidents.grouping import campaigns, relapse, sending
from incidents.grouping.opening import open_incident
from incidents.grouping.sending import Sending
from incidents.grouping.signs import Sign, is_worth_a_look, sign_of
from incidents.models import Incident

AT_ONCE = 5000
# So that a round ends, however much log was read at once; the next one goes on.
MOST_ROUNDS = 25


def detect_abuse(*, now: datetime) -> list[Incident]:
    """Look at what the log has since last time; the incidents that were opened now."""
    opened: list[Incident] = []
    us = organisation.ourselves()
    for _ in range(MOST_ROUNDS):
        counted = sending.count_some(us)
        if counted is None:
            break
        by_sender: dict[tuple[str, str], list[Sending]] = defaultdict(list)
        for one in counted.hours:
            by_sender[one.key.kind, one.key.value].append(one)
        for hours in by_sender.values():
            try:
                opened += _look_at(hours, now=now)
            except IntegrityError:
                return opened  # another worker opened it; the next round finds its incident
        counted.move_mark()
    sending.forget_old()
    return opened


def _look_at(hours: Sequence[Sending], *, now: datetime) -> list[Incident]:
    """What one sender did in hours of which the log has something new."""
    signs = _signs(hours)
    if hours[0].key.kind != "relay-host":
        # What an account or a customer sends is its own business, but for these hours.
        wanted = {sign.sent.hour for sign in signs}
        hours = [one for one in hours if one.hour in wanted]
    opened: list[Incident] = []
    if not hours or not (signs or Incident.objects.with_key(hours[0].key.kind, hours[0].key.value)):
        return opened
    while True:
        incident, placed = _take_in(hours, signs, now=now)
        opened += [incident] if incident is not None else []
        if placed < AT_ONCE:
            return opened


def _signs(hours: Sequence[Sending]) -> list[Sign]:
    found = []
    for one in hours:
        sent = one.sent
        if is_worth_a_look(sent):
            sign = sign_of(sent, sending.usual_of(sent))
            if sign is not None:
                found.append(sign)
    return found


@transaction.atomic
def _take_in(
    hours: Sequence[Sending], signs: list[Sign], *, now: datetime
) -> tuple[Incident | None, int]:
    """Bring messages of these hours into their incident.

    yields back  the incident if it was opened now, and how many messages were placed
    """
    audit.keep_others_waiting()
    key = hours[0].key
    sending.note_signs(sign.sent for sign in signs)
    incident = Incident.objects.with_key(key.kind, key.value).first()
    messages = _unplaced(hours, incident)
    if not messages:
        return None, 0
    first_at = messages[0].queued_at
    ended = incident if incident and relapse.is_long_over(incident, first_at) else None
    opened = incident is None or ended is not None
    if incident is None or ended is not None:
        if not signs:
            return None, 0
        if ended is not None:
            relapse.known_by(key.kind, key.value, first_at)
        incident = _open(hours[0], signs, ended, now=now)
    campaigns.place_messages(incident, messages, now=now)
    _note_extent(incident, messages)
    relapse.note_relapse(incident, messages, now=now)
    return (incident if opened else None), len(messages)


def _open(of: Sending, signs: list[Sign], follows: Incident | None, *, now: datetime) -> Incident:
    return open_incident(
        of.key,
        origin=Incident.Origin.LOG,
        why=" ".join(sign.words for sign in signs[:3]),
        host=None if of.key.kind in ("customer", "own-client") else of.host,
        follows=follows,
        now=now,
    )


def _unplaced(hours: Sequence[Sending], incident: Incident | None) -> list[RelayedMessage]:
    """The messages that are in no campaign yet; of an account not those of its owner."""
    rows = list(sending.messages_in(hours).filter(campaigns=None)[:AT_ONCE])
    if not rows or hours[0].key.kind != "account":
        return rows
    since = incident.first_seen_at if incident else None
    own = sending.known_clients(rows, since or rows[0].queued_at)
    strange = [row for row in rows if row.client_ip not in own]
    # Where it came from nowhere else, it is the owner's own machine that sends.
    return strange or (rows if incident is None else [])


def _note_extent(incident: Incident, messages: list[RelayedMessage]) -> None:
    """When the abuse was first and last seen: what is new, beside what was known."""
    moments = [message.queued_at for message in messages]
    known = [at for at in (incident.first_seen_at, incident.last_seen_at) if at is not None]
    incident.first_seen_at, incident.last_seen_at = min(moments + known), max(moments + known)
    incident.save(update_fields=["first_seen_at", "last_seen_at"])
