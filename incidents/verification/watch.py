"""Sightings: what the mail log of a host says was relayed or refused in a span of time."""

from collections.abc import Collection
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Case, Count, Max, Q, When
from django.db.models.functions import TruncDate, TruncHour

from complaints.models import LogSource, MailHost, Refusal, RelayedMessage
from complaints.querysets import RefusalQuerySet, RelayedMessageQuerySet
from incidents.models import Incident
from incidents.verification.findings import RefusedDay, RefusedHour, Sightings

BEFORE = timedelta(days=7)
LATELY = timedelta(days=30)
SHOWN_BY_HOUR = timedelta(hours=48)
# No mail server tries longer by default.
IN_QUEUE = timedelta(days=5)
MOST_SOURCES = 10
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
    known_sources: Collection[str] = (),
    normal_at: datetime | None = None,
    probe_source: str = "",
) -> Sightings:
    """What the log of this host says from `since` to `until`, our own probes left out.

    known_senders  envelope senders that the campaigns used before, in lower case
    known_sources  addresses that handed in the campaigns' messages before
    normal_at      a time before the abuse, when the queue was as it should be
    probe_source   address the probes come from, whose refused attempts are not counted
    """
    messages = _messages(host).filter(queued_at__range=(since, until))
    strangers = messages.relayed_for_strangers()
    refused = _refused(host, probe_source).filter(at__range=(since, until))
    senders = dict(strangers.values_list("sender").annotate(count=Count("pk")).order_by())
    known = sum(count for sender, count in senders.items() if sender.lower() in known_senders)
    facts = strangers.aggregate(clients=Count("client_ip", distinct=True), last_at=Max("queued_at"))
    before = _messages(host).filter(queued_at__range=(since - BEFORE, since))
    own_before, sent_before = _own(before)
    own_since, sent_since = _own(messages)
    sources = _by_source(refused.of_relaying())
    from_campaign = sum(count for ip, count in sources if ip in known_sources)
    return Sightings(
        since=since,
        until=until,
        log_read_until=log_read_until(host),
        relayed_known=known,
        relayed_other=sum(senders.values()) - known,
        relayed_clients=facts["clients"],
        last_relayed_at=facts["last_at"],
        refused=_by_day(refused),
        refused_relaying=sum(count for _ip, count in sources),
        own_before=own_before / BEFORE.days,
        own_since=own_since,
        sent_before=sent_before / BEFORE.days,
        sent_since=sent_since,
        hours=_by_hour(refused.filter(at__gte=until - SHOWN_BY_HOUR), known_sources),
        refused_campaign=from_campaign,
        refused_newcomers=sum(count for _ip, count in sources) - from_campaign,
        sources=tuple((ip, count, ip in known_sources) for ip, count in sources[:MOST_SOURCES]),
        queued_now=_queued(host, until),
        queued_normal=_queued(host, normal_at) if normal_at else 0,
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


def campaign_sources(incident: Incident | None, *, before: datetime) -> set[str]:
    """Addresses that handed in the messages of the incident's campaigns by then."""
    if incident is None:
        return set()
    messages = RelayedMessage.objects.filter(campaigns__incident=incident, queued_at__lte=before)
    return set(messages.exclude(client_ip="").values_list("client_ip", flat=True).distinct())


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
    facts["hours"] = [{**row, "hour": row["hour"].isoformat()} for row in facts["hours"]]
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
    of_the_desk = (
        settings.MEYASU_PROBE_SENDER_DOMAIN or (settings.MEYASU_PROBE_RECIPIENT.rpartition("@")[2])
    )
    marked = Q(message_id__startswith=PROBE_MARK) | Q(
        sender__startswith=PROBE_MARK, sender__iendswith=f"@{of_the_desk}"
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


def _own(messages: RelayedMessageQuerySet) -> tuple[int, int]:
    """How many are our own mail, and how many of these our users sent out."""
    counted = messages.filter(direction__in=OWN_MAIL).aggregate(
        all=Count("pk"), sent=Count("pk", filter=Q(direction=Direction.OUT))
    )
    return counted["all"], counted["sent"]


def _by_source(refused: RefusalQuerySet) -> list[tuple[str, int]]:
    rows = refused.values_list("client_ip").annotate(count=Count("pk"))
    return list(rows.order_by("-count", "client_ip"))


def _by_hour(refused: RefusalQuerySet, campaign: Collection[str]) -> tuple[RefusedHour, ...]:
    known = Case(When(client_ip__in=list(campaign), then=True), default=False)
    hours = refused.annotate(hour=TruncHour("at", tzinfo=UTC), is_campaign=known)
    rows = hours.values("hour", "reason", "is_campaign").annotate(count=Count("pk"))
    return tuple(
        RefusedHour(row["hour"], row["reason"], bool(row["is_campaign"]), row["count"])
        for row in rows.order_by("hour", "reason", "is_campaign")
    )


def _queued(host: MailHost, at: datetime) -> int:
    """Messages of strangers that waited in the queue at this time."""
    taken = _messages(host).relayed_for_strangers().filter(queued_at__range=(at - IN_QUEUE, at))
    return taken.filter(Q(finished_at=None) | Q(finished_at__gt=at)).count()


def _by_day(refused: RefusalQuerySet) -> tuple[RefusedDay, ...]:
    days = refused.annotate(day=TruncDate("at", tzinfo=UTC)).values("day", "reason")
    rows = days.annotate(count=Count("pk")).order_by("day", "reason")
    return tuple(RefusedDay(row["day"], row["reason"], row["count"]) for row in rows)
