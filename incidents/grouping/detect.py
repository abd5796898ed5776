"""Opens an incident from the log, before any complaint, and keeps open ones up to date."""

from collections import defaultdict
from datetime import datetime

from django.db import IntegrityError, transaction

from complaints.models import MailHost, RelayedMessage
from incidents.grouping import campaigns, relapse
from incidents.grouping.keys import GroupKey
from incidents.grouping.opening import open_incident
from incidents.grouping.signs import Relayed, Sign, relay_signs
from incidents.models import Incident

AT_ONCE = 5000


def detect_abuse(*, now: datetime) -> list[Incident]:
    """Look at what was relayed for strangers and belongs to no incident yet.

    yields back  the incidents that were opened now
    """
    by_host: dict[MailHost, list[RelayedMessage]] = defaultdict(list)
    for message in _unplaced():
        by_host[message.host].append(message)
    opened = []
    for host, messages in by_host.items():
        try:
            incident = _take_in(host, messages, now=now)
        except IntegrityError:
            continue  # another worker opened it; the next round finds its incident
        if incident is not None:
            opened.append(incident)
    return opened


def _unplaced() -> list[RelayedMessage]:
    strangers = RelayedMessage.objects.relayed_for_strangers().filter(campaigns=None)
    return list(strangers.select_related("host").order_by("queued_at")[:AT_ONCE])


@transaction.atomic
def _take_in(host: MailHost, messages: list[RelayedMessage], *, now: datetime) -> Incident | None:
    incident = Incident.objects.with_key("relay-host", host.name).first()
    first_at = min(message.queued_at for message in messages)
    ended = incident if incident and relapse.is_long_over(incident, first_at) else None
    opened = incident is None or ended is not None
    if incident is None or ended is not None:
        signs = relay_signs(map(_relayed, messages))
        if not signs:
            return None
        if ended is not None:
            relapse.known_by("relay-host", host.name, first_at)
        incident = _open(host, signs, ended, now=now)
    campaigns.place_messages(incident, messages, now=now)
    _note_extent(incident, messages)
    relapse.note_relapse(incident, messages, now=now)
    return incident if opened else None


def _open(
    host: MailHost, signs: list[Sign], follows: Incident | None, *, now: datetime
) -> Incident:
    key = GroupKey("relay-host", host.name, f"{host.fqdn} relays for strangers")
    return open_incident(
        key,
        origin=Incident.Origin.LOG,
        why=" ".join(sign.words for sign in signs[:3]),
        host=host,
        follows=follows,
        now=now,
    )


def _note_extent(incident: Incident, messages: list[RelayedMessage]) -> None:
    """When the abuse was first and last seen: what is new, beside what was known."""
    moments = [message.queued_at for message in messages]
    known = [at for at in (incident.first_seen_at, incident.last_seen_at) if at is not None]
    incident.first_seen_at, incident.last_seen_at = min(moments + known), max(moments + known)
    incident.save(update_fields=["first_seen_at", "last_seen_at"])


def _relayed(message: RelayedMessage) -> Relayed:
    return Relayed(message.queued_at, message.client_ip, message.sender, message.recipient_count)
