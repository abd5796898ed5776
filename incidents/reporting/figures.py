"""Figures of incidents: how far the abuse went, how long each step took. The heaviest SQL."""

from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any

from django.db.models import Count, Model, OuterRef, Subquery
from django.db.models.functions import Coalesce, TruncDate

from complaints.models import Complaint, MailHost, Refusal, RelayedMessage
from complaints.querysets import RefusalQuerySet, RelayedMessageQuerySet
from incidents.models import Campaign, Incident, IncidentComplaint
from incidents.workflow.planning import desk_zone


@dataclass(frozen=True, slots=True)
class BlastRadius:
    """How far an abuse went, by the relayed messages of its campaigns."""

    messages: int
    recipients: int
    recipient_domains: int
    sources: int
    senders: int
    first_at: datetime | None
    last_at: datetime | None
    complaints: int

    @property
    def share(self) -> float | None:
        """Complaints by recipients, as a share; None where the log knows no recipient."""
        return self.complaints / self.recipients if self.recipients else None


@dataclass(frozen=True, slots=True)
class HeadlineTimes:
    """Calendar days from discovery to each step, by the days of the desk; None while it lasts."""

    to_notice: int | None
    to_partial_fix: int | None
    to_fix: int | None


def messages_of(incident: Incident) -> RelayedMessageQuerySet:
    """The relayed messages of an incident's campaigns, each once."""
    campaigns = RelayedMessage.campaigns.through.objects.filter(campaign__incident=incident).values(
        "relayedmessage_id"
    )
    return RelayedMessage.objects.filter(pk__in=campaigns)


def blast_radius(incident: Incident) -> BlastRadius:
    """Messages, recipients, sources and time of an incident."""
    extent = messages_of(incident).extent()
    return BlastRadius(**extent, complaints=incident.memberships.count())


def headline_times(incident: Incident, *, zone: tzinfo | None = None) -> HeadlineTimes:
    """The three times that every report begins with.

    zone  that of the desk, from whoever asks for many incidents; else it is looked up
    """
    zone = zone or desk_zone()

    def days(at: datetime | None) -> int | None:
        if at is None:
            return None
        return (_day(at, zone) - _day(incident.discovered_at, zone)).days

    return HeadlineTimes(
        days(incident.notice_published_at),
        days(incident.partially_fixed_at),
        days(incident.fixed_at),
    )


def sources(incident: Incident) -> list[dict[str, Any]]:
    """Rows {client_ip, client_name, count}: where the messages came from, most first."""
    return sources_in(messages_of(incident))


def campaigns(incident: Incident) -> list[Campaign]:
    """The campaigns of an incident with `message_count` and `complaint_count`."""
    return list(
        incident.campaigns.filter(merged_into=None).annotate(
            message_count=_rows_of_campaign(Campaign.messages.through),
            complaint_count=_rows_of_campaign(IncidentComplaint.campaigns.through),
        )
    )


def _rows_of_campaign(table: type[Model]) -> Coalesce:
    """How many rows of a joining table a campaign has: one count each, never their product."""
    rows = table._default_manager.filter(campaign_id=OuterRef("pk")).order_by()
    counted = rows.values("campaign_id").annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counted), 0)


def sources_in(messages: RelayedMessageQuerySet) -> list[dict[str, Any]]:
    """Rows {client_ip, client_name, count} of these messages, most first, at most 100."""
    rows = messages.values("client_ip", "client_name").annotate(count=Count("pk"))
    return [dict(row) for row in rows.order_by("-count", "client_ip")[:100]]


def refused_per_day(
    incident: Incident, *, since: datetime | None = None, zone: tzinfo | None = None
) -> list[tuple[date, int]]:
    """(day, refused attempts to relay) on the incident's host since it was discovered."""
    if incident.host is None:
        return []
    start = since or incident.discovered_at
    return _strangers_refused(incident.host, start).per_day(zone or desk_zone())


def refused_since_fix(incident: Incident) -> int:
    """How often relaying was refused since the hole was closed."""
    if incident.fixed_at is None or incident.host is None:
        return 0
    return _strangers_refused(incident.host, incident.fixed_at).count()


def complaints_per_day(incident: Incident, *, zone: tzinfo | None = None) -> list[tuple[date, int]]:
    """(day, complaints) of an incident, by the days of the desk."""
    zone = zone or desk_zone()
    days = Complaint.objects.filter(incidents=incident).annotate(
        day=TruncDate("arrived_at", tzinfo=zone)
    )
    rows = days.values("day").annotate(count=Count("pk")).order_by("day")
    return [(row["day"], row["count"]) for row in rows]


def relayed_per_day(incident: Incident, *, zone: tzinfo) -> list[tuple[date, int]]:
    """(day, messages relayed) of an incident, by the days of a zone."""
    days = messages_of(incident).annotate(day=TruncDate("queued_at", tzinfo=zone))
    rows = days.values("day").annotate(count=Count("pk")).order_by("day")
    return [(row["day"], row["count"]) for row in rows]


def counts() -> dict[str, int]:
    """Open incidents, complaints by where they stand, and mail that waits for a person."""
    stages = dict(Complaint.objects.values_list("stage").annotate(Count("pk")))
    return {
        "open_incidents": Incident.objects.open().count(),
        "incidents": Incident.objects.filter(merged_into=None).count(),
        **{stage.replace("-", "_"): stages.get(stage, 0) for stage in Complaint.Stage.values},
    }


def _strangers_refused(host: MailHost, since: datetime) -> RefusalQuerySet:
    """Refused attempts of others: our own probes are no attempts to relay."""
    own = ["127.0.0.1", "::1", *host.addresses]
    refused = Refusal.objects.of_relaying().filter(host=host, at__gte=since)
    return refused.exclude(client_ip__in=own)


def _day(at: datetime, zone: tzinfo) -> date:
    return at.astimezone(zone).date()
