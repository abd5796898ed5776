"""What letters and notices say of an incident: numbers, times with their zone, log lines."""

from datetime import datetime

from django.conf import settings

from complaints.models import Complaint, Link, Organisation, RelayedMessage
from incidents.models import Incident
from incidents.reporting import figures
from incidents.workflow.planning import desk_zone

MOST_SOURCES = 12
MOST_LINES = 12


def facts_of(incident: Incident, complaint: Complaint | None = None) -> dict[str, str]:
    """Every slot a template may have, as text. Nothing in it names a reporter but the own one."""
    organisation = Organisation.objects.first()
    radius = figures.blast_radius(incident)
    return {
        "organisation": organisation.name if organisation else "",
        "incident": incident.reference,
        "host": incident.host.fqdn if incident.host else "",
        "messages": f"{radius.messages:,}",
        "recipients": f"{radius.recipients:,}",
        "first_seen": when(radius.first_at),
        "last_seen": when(radius.last_at),
        "sources": _sources(incident),
        "log_lines": _log_lines(incident),
        "fixed_at": when(incident.fixed_at),
        "notices_url": f"{settings.MEYASU_PUBLIC_URL}/notices/",
        "reporter": _name(complaint),
        "subject_of_complaint": complaint.subject if complaint else "",
        "complaint": complaint.reference if complaint else "",
        "their_messages": _their_messages(complaint),
        "advertised": _advertised(incident),
    }


def when(at: datetime | None) -> str:
    """A time in the zone of the desk, with the zone."""
    if at is None:
        return "-"
    local = at.astimezone(desk_zone())
    return f"{local:%d %B %Y, %H:%M} ({local:%Z})"


def _name(complaint: Complaint | None) -> str:
    if complaint is None:
        return ""
    return complaint.sender_name or complaint.sender


def _sources(incident: Incident) -> str:
    sources = figures.sources(incident)[:MOST_SOURCES]
    return "\n".join(
        f"  {row['client_ip']}  {row['client_name'] or '-'}  {row['count']} messages"
        for row in sources
    )


def _log_lines(incident: Incident) -> str:
    messages = RelayedMessage.objects.filter(campaigns__incident=incident).distinct()
    heads = [row.log_lines.split("\n", 1)[0] for row in messages.order_by("queued_at")[:MOST_LINES]]
    return "\n".join(f"  {line}" for line in heads)


def _their_messages(complaint: Complaint | None) -> str:
    """What our log has of the messages this reporter complained of, and of nobody else's."""
    if complaint is None:
        return ""
    links = complaint.links.filter(state__in=Link.HOLDING).select_related("message")
    return "\n".join(
        f"  {when(link.message.queued_at)}, queue ID {link.message.queue_id}" for link in links
    )


def _advertised(incident: Incident) -> str:
    titles = incident.campaigns.filter(merged_into=None).values_list("title", flat=True)
    return "\n".join(f"  {title}" for title in titles)
