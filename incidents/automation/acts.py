"""What a rule can do, each as one function: raise the priority, assign, add a task, tell.

Call them inside a transaction. Each says whether it changed anything.
"""

from datetime import datetime, timedelta

from complaints import audit
from incidents.automation.cases import Case
from incidents.automation.terms import Act, Terms
from incidents.models import Incident, Nudge, Task
from incidents.playbooks.playbook import TaskPlan
from incidents.workflow import handling, planning

MOST_TASKS = 100


def do(act: Act, terms: Terms, case: Case, *, now: datetime) -> bool:
    """Do one act of a rule about a case."""
    done = {"priority": _raise, "assign": _assign, "task": _add_task, "tell": _tell}
    return done[act.what](act, terms, case, now=now)


def _raise(act: Act, terms: Terms, case: Case, *, now: datetime) -> bool:
    """Only upwards, and never over what a person said."""
    incident, to = case.incident, act.values["to"]
    if incident.priority <= to or incident.priority_by:
        return False
    lower = Incident.objects.filter(pk=incident.pk, priority__gt=to, priority_by="")
    if not lower.update(priority=to, priority_by=f"rule {terms.name}"):
        return False
    before, incident.priority = incident.priority, to
    incident.priority_by = f"rule {terms.name}"
    audit.record(
        "priority-set", incident, at=now, incident=incident.reference, before=before, after=to
    )
    return True


def _assign(act: Act, terms: Terms, case: Case, *, now: datetime) -> bool:
    """The open tasks of the complaint; those of the incident that nobody has, if it has none."""
    tasks = case.incident.tasks.filter(state=Task.State.OPEN).select_related("incident")
    of_complaint = list(tasks.filter(complaint=case.complaint)) if case.complaint else []
    chosen = of_complaint or list(tasks.filter(complaint=None, taken_by=None)[:MOST_TASKS])
    changed = False
    for task in chosen:
        changed |= _give(task, act.values["role"], act.values["person"], terms, now=now)
    return changed


def _give(task: Task, role: str, person: str, terms: Terms, *, now: datetime) -> bool:
    changed = False
    if role and task.role != role:
        Task.objects.filter(pk=task.pk).update(role=role)
        audit.record(
            "task-for-role",
            task,
            at=now,
            incident=task.incident.reference,
            kind=task.kind,
            after=role,
        )
        changed = True
    if not person or task.taken_by_id is not None:
        return changed
    colleague = handling.colleagues().filter(username=person).first()
    if colleague is None:  # who has left the desk since gets nothing
        return changed
    handling.hand_over(task, to=colleague, note=f"rule {terms.name}", by=None, now=now)
    return True


def _add_task(act: Act, terms: Terms, case: Case, *, now: datetime) -> bool:
    """Once for each incident and complaint, whatever became of it."""
    plan = TaskPlan(
        kind=planning.BY_RULE + terms.name,
        title=terms.task,
        title_ja=terms.task_ja,
        explanation="",
        due=timedelta(hours=terms.task_hours),
        in_working_hours=False,
        role=terms.task_role or "agent",
    )
    due_at = act.values["due_at"]
    made = planning.add(case.incident, plan, complaint=case.complaint, due_at=due_at, now=now)
    return made is not None


def _tell(act: Act, terms: Terms, case: Case, *, now: datetime) -> bool:
    Nudge.objects.create(
        kind=Nudge.Kind.RULE,
        incident=case.incident,
        for_role=act.values["role"],
        why=terms.name,
        made_at=now,
    )
    return True
