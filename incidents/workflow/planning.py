"""A playbook to Tasks with due times; planning again plans nothing twice."""

from datetime import datetime, tzinfo

from django.conf import settings

from complaints import audit, organisation
from complaints.models import AuditEntry, Complaint
from complaints.organisation import zone_of_offset
from incidents.models import ChecklistLine, Incident, Task
from incidents.playbooks.playbook import TaskPlan
from incidents.workflow import inforce, planned, sla, threats
from incidents.workflow.answerable import is_answerable

# How the kinds of tasks begin that rules add; no playbook plans them, and none drops them.
BY_RULE = "rule-"


def plan_incident(incident: Incident, *, now: datetime) -> list[Task]:
    """Make the tasks that the incident's playbook has and the incident lacks.

    Call it inside a transaction. Tasks that were finished or dropped are not made again. The
    version of the playbook that is in force now stays the incident's own.
    """
    _pin(incident)
    plans = [plan for plan in inforce.playbook_of(incident).tasks if not plan.for_each]
    return _make(incident, plans, complaint=None, start=now, now=now)


def plan_for_complaint(incident: Incident, complaint: Complaint, *, now: datetime) -> list[Task]:
    """Make the tasks that this complaint asks for: an answer, and more if it threatens.

    Call it inside a transaction.
    """
    wanted = _wanted(incident, complaint, now=now)
    plans = [plan for plan in inforce.playbook_of(incident).tasks if plan.for_each == wanted]
    made = _make(incident, plans, complaint=complaint, start=complaint.arrived_at, now=now)
    if wanted == "threat":
        _be_due_by(complaint.answer_by, made, now=now)
        threats.note_from(incident, complaint, now=now)
        _raise_priority(incident, complaint, now=now)
    return made


def add(
    incident: Incident,
    plan: TaskPlan,
    *,
    complaint: Complaint | None,
    due_at: datetime,
    now: datetime,
) -> Task | None:
    """One task beside the playbook, due at a time; None if there is, or was, one of its kind.

    Call it inside a transaction.
    """
    if plan.kind in planned.kinds(incident, complaint):
        return None
    number = planned.last_number(incident) + 1
    task = _make_task(incident, plan, complaint=complaint, number=number, start=now, now=now)
    Task.objects.filter(pk=task.pk).update(due_at=due_at)
    task.due_at = due_at
    return task


def due_at(task: Task, *, start: datetime) -> datetime | None:
    """When a task is due if its time runs from `start`; unchanged if no playbook plans it."""
    plan = inforce.playbook_of(task.incident).plan(task.kind)
    return _due(plan, start) if plan else task.due_at


def wait_as_planned(incident: Incident, plans: tuple[TaskPlan, ...]) -> None:
    """Let the incident's tasks wait for what these plans say, whatever they waited for before."""
    tasks = {task.kind: task for task in incident.tasks.filter(complaint=None)}
    for plan in plans:
        if plan.kind in tasks and not plan.for_each:
            tasks[plan.kind].waits_for.set(tasks[name] for name in plan.after if name in tasks)


def desk_zone() -> tzinfo:
    """The zone of the organisation, in which the desk's hours are."""
    return zone_of_offset(desk_offset())


def desk_offset() -> str:
    """How far the clocks of the desk are from UTC, as +09:00."""
    ours = organisation.row()
    return ours.utc_offset if ours else "+00:00"


def own_addresses() -> frozenset[str]:
    """The addresses at which we are written to, and ours as a sender, in lower case."""
    ours = organisation.row()
    listed = ours.mailboxes if ours else []
    sender = str(settings.DEFAULT_FROM_EMAIL).rpartition("<")[2].rstrip(">")
    return frozenset(address.strip().lower() for address in [*listed, sender])


def _pin(incident: Incident) -> None:
    if incident.playbook_version is None:
        incident.playbook_version = inforce.current(incident.kind)
        Incident.objects.filter(pk=incident.pk).update(playbook_version=incident.playbook_version)


