"""Tasks that wait: threats and what is late in important incidents first, then the others."""

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from complaints.evidence.marked import plainly
from incidents.desk.item import Filters, Waiting
from incidents.models import Incident, Task
from incidents.reporting.whyurgent import in_words

SOON = timedelta(hours=24)


def _tasks(filters: Filters, now: datetime) -> "QuerySet[Task]":
    tasks = Task.objects.ready().awake(now).filter(incident__merged_into=None).for_a_row()
    tasks = tasks.exclude(incident__state=Incident.State.CLOSED)
    return tasks if filters.who is None else tasks.filter(taken_by=filters.who)


def _is_urgent(now: datetime) -> Q:
    late = Q(due_at__lt=now, incident__priority__lte=Incident.Priority.HIGH)
    return Q(kind="threat") | late


def urgent_tasks(now: datetime, filters: Filters) -> "QuerySet[Task]":
    """Threats, and what is late in important incidents."""
    tasks = _tasks(filters, now)
    return tasks.filter(kind="threat") if filters.threats else tasks.filter(_is_urgent(now))


def other_tasks(now: datetime, filters: Filters) -> "QuerySet[Task]":
    """All other tasks that can be done now."""
    return _tasks(filters, now).exclude(_is_urgent(now))


def show_task(task: Task, now: datetime) -> Waiting:
    """A task in words."""
    soon = task.due_at is not None and task.due_at < now + SOON
    incident = reverse("incidents:incident", args=[task.incident.reference])
    late = task.due_at is not None and task.due_at < now
    is_urgent = task.kind == "threat" or (late and task.incident.priority <= 2)
    return Waiting(
        rank=1 if is_urgent else 2 if soon else 4,
        source="urgent" if is_urgent else "task",
        pk=task.pk,
        title=task.called,
        why=_why(task),
        about=f"{task.incident.reference} · {task.incident.title}",
        address=f"{incident}#task-{task.pk}",
        at=task.due_at,
        is_due=True,
        subject=task.incident.reference,
        taken_by=task.taken_by.get_username() if task.taken_by else "",
        handle=f"task-{task.pk}",
        acts=("take",),
    )


def _why(task: Task) -> str:
    complaint = task.complaint
    if complaint is None:
        return in_words(task.incident)
    who = plainly(complaint.sender_name or complaint.sender)
    if task.kind == "threat":
        return _("%(who)s threatens to refuse our mail.") % {"who": who}
    named = {"who": who, "complaint": complaint.reference}
    return _("%(who)s waits for an answer to %(complaint)s.") % named


def later_tasks(now: datetime) -> Q:
    """Tasks that are due after those of a day."""
    return Q(due_at__gte=now + SOON) | Q(due_at=None)
