"""How far an incident went, day by day and by source, as its page shows it.

That of a small incident is counted when somebody looks. Counting a large one takes long, so it is
kept with the incident's figures, which are made anew within a minute of what happens in it.
"""

from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

from complaints.models import RelayedMessage
from incidents.models import Incident, IncidentFigure
from incidents.reporting import figures
from incidents.reporting.figures import BlastRadius
from incidents.workflow.planning import desk_zone

# Messages or complaints from which an incident is large.
LARGE = 1000
MOST_SOURCES = 20

Days = list[tuple[date, int]]


@dataclass(frozen=True, slots=True)
class Extent:
    """What is counted over the messages and complaints of an incident, day by day and by source.

    sources     rows {client_ip, client_name, count}, most first
    counted_at  None where it is counted now
    """

    relayed: Days
    complaints: Days
    sources: list[dict[str, Any]]
    counted_at: datetime | None = None


def radius_of(incident: Incident) -> tuple[BlastRadius, datetime | None]:
    """How far it went, and when that was counted; None for now."""
    kept, counted_at = _kept(incident)
    if not kept:
        return figures.blast_radius(incident), None
    radius = BlastRadius(**kept["radius"])
    return replace(radius, first_at=_at(radius.first_at), last_at=_at(radius.last_at)), counted_at


def extent_of(incident: Incident) -> Extent:
    """How far it went, counted now or, for a large one, lately."""
    kept, counted_at = _kept(incident)
    if not kept:
        return count_extent(incident)
    return Extent(_days(kept["relayed"]), _days(kept["complaints"]), kept["sources"], counted_at)


def count_extent(incident: Incident) -> Extent:
    """How far it went, counted now."""
    zone = desk_zone()
    return Extent(
        relayed=figures.relayed_per_day(incident, zone=zone),
        complaints=figures.complaints_per_day(incident, zone=zone),
        sources=figures.sources(incident)[:MOST_SOURCES],
    )


def is_large(incident: Incident) -> bool:
    """Whether counting it takes long; asked of indexes, no further than needed."""
    through = RelayedMessage.campaigns.through.objects.filter(campaign__incident=incident)
    return any(
        rows[LARGE : LARGE + 1].exists()
        for rows in (through.order_by(), incident.memberships.order_by())
    )


def to_keep(incident: Incident) -> dict[str, Any]:
    """What is kept of a large incident, as JSON; {} for a small one."""
    if not is_large(incident):
        return {}
    found = count_extent(incident)
    radius = asdict(figures.blast_radius(incident))
    for name in ("first_at", "last_at"):
        radius[name] = radius[name].isoformat() if radius[name] else None
    return {
        "radius": radius,
        "relayed": [[day.isoformat(), count] for day, count in found.relayed],
        "complaints": [[day.isoformat(), count] for day, count in found.complaints],
        "sources": found.sources,
    }


def _kept(incident: Incident) -> tuple[dict[str, Any], datetime | None]:
    """What is kept of it as JSON, {} for nothing, and of when it is."""
    row = IncidentFigure.objects.filter(incident=incident).values_list("extent", "counted_at")
    return row.first() or ({}, None)


def _at(text: Any) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _days(rows: list[list[Any]]) -> Days:
    return [(date.fromisoformat(day), count) for day, count in rows]
