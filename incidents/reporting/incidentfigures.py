"""One incident in figures: what an IncidentFigure holds. Counted anew, never added to."""

from collections.abc import Iterable
from datetime import datetime
from ipaddress import ip_address, ip_network
from typing import Any

from django.db.models import Count, F, Min, Q

from complaints.models import AuditEntry, Network
from incidents.models import Incident, IncidentFigure, Letter, ProbeRun, Task
from incidents.reporting import extent, figures
from incidents.reporting.networks import Origins


def count_incident(incident: Incident, *, origins: Origins, now: datetime) -> IncidentFigure:
    """The figures of an incident as they are now; not saved.

    origins  whose the networks of the Internet are, as far as the desk has a table of them
    """
    sources = figures.sources(incident)
    source = sources[0]["client_ip"] if sources else ""
    origin = origins.of(source)
    radius = figures.blast_radius(incident)
    return IncidentFigure(
        incident=incident,
        first_action_at=_first_act(incident),
        first_letter_at=_first_letter(incident),
        complaints=radius.complaints,
        messages=radius.messages,
        recipients=radius.recipients,
        source_ip=source,
        as_number=origin.number if origin else None,
        as_name=origin.name if origin else "",
        country=origin.country if origin else "",
        customer_id=_customer_of(source),
        verdict=_last_verdict(incident),
        extent=extent.to_keep(incident),
        relapses=_relapses(incident),
        counted_at=now,
        **_tasks(incident),
    )


def save(rows: Iterable[IncidentFigure]) -> None:
    """Put the figures in the place of those that were counted before."""
    names = [field.name for field in IncidentFigure._meta.fields if not field.primary_key]
    IncidentFigure.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["incident"], update_fields=names
    )


def _history(incident: Incident) -> Any:
    return AuditEntry.objects.filter(incident_reference=incident.reference)


def _first_act(incident: Incident) -> datetime | None:
    acts = _history(incident).filter(user__isnull=False).aggregate(at=Min("at"))
    first: datetime | None = acts["at"]
    return first


def _relapses(incident: Incident) -> int:
    count: int = _history(incident).filter(action="incident-relapsed").count()
    return count


def _first_letter(incident: Incident) -> datetime | None:
    sent = Letter.objects.filter(incident=incident, state=Letter.State.SENT)
    first: datetime | None = sent.aggregate(at=Min("sent_at"))["at"]
    return first


def _last_verdict(incident: Incident) -> str:
    runs = ProbeRun.objects.filter(incident=incident, finished_at__isnull=False)
    verdict = runs.order_by("-finished_at").values_list("verdict", flat=True).first()
    return verdict or ""


def _tasks(incident: Incident) -> dict[str, int]:
    """How many tasks were done by their time, and how many after it."""
    done = incident.tasks.filter(state=Task.State.DONE, due_at__isnull=False)
    counted = done.aggregate(
        tasks_kept=Count("pk", filter=Q(finished_at__lte=F("due_at"))),
        tasks_late=Count("pk", filter=Q(finished_at__gt=F("due_at"))),
    )
    return dict(counted)


def _customer_of(source: str) -> int | None:
    """The customer in whose network an address lies: of several, the one with the smallest."""
    if not source:
        return None
    address = ip_address(source)
    networks = Network.objects.filter(customer__isnull=False).values_list("prefix", "customer_id")
    within = [
        (network.prefixlen, customer)
        for prefix, customer in networks
        if address in (network := ip_network(prefix, strict=False))
    ]
    return max(within)[1] if within else None
