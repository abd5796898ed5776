"""Reminds of tasks before they are due, and tells the lead of late ones: each once, by a row."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef

from complaints import audit
from incidents.models import Incident, Nudge, Task
from incidents.playbooks.playbook import Playbook, TaskPlan
from incidents.workflow import inforce

# No playbook reminds earlier: later tasks need not be looked at.
EARLIEST = timedelta(days=14)
AT_ONCE = 500
BY_DEFAULT = TaskPlan(kind="", title="", explanation="", due=timedelta(0))
Kind = Nudge.Kind


def remind_due(*, now: datetime) -> int:
    """Say each reminder and each escalation whose time has come; how many were said.

    A task that waits for another or is put off is not due for anybody.
    """
    playbooks: dict[int | str, Playbook] = {}
    said = 0
    for task in _candidates(now):
        plan = _plan(task, playbooks)
        for kind in _wanted(task, plan, now=now):
            said += _say(task, kind, now=now)
    return said


def _candidates(now: datetime) -> Iterable[Task]:
    told = Nudge.objects.filter(task=OuterRef("pk"), kind=Kind.LATE, due_at=OuterRef("due_at"))
    tasks = (
        Task.objects.ready()
        .awake(now)
        .filter(due_at__lte=now + EARLIEST, incident__merged_into=None)
        .exclude(incident__state=Incident.State.CLOSED)
        .exclude(Exists(told))
        .select_related("incident__playbook_version", "taken_by")
    )
    return list(tasks[:AT_ONCE])


def _plan(task: Task, playbooks: dict[int | str, Playbook]) -> TaskPlan:
    incident = task.incident
    key = incident.playbook_version_id or incident.kind
    if key not in playbooks:
        playbooks[key] = inforce.playbook_of(incident)
    return playbooks[key].plan(task.kind) or BY_DEFAULT


def _wanted(task: Task, plan: TaskPlan, *, now: datetime) -> list[str]:
    if task.due_at is None:
        return []
    if now >= task.due_at:
        after = plan.escalate_after
        return [Kind.LATE] if after is not None and now >= task.due_at + after else []
    before = plan.remind_before
    # One that was due so soon when it was planned is not news.
    is_news = before is not None and task.due_at - before > task.created_at
    return [Kind.REMINDER] if before and is_news and now >= task.due_at - before else []


def _say(task: Task, kind: str, *, now: datetime) -> bool:
    """The row is the claim: its constraint keeps a second worker, or a second round, silent."""
    if Nudge.objects.filter(task=task, kind=kind, due_at=task.due_at).exists():
        return False
    try:
        with transaction.atomic():
            still = Task.objects.filter(pk=task.pk, state=Task.State.OPEN, due_at=task.due_at)
            if not still.exists():
                return False
            Nudge.objects.create(
                kind=kind,
                incident=task.incident,
                task=task,
                for_user=task.taken_by if kind == Kind.REMINDER else None,
                for_role="lead" if kind == Kind.LATE else task.role,
                due_at=task.due_at,
                why="",
                made_at=now,
            )
            audit.record(
                "task-late" if kind == Kind.LATE else "task-reminded",
                task,
                at=now,
                incident=task.incident.reference,
                kind=task.kind,
                due_at=task.due_at,
            )
    except IntegrityError:
        return False
    return True
