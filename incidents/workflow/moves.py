"""The only code that changes the state of an incident or a task. Each move is in the history."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils.translation import gettext as _

from complaints import audit
from complaints.audit import Actor
from incidents.models import Incident, ProbeRun, Task

WATCHED_FOR = timedelta(days=30)
VERIFIED_AFTER = timedelta(minutes=5)


class NotAllowed(Exception):
    """The move is not possible now; worded for the person at the screen."""


def take(task: Task, *, by: Any, now: datetime) -> None:
    """A person takes a task."""
    _must_be_open(task)
    with transaction.atomic():
        Task.objects.filter(pk=task.pk).update(taken_by=by)
        task.taken_by = by
        _tell("task-taken", task, by=by, now=now)


def complete(task: Task, *, outcome: str, note: str, by: Actor, now: datetime) -> None:
    """Finish a task with its outcome. Finishing the fix asks for its verification.

    raises   NotAllowed while a task it waits for is open, or if it is not open
    """
    _must_be_open(task)
    blocker = task.waits_for.filter(state=Task.State.OPEN).first()
    if blocker is not None:
        raise NotAllowed(
            _("“%(task)s” waits for “%(blocker)s”, which is still open.")
            % {"task": task.title, "blocker": blocker.title}
        )
    if task.kind == "verify" and not (by is None or outcome == "fixed"):
        raise NotAllowed(_("Only the verdict “fixed” finishes the verification."))
    with transaction.atomic():
        _finish(task, Task.State.DONE, outcome=outcome, note=note, by=by, now=now)
        if task.kind == "fix":
            Incident.objects.filter(pk=task.incident_id).update(
                next_verification_at=now + VERIFIED_AFTER
            )


def drop(task: Task, *, note: str, by: Actor, now: datetime) -> None:
    """Say that a task is not needed, and why."""
    _must_be_open(task)
    if not note.strip():
        raise NotAllowed(_("Say why this task is not needed."))
    with transaction.atomic():
        _finish(task, Task.State.DROPPED, outcome="not-needed", note=note, by=by, now=now)


def reopen(task: Task, *, note: str, by: Actor, now: datetime) -> None:
    """Take a task up again."""
    if task.is_open:
        raise NotAllowed(_("“%(task)s” is open already.") % {"task": task.title})
    with transaction.atomic():
        fields = {"state": Task.State.OPEN, "outcome": "", "finished_at": None, "finished_by": ""}
        _update(task, fields)
        _tell("task-reopened", task, by=by, now=now, note=note)


def record_notice(incident: Incident, *, now: datetime) -> None:
    """The public knows: the first of the three headline times. Only the first notice counts."""
    if incident.notice_published_at is None:
        _update(incident, {"notice_published_at": now})


def record_verdict(incident: Incident, run: ProbeRun, *, now: datetime) -> None:
    """Move the incident by the verdict of a verification. Call it inside a transaction.

    The times of the partial and of the whole fix are those at which the fix was done, as far
    as the verdict proves it; each is set once. A fix that does not hold brings its task back.
    """
    incident.refresh_from_db()
    verdict = ProbeRun.Verdict(run.verdict)
    done_at = _fix_done_at(incident) or now
    if verdict == ProbeRun.Verdict.FIXED:
        _fixed(incident, done_at, now=now)
    elif verdict in (ProbeRun.Verdict.PARTIAL, ProbeRun.Verdict.NONE):
        if verdict == ProbeRun.Verdict.PARTIAL and incident.partially_fixed_at is None:
            _update(incident, {"partially_fixed_at": done_at})
        if incident.state != Incident.State.CLOSED:
            partial = verdict == ProbeRun.Verdict.PARTIAL
            state = Incident.State.PARTIALLY_FIXED if partial else Incident.State.OPEN
            _update(incident, {"state": state})
        _bring_back_fix(incident, str(verdict.label), now=now)


def close(incident: Incident, *, by: Actor, now: datetime, note: str = "") -> None:
    """Close an incident. Its keys are set free: a relapse later opens or reopens by rule.

    raises   NotAllowed while tasks are open that are not dropped
    """
    left = incident.tasks.filter(state=Task.State.OPEN).exclude(kind="close")
    if left.exists():
        raise NotAllowed(
            _("%(count)s tasks are still open, the first is “%(task)s”.")
            % {"count": left.count(), "task": left[0].title}
        )
    with transaction.atomic():
        for task in incident.tasks.filter(kind="close", state=Task.State.OPEN):
            _finish(task, Task.State.DONE, outcome="closed", note=note, by=by, now=now)
        fields = {"state": Incident.State.CLOSED, "closed_at": now, "next_verification_at": None}
        _update(incident, fields)
        audit.record(
            "incident-closed", incident, at=now, by=by, incident=incident.reference, note=note
        )


def relapse(incident: Incident, why: str, *, now: datetime) -> None:
    """The abuse is back: the incident is open again, with its fix to be done again."""
    with transaction.atomic():
        fields = {"state": Incident.State.OPEN, "closed_at": None, "next_verification_at": now}
        _update(incident, fields)
        _bring_back_fix(incident, why, now=now)
        audit.record("incident-relapsed", incident, at=now, incident=incident.reference, why=why)


def set_priority(incident: Incident, priority: int, *, by: Actor, now: datetime) -> None:
    """Say how urgent an incident is."""
    with transaction.atomic():
        before = incident.priority
        _update(incident, {"priority": priority})
        audit.record(
            "priority-set",
            incident,
            at=now,
            by=by,
            incident=incident.reference,
            before=before,
            after=priority,
        )


def _fixed(incident: Incident, done_at: datetime, *, now: datetime) -> None:
    fields: dict[str, Any] = {"state": Incident.State.FIXED}
    if incident.fixed_at is None or incident.state == Incident.State.OPEN:
        fields |= {"fixed_at": incident.fixed_at or done_at, "watched_until": now + WATCHED_FOR}
    if incident.state != Incident.State.CLOSED:
        _update(incident, fields)
    for task in incident.tasks.filter(kind__in=["fix", "verify"], state=Task.State.OPEN):
        _finish(task, Task.State.DONE, outcome="fixed", note="", by=None, now=now)


def _fix_done_at(incident: Incident) -> datetime | None:
    fix = incident.tasks.filter(kind="fix", state=Task.State.DONE).order_by("-finished_at").first()
    return fix.finished_at if fix else None


def _bring_back_fix(incident: Incident, why: str, *, now: datetime) -> None:
    finished = [Task.State.DONE, Task.State.DROPPED]
    for task in incident.tasks.filter(kind__in=["fix", "verify"], state__in=finished):
        reopen(task, note=why, by=None, now=now)


def _finish(task: Task, state: str, *, outcome: str, note: str, by: Actor, now: datetime) -> None:
    fields = {
        "state": state,
        "outcome": outcome[:40],
        "outcome_note": note,
        "finished_at": now,
        "finished_by": audit.name_of(by),
    }
    changed = Task.objects.filter(pk=task.pk, state=Task.State.OPEN).update(**fields)
    if not changed:
        raise NotAllowed(_("Somebody else has just finished “%(task)s”.") % {"task": task.title})
    for name, value in fields.items():
        setattr(task, name, value)
    _tell(f"task-{state}", task, by=by, now=now, outcome=outcome, note=note)


def _must_be_open(task: Task) -> None:
    if not task.is_open:
        raise NotAllowed(_("“%(task)s” is finished already.") % {"task": task.title})


def _update(row: Incident | Task, fields: dict[str, Any]) -> None:
    type(row)._default_manager.filter(pk=row.pk).update(**fields)
    for name, value in fields.items():
        setattr(row, name, value)


def _tell(action: str, task: Task, *, by: Actor, now: datetime, **details: Any) -> None:
    audit.record(
        action, task, at=now, by=by, incident=task.incident.reference, kind=task.kind, **details
    )


def is_same_person(one: Any, other: Any) -> bool:
    """Whether two users are one: who writes may not approve."""
    return isinstance(one, AbstractBaseUser) and one.pk == getattr(other, "pk", None)
