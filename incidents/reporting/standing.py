"""How the desk stands now: what is open, what is late, and with whom it is."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from incidents.models import Incident, Letter, Task


@dataclass(frozen=True, slots=True)
class Standing:
    """The desk at one moment."""

    open_incidents: int
    urgent_incidents: int
    tasks_overdue: int
    letters_to_judge: int


@dataclass(frozen=True, slots=True)
class Load:
    """The open tasks that one person has taken; `user_id` is None for those nobody has."""

    user_id: int | None
    name: str
    tasks: int
    overdue: int


def standing(now: datetime) -> Standing:
    """What is open and late at this moment."""
    counted = Incident.objects.open().aggregate(
        all=Count("pk"), urgent=Count("pk", filter=Q(priority=Incident.Priority.URGENT))
    )
    return Standing(
        open_incidents=counted["all"],
        urgent_incidents=counted["urgent"],
        tasks_overdue=Task.objects.ready().filter(due_at__lt=now).count(),
        letters_to_judge=Letter.objects.to_judge().count(),
    )


def loads(now: datetime) -> list[Load]:
    """The open tasks of open incidents by who has taken them, most first."""
    tasks = Task.objects.open().filter(incident__in=Incident.objects.open()).order_by()
    rows = tasks.values_list("taken_by_id", "taken_by__username").annotate(
        tasks=Count("pk"), overdue=Count("pk", filter=Q(due_at__lt=now))
    )
    return [Load(key, name or "", *counts) for key, name, *counts in rows.order_by("-tasks")]