def _wanted(incident: Incident, complaint: Complaint, *, now: datetime) -> str:
    """What kind of task this complaint needs: one of TaskPlan.for_each, "nobody" for none."""
    if complaint.threatens_block:
        return "threat"
    if not is_answerable(
        complaint.sender,
        ours=own_addresses(),
        complaint_format=complaint.format,
        is_automatic=complaint.is_automatic,
    ):
        return "nobody"
    if complaint.reporter_kind == "csirt":
        return "csirt"
    return "nobody" if planned.has_answer(incident, complaint, now=now) else "reporter"


def _be_due_by(deadline: datetime | None, tasks: list[Task], *, now: datetime) -> None:
    """Who says by when is answered by then, where that is sooner than planned and not over."""
    if deadline is None or deadline <= now:
        return
    for task in tasks:
        if task.due_at is None or deadline < task.due_at:
            Task.objects.filter(pk=task.pk).update(due_at=deadline)
            task.due_at = deadline


def _raise_priority(incident: Incident, complaint: Complaint, *, now: datetime) -> None:
    urgent = Incident.Priority.URGENT
    by_nobody = Incident.objects.filter(pk=incident.pk, priority_by="", priority__gt=urgent)
    if not by_nobody.update(priority=urgent):
        return
    incident.priority = urgent
    audit.record(
        "priority-raised",
        incident,
        at=now,
        incident=incident.reference,
        why=f"{complaint.reference} threatens to refuse our mail",
    )


def _make(
    incident: Incident,
    plans: list[TaskPlan],
    *,
    complaint: Complaint | None,
    start: datetime,
    now: datetime,
) -> list[Task]:
    have = planned.kinds(incident, complaint)
    last = planned.last_number(incident)
    missing = [plan for plan in plans if plan.kind not in have]
    made = []
    for number, plan in enumerate(missing, start=last + 1):
        task = _make_task(incident, plan, complaint=complaint, number=number, start=start, now=now)
        made.append(task)
    if complaint is None:
        wait_as_planned(incident, inforce.playbook_of(incident).tasks)
    else:
        _wait_for_the_incidents(incident, made, missing)
    return made


def _make_task(
    incident: Incident,
    plan: TaskPlan,
    *,
    complaint: Complaint | None,
    number: int,
    start: datetime,
    now: datetime,
) -> Task:
    task = Task(
        incident=incident,
        kind=plan.kind,
        title=plan.title,
        title_ja=plan.title_ja,
        explanation=plan.explanation,
        explanation_ja=plan.explanation_ja,
        role=plan.role,
        number=number,
        due_at=_due(plan, start),
        created_at=now,
        complaint=complaint,
    )
    if _stands_alone(plan) and planned.is_among_others(complaint):
        planned.write_later(task, _told(task, now=now))
    else:
        task.save()
        ChecklistLine.objects.bulk_create(
            ChecklistLine(task=task, number=place, words=words[:255], words_ja=japanese[:255])
            for place, (words, japanese) in enumerate(_lines(plan), start=1)
        )
        _told(task, now=now)
    planned.note(task)
    return task


def _stands_alone(plan: TaskPlan) -> bool:
    """Whether no other row needs to know its task: an answer, as nearly every complaint has one."""
    return plan.for_each == "reporter" and not plan.checklist and not plan.after


def _told(task: Task, *, now: datetime) -> AuditEntry:
    return audit.record(
        "task-planned",
        task,
        at=now,
        incident=task.incident.reference,
        kind=task.kind,
        due_at=task.due_at,
    )


def _lines(plan: TaskPlan) -> list[tuple[str, str]]:
    japanese = [*plan.checklist_ja, *[""] * len(plan.checklist)]
    return list(zip(plan.checklist, japanese, strict=False))


def _wait_for_the_incidents(incident: Incident, made: list[Task], plans: list[TaskPlan]) -> None:
    """Tasks of a complaint wait for tasks of the incident."""
    for task, plan in zip(made, plans, strict=True):
        if plan.after:
            task.waits_for.set(incident.tasks.filter(kind__in=plan.after, complaint=None))


def _due(plan: TaskPlan, start: datetime) -> datetime:
    return sla.due_at(start, plan.due, zone=desk_zone(), working_hours=plan.in_working_hours)
