"""A playbook to Tasks with due times; planning again plans nothing twice."""

from datetime import datetime, timedelta, timezone, tzinfo

from django.db.models import Max

from complaints import audit
from complaints.models import Complaint, Organisation
from incidents.models import Incident, Task
from incidents.playbooks import registry
from incidents.playbooks.playbook import TaskPlan
from incidents.workflow import sla


def plan_incident(incident: Incident, *, now: datetime) -> list[Task]:
    """Make the tasks that the incident's playbook has and the incident lacks.

    Call it inside a transaction. Tasks that were finished or dropped are not made again.
    """
    plans = [plan for plan in registry.playbook(incident.kind).tasks if not plan.for_each]
    return _make(incident, plans, complaint=None, start=now, now=now)


def plan_for_complaint(incident: Incident, complaint: Complaint, *, now: datetime) -> list[Task]:
    """Make the tasks that this complaint asks for: an answer, and more if it threatens."""
    wanted = _wanted(complaint)
    plans = [plan for plan in registry.playbook(incident.kind).tasks if plan.for_each == wanted]
    made = _make(incident, plans, complaint=complaint, start=complaint.arrived_at, now=now)
    if wanted == "threat" and incident.priority > Incident.Priority.URGENT:
        Incident.objects.filter(pk=incident.pk).update(priority=Incident.Priority.URGENT)
        incident.priority = Incident.Priority.URGENT
        audit.record(
            "priority-raised",
            incident,
            at=now,
            incident=incident.reference,
            why=f"{complaint.reference} threatens to refuse our mail",
        )
    return made


def desk_zone() -> tzinfo:
    """The zone of the organisation, in which the desk's hours are."""
    organisation = Organisation.objects.only("utc_offset").first()
    offset = organisation.utc_offset if organisation else "+00:00"
    sign = -1 if offset.startswith("-") else 1
    hours, _, minutes = offset.lstrip("+-").partition(":")
    return timezone(sign * timedelta(hours=int(hours or 0), minutes=int(minutes or 0)))


def _wanted(complaint: Complaint) -> str:
    if complaint.threatens_block:
        return "threat"
    if complaint.reporter_kind == "csirt":
        return "csirt"
    # Nobody reads an answer to a machine, and a loop would begin (RFC 3834, section 2).
    if complaint.is_automatic or not complaint.sender:
        return "nobody"
    return "reporter"


def _make(
    incident: Incident,
    plans: list[TaskPlan],
    *,
    complaint: Complaint | None,
    start: datetime,
    now: datetime,
) -> list[Task]:
    have = set(incident.tasks.filter(complaint=complaint).values_list("kind", flat=True))
    last = incident.tasks.aggregate(last=Max("number"))["last"] or 0
    zone = desk_zone()
    made = []
    for number, plan in enumerate(plans, start=last + 1):
        if plan.kind in have:
            continue
        due = sla.due_at(start, plan.due, zone=zone, working_hours=plan.in_working_hours)
        task = Task.objects.create(
            incident=incident,
            kind=plan.kind,
            title=plan.title,
            explanation=plan.explanation,
            role=plan.role,
            number=number,
            due_at=due,
            created_at=now,
            complaint=complaint,
        )
        blockers = incident.tasks.filter(kind__in=plan.after, complaint=None)
        task.waits_for.set(blockers)
        audit.record(
            "task-planned",
            task,
            at=now,
            incident=incident.reference,
            kind=plan.kind,
            due_at=due,
        )
        made.append(task)
    return made
