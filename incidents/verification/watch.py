"""Sightings: what the mail log of a host says was relayed or refused in a span of time."""

from collections.abc import Collection
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Max, Q
from django.db.models.functions import TruncDate

from complaints.models import LogSource, MailHost, Refusal, RelayedMessage
from complaints.querysets import RefusalQuerySet, RelayedMessageQuerySet
from incidents.models import Incident
from incidents.verification.findings import RefusedDay, Sightings

BEFORE = timedelta(days=7)
LATELY = timedelta(days=30)
# Local parts of the senders and recipients that the battery makes up begin so.
PROBE_MARK = "meyasu-"

Direction = RelayedMessage.Direction
OWN_MAIL = (Direction.IN, Direction.OUT, Direction.INTERNAL)


def look(
    host: MailHost,
    *,
    since: datetime,
    until: datetime,
    known_senders: Collection[str],
    probe_source: str = "",
) -> Sightings:
    """What the log of this host says from `since` to `until`, our own probes left out.

    known_senders  envelope senders that the campaigns used before, in lower case
    probe_source   address the probes come from, whose refused attempts are not counted
    """
    messages = _messages(host).filter(queued_at__range=(since, until))
    strangers = messages.relayed_for_strangers()
    refused = _refused(host, probe_source).filter(at__range=(since, until))
    senders = dict(strangers.values_list("sender").annotate(count=Count("pk")).order_by())
    known = sum(count for sender, count in senders.items() if sender.lower() in known_senders)
    facts = strangers.aggregate(clients=Count("client_ip", distinct=True), last_at=Max("queued_at"))
    before = _messages(host).filter(queued_at__range=(since - BEFORE, since))
    return Sightings(
        since=since,
        until=until,
        log_read_until=log_read_until(host),
        relayed_known=known,
        relayed_other=sum(senders.values()) - known,
        relayed_clients=facts["clients"],
        last_relayed_at=facts["last_at"],
        refused=_by_day(refused),
        refused_relaying=refused.of_relaying().count(),
        own_before=before.filter(direction__in=OWN_MAIL).count() / BEFORE.days,
        own_since=messages.filter(direction__in=OWN_MAIL).count(),
    )


def campaign_senders(incident: Incident | None, host: MailHost, *, before: datetime) -> list[str]:
    """Envelope senders that the incident's campaigns had used by then, the busiest first.

    Without an incident, or while it has no campaign, all strangers of the last thirty days
    for whom the host relayed stand for its campaigns.
    """
    messages = RelayedMessage.objects.none()
    if incident is not None:
        messages = RelayedMessage.objects.filter(
            campaigns__incident=incident, queued_at__lte=before
        )
    if not messages.exists():
        lately = _messages(host).filter(queued_at__range=(before - LATELY, before))
        messages = lately.relayed_for_strangers()
    counted = messages.exclude(sender="").values("sender").annotate(count=Count("pk"))
    return [row["sender"] for row in counted.order_by("-count", "sender")]


def log_read_until(host: MailHost) -> datetime | None:
    """Time of the last line known of the host's log, None if nothing was read."""
    times = (
        host.messages.aggregate(at=Max("queued_at"))["at"],
        host.refusals.aggregate(at=Max("at"))["at"],
        LogSource.objects.filter(host=host).aggregate(at=Max("last_line_at"))["at"],
    )
    return max((at for at in times if at is not None), default=None)


def as_json(sightings: Sightings) -> dict[str, Any]:
    """Sightings as JSON values: times and days in ISO form, the rest as it is."""
    facts = asdict(sightings)
    facts["refused"] = [
        {"day": row.day.isoformat(), "reason": row.reason, "count": row.count}
        for row in sightings.refused
    ]
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in facts.items()
    }


def _messages(host: MailHost) -> RelayedMessageQuerySet:
    """The host's messages but for the marked ones of our probes."""
    marked = Q(
        sender__startswith=PROBE_MARK, sender__iendswith=f"@{settings.MEYASU_PROBE_SENDER_DOMAIN}"
    )
    return RelayedMessage.objects.filter(host=host).exclude(marked)


def _refused(host: MailHost, probe_source: str) -> RefusalQuerySet:
    """The host's refused attempts but for our probes, known by their address or recipient."""
    user, _, domain = settings.MEYASU_PROBE_RECIPIENT.rpartition("@")
    probes = Q(recipient__startswith=PROBE_MARK)
    if user:
        probes |= Q(recipient__icontains=user) & Q(recipient__icontains=domain)
    if probe_source:
        probes |= Q(client_ip=probe_source)
    return Refusal.objects.filter(host=host).exclude(probes)


def _by_day(refused: RefusalQuerySet) -> tuple[RefusedDay, ...]:
    days = refused.annotate(day=TruncDate("at", tzinfo=UTC)).values("day", "reason")
    rows = days.annotate(count=Count("pk")).order_by("day", "reason")
    return tuple(RefusedDay(row["day"], row["reason"], row["count"]) for row in rows)
