"""Opens an incident from the log, before any complaint, and keeps open ones up to date."""

from collections import defaultdict
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Max, Min

from complaints.models import MailHost, RelayedMessage
from incidents.grouping import campaigns
from incidents.grouping.keys import GroupKey
from incidents.grouping.opening import open_incident
from incidents.grouping.relapse import note_relapse
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
    opened = incident is None
    if incident is None:
        signs = relay_signs(map(_relayed, messages))
        if not signs:
            return None
        incident = _open(host, signs, now=now)
    campaigns.place_messages(incident, messages, now=now)
    _note_extent(incident)
    note_relapse(incident, messages, now=now)
    return incident if opened else None


def _open(host: MailHost, signs: list[Sign], *, now: datetime) -> Incident:
    key = GroupKey("relay-host", host.name, f"{host.fqdn} relays for strangers")
    return open_incident(
        key,
        origin=Incident.Origin.LOG,
        why=" ".join(sign.words for sign in signs[:3]),
        host=host,
        now=now,
    )


def _note_extent(incident: Incident) -> None:
    """When the abuse was first and last seen, by the messages of its campaigns."""
    extent = RelayedMessage.objects.filter(campaigns__incident=incident).aggregate(
        first=Min("queued_at"), last=Max("queued_at")
    )
    Incident.objects.filter(pk=incident.pk).update(
        first_seen_at=extent["first"], last_seen_at=extent["last"]
    )
    incident.first_seen_at, incident.last_seen_at = extent["first"], extent["last"]


def _relayed(message: RelayedMessage) -> Relayed:
    return Relayed(message.queued_at, message.client_ip, message.sender, message.recipient_count)
