"""Figures of the whole desk for those who lead it: how much, how long, who."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from django.db.models import Count, Min

from complaints.models import AuditEntry, Complaint
from incidents.models import Incident, Letter, Task
from incidents.reporting import figures
from incidents.workflow.planning import desk_zone

LOOKED_BACK = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Overview:
    """The desk at one moment; medians are in days over the incidents of the last year.

    complaints_this_month   mails that proved to be complaints, since the first of the month
                            in the zone of the desk; the month before in whole
    """

    open_incidents: int
    urgent_incidents: int
    tasks_overdue: int
    letters_to_judge: int
    complaints_this_month: int
    complaints_last_month: int
    median_days_to_notice: float | None
    median_days_to_partial_fix: float | None
    median_days_to_fix: float | None


def overview(now: datetime) -> Overview:
    """The first figures that whoever leads the desk asks for."""
    zone = desk_zone()
    this_month = now.astimezone(zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    last_month = (this_month - timedelta(days=1)).replace(day=1)
    opened = Incident.objects.open()
    recent = Incident.objects.filter(merged_into=None, discovered_at__gt=now - LOOKED_BACK)
    times = [figures.headline_times(incident, zone=zone) for incident in recent]
    return Overview(
        open_incidents=opened.count(),
        urgent_incidents=opened.filter(priority=Incident.Priority.URGENT).count(),
        tasks_overdue=Task.objects.ready().filter(due_at__lt=now).count(),
        letters_to_judge=Letter.objects.to_judge().count(),
        complaints_this_month=_complaints(this_month, now),
        complaints_last_month=_complaints(last_month, this_month),
        median_days_to_notice=_median(one.to_notice for one in times),
        median_days_to_partial_fix=_median(one.to_partial_fix for one in times),
        median_days_to_fix=_median(one.to_fix for one in times),
    )


def by_kind_and_state() -> list[tuple[str, str, int]]:
    """(kind, state, incidents) for each pair there is, merged ones left out."""
    standing = Incident.objects.filter(merged_into=None)
    rows = standing.values_list("kind", "state").annotate(count=Count("pk"))
    return list(rows.order_by("kind", "state"))


def who_did_what(since: datetime, until: datetime) -> list[tuple[str, str, int]]:
    """(who, act, how often) in a span of time, by the history; the program's own acts left out."""
    acts = AuditEntry.objects.filter(at__gte=since, at__lt=until, user__isnull=False)
    rows = acts.values_list("actor", "action").annotate(count=Count("pk"))
    return list(rows.order_by("actor", "-count", "action"))


def days_to_first_answer(since: datetime) -> float | None:
    """Median of the days between a complaint and the first letter that answers it."""
    answered = Complaint.objects.filter(arrived_at__gte=since, answers__sent_at__isnull=False)
    rows = answered.annotate(first=Min("answers__sent_at")).values_list("arrived_at", "first")
    days = [(first - arrived) / timedelta(days=1) for arrived, first in rows if first]
    return median(days) if days else None


def _complaints(start: datetime, end: datetime) -> int:
    no_complaint = (Complaint.Stage.SET_ASIDE, Complaint.Stage.FILED, Complaint.Stage.DUPLICATE)
    arrived = Complaint.objects.filter(arrived_at__gte=start, arrived_at__lt=end)
    return arrived.exclude(stage__in=no_complaint).count()


def _median(days: Iterable[int | None]) -> float | None:
    known = [day for day in days if day is not None]
    return median(known) if known else None
