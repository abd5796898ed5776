"""Tasks that wait: threats and what is late in important incidents first, then the others."""

from datetime import timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from complaints.evidence.marked import plainly
from incidents.desk.item import Filters, Moments, Waiting
from incidents.desk.source import address_of
from incidents.models import Incident, Task
from incidents.models.task import in_reader_language
from incidents.reporting.whyurgent import in_words

SOON = timedelta(hours=24)
SHOWN = (
    "pk", "kind", "title", "title_ja", "due_at", "taken_by__username",
    "incident__reference", "incident__title", "incident__priority", "incident__priority_facts",
    "incident__priority_by", "complaint__reference", "complaint__sender", "complaint__sender_name",
)  # fmt: skip


def _tasks(filters: Filters, at: Moments) -> "QuerySet[Task]":
    tasks = Task.objects.ready().awake(at.now).filter(incident__merged_into=None)
    tasks = tasks.exclude(incident__state=Incident.State.CLOSED)
    return tasks if filters.who is None else tasks.filter(taken_by=filters.who)


def _is_urgent(at: Moments) -> Q:
    late = Q(due_at__lt=at.now, incident__priority__lte=Incident.Priority.HIGH)
    return Q(kind="threat") | late


def urgent_tasks(at: Moments, filters: Filters) -> "QuerySet[Task]":
    """Threats, and what is late in important incidents."""
    tasks = _tasks(filters, at)
    return tasks.filter(kind="threat") if filters.threats else tasks.filter(_is_urgent(at))


def other_tasks(at: Moments, filters: Filters) -> "QuerySet[Task]":
    """All other tasks that can be done now."""
    return _tasks(filters, at).exclude(_is_urgent(at))


def show_task(row: Any, at: Moments) -> Waiting:
    """A task in words; `row` has the fields of SHOWN."""
    is_late = row.due_at is not None and row.due_at < at.now
    is_urgent = row.kind == "threat" or (is_late and row.incident__priority <= 2)
    is_soon = row.due_at is not None and row.due_at < at.soon
    return Waiting(
        rank=1 if is_urgent else 2 if is_soon else 4,
        source="urgent" if is_urgent else "task",
        pk=row.pk,
        title=in_reader_language(row.title, row.title_ja),
        why=_why(row),
        about=f"{row.incident__reference} · {row.incident__title}",
        address=f"{address_of('incidents:incident', row.incident__reference)}#task-{row.pk}",
        at=row.due_at,
        is_due=True,
        subject=row.incident__reference,
        taken_by=row.taken_by__username or "",
        handle=f"task-{row.pk}",
        can_take=row.taken_by__username is None,
    )


def _why(row: Any) -> str:
    if row.complaint__reference is None:
        return in_words(
            row.incident__priority, row.incident__priority_facts, row.incident__priority_by
        )
    who = plainly(row.complaint__sender_name or row.complaint__sender)
    if row.kind == "threat":
        return _("%(who)s threatens to refuse our mail.") % {"who": who}
    named = {"who": who, "complaint": row.complaint__reference}
    return _("%(who)s waits for an answer to %(complaint)s.") % named


def later_tasks(at: Moments) -> Q:
    """Tasks that are due after those of a day."""
    return Q(due_at__gte=at.soon) | Q(due_at=None)
