"""Plans an incident anew: by another kind's playbook, or the newest version of its own."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from complaints import audit
from complaints.audit import Actor
from incidents.models import Incident, PlaybookVersion, Task
from incidents.playbooks.playbook import Playbook, TaskPlan
from incidents.workflow import inforce, planning
from incidents.workflow.moves import NotAllowed

# What was done to a task before its plan changed keeps it, whatever the new playbook says.
REPLACED = "replaced"


def change_kind(incident: Incident, kind: str, *, by: Actor, now: datetime) -> None:
    """Say that an incident is of another kind: its tasks are those of that kind's playbook.

    What was finished stays as it is, and counts where the new playbook has it too. What is open
    and begun (taken, commented, ticked, with a letter) stays open; what is open and untouched
    ends as *replaced* where the new playbook does not have it.
    raises   NotAllowed for a closed incident, or a kind without a playbook
    """
    version = PlaybookVersion.objects.filter(kind=kind, is_current=True).first()
    if version is None:
        raise NotAllowed(_("There is no playbook for “%(kind)s”.") % {"kind": kind})
    _plan_by(incident, version, by=by, now=now)


def use_newest(incident: Incident, *, by: Actor, now: datetime) -> None:
    """Follow the version of the incident's playbook that is in force now."""
    version = inforce.current(incident.kind)
    if version is not None:
        _plan_by(incident, version, by=by, now=now)


@dataclass(frozen=True, slots=True)
class Preview:
    """What following another playbook would do to the tasks of an incident.

    added     tasks that it plans and the incident does not have
    back      tasks that an earlier change ended as *replaced*, and that come back
    kept      open tasks that it plans too
    begun     open tasks that it does not plan, but that somebody has begun
    dropped   open and untouched tasks that it does not plan
    finished  how many are finished, and stay so
    unplanned how many complaints have no task; those that need one get it
    """

    added: tuple[TaskPlan, ...]
    back: tuple[Task, ...]
    kept: tuple[Task, ...]
    begun: tuple[Task, ...]
    dropped: tuple[Task, ...]
    finished: int
    unplanned: int


def preview(incident: Incident, version: PlaybookVersion) -> Preview:
    """What following this version would do. Changes nothing; a fixed number of queries."""
    playbook = version.playbook()
    tasks = list(incident.tasks.with_begun().select_related("complaint").order_by("number"))
    planned = {plan.kind for plan in playbook.tasks}
    planned |= {task.kind for task in tasks if task.kind.startswith(planning.BY_RULE)}
    have = {task.kind for task in tasks if task.complaint_id is None}
    replaced = [task for task in tasks if task.outcome == REPLACED]
    still = [task for task in tasks if task.is_open]
    other = [task for task in still if task.kind not in planned]
    without = incident.memberships.exclude(complaint__tasks__incident=incident)
    return Preview(
        added=tuple(plan for plan in playbook.tasks if not plan.for_each and plan.kind not in have),
        back=tuple(task for task in replaced if task.kind in planned),
        kept=tuple(task for task in still if task.kind in planned),
        begun=tuple(task for task in other if task.is_begun),  # type: ignore[attr-defined]
        dropped=tuple(task for task in other if not task.is_begun),  # type: ignore[attr-defined]
        finished=len(tasks) - len(still) - len(replaced),
        unplanned=without.count(),
    )


def _plan_by(incident: Incident, version: PlaybookVersion, *, by: Actor, now: datetime) -> None:
    before = {"kind": incident.kind, "playbook_version": incident.playbook_version}
    if before == {"kind": version.kind, "playbook_version": version}:
        return
    playbook = version.playbook()
    with transaction.atomic():
        audit.keep_others_waiting()
        same = Incident.objects.filter(pk=incident.pk, kind=incident.kind)
        same = same.exclude(state=Incident.State.CLOSED)
        if not same.update(kind=version.kind, playbook_version=version):
            raise NotAllowed(_("The incident is closed, or somebody else has just changed it."))
        incident.kind, incident.playbook_version = version.kind, version
        audit.record(
            "incident-replanned",
            incident,
            at=now,
            by=by,
            incident=incident.reference,
            before=_name(before),
            after=f"{version.kind} {version.number}",
        )
        _end_what_is_not_planned(incident, playbook, now=now)
        _bring_up_to_date(incident, playbook)
        planning.plan_incident(incident, now=now)
        _plan_for_complaints(incident, now=now)
        planning.wait_as_planned(incident, playbook.tasks)


def _end_what_is_not_planned(incident: Incident, playbook: Playbook, *, now: datetime) -> None:
    kinds = [plan.kind for plan in playbook.tasks]
    tasks = incident.tasks.filter(state=Task.State.OPEN).exclude(kind__in=kinds)
    for task in tasks.exclude(kind__startswith=planning.BY_RULE).untouched():
        task.incident = incident
        fields: dict[str, Any] = {
            "state": Task.State.DROPPED,
            "outcome": REPLACED,
            "finished_at": now,
            "finished_by": audit.MACHINE,
        }
        if Task.objects.filter(pk=task.pk, state=Task.State.OPEN).update(**fields):
            audit.record("task-replaced", task, at=now, incident=incident.reference, kind=task.kind)


def _bring_up_to_date(incident: Incident, playbook: Playbook) -> None:
    """Open tasks that both have are worded as in the new one; their time stays.

    One that an earlier change of kind replaced is planned again: it was never done.
    """
    Task.objects.filter(
        incident=incident, outcome=REPLACED, kind__in=[plan.kind for plan in playbook.tasks]
    ).update(state=Task.State.OPEN, outcome="", finished_at=None, finished_by="")
    for plan in playbook.tasks:
        incident.tasks.filter(kind=plan.kind, state=Task.State.OPEN).update(**_words(plan))


def _words(plan: TaskPlan) -> dict[str, Any]:
    return {
        "title": plan.title,
        "title_ja": plan.title_ja,
        "explanation": plan.explanation,
        "explanation_ja": plan.explanation_ja,
        "role": plan.role,
    }


def _plan_for_complaints(incident: Incident, *, now: datetime) -> None:
    for membership in incident.memberships.select_related("complaint").order_by("pk"):
        if not incident.tasks.filter(complaint=membership.complaint).exists():
            planning.plan_for_complaint(incident, membership.complaint, now=now)


def _name(before: dict[str, Any]) -> str:
    version = before["playbook_version"]
    return f"{before['kind']} {version.number}" if version else str(before["kind"])
