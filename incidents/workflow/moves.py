"""The only code that changes the state of an incident or a task. Each move is in the history."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils.translation import gettext as _

from complaints import audit
from complaints.audit import Actor
from incidents.models import Incident, Letter, ProbeRun, Task
from incidents.playbooks.playbook import DoneWhen
from incidents.workflow import fixed, inforce, nudges, planning, threats

WATCHED_FOR = timedelta(days=30)
VERIFIED_AFTER = timedelta(minutes=5)
MOST_NOTE = 10_000


class NotAllowed(Exception):
    """The move is not possible now; worded for the person at the screen."""


def take(task: Task, *, by: AbstractBaseUser, now: datetime) -> None:
    """A person takes a task, if need be over from another."""
    before = task.taken_by.get_username() if task.taken_by else ""
    with transaction.atomic():
        if not Task.objects.filter(pk=task.pk, state=Task.State.OPEN).update(taken_by=by):
            raise _finished_already(task)
        _set(task, {"taken_by": by})
        _tell("task-taken", task, by=by, now=now, before=before)


def complete(
    task: Task, *, outcome: str = "done", note: str = "", by: Actor, now: datetime
) -> None:
    """A person finishes a task with its outcome, and what follows from it is done.

    The fix asks for its verification; where no probe can verify, it counts as the fix. What
    was done in another way than its playbook says needs a note. Closing is `close`.
    raises   NotAllowed while a task it waits for is open, if it is not open, or for the lead's
    """
    _must_be_open(task)
    must_be_for(task, by)
    if task.kind == "close":
        close(task.incident, by=by, now=now, note=note)
        task.refresh_from_db()
        return
    if task.kind == "verify" and outcome != "fixed":
        raise NotAllowed(_("Only the verdict “fixed” finishes the verification."))
    _must_be_proven(task, note, by)
    with transaction.atomic():
        _must_not_wait(task)
        _finish(task, Task.State.DONE, outcome=outcome, note=note, by=by, now=now)
        _follow_up(task, by=by, now=now)


def settle(task: Task, *, outcome: str, note: str, by: Actor, now: datetime) -> bool:
    """Finish a task by something that has happened, whatever it waits for.

    False if it is finished already. For a letter that left, an answer that came.
    """
    with transaction.atomic():
        if not Task.objects.filter(pk=task.pk, state=Task.State.OPEN).exists():
            return False
        _finish(task, Task.State.DONE, outcome=outcome, note=note, by=by, now=now)
    return True


def drop(task: Task, *, note: str, by: Actor, now: datetime) -> None:
    """Say that a task is not needed, and why."""
    _must_be_open(task)
    must_be_for(task, by)
    if task.kind == "close":
        raise NotAllowed(_("An incident ends by being closed."))
    if not note.strip():
        raise NotAllowed(_("Say why this task is not needed."))
    with transaction.atomic():
        _finish(task, Task.State.DROPPED, outcome="not-needed", note=note, by=by, now=now)


def reopen(task: Task, *, note: str, by: Actor, now: datetime) -> None:
    """Take a finished task up again; its time runs anew."""
    fields = {
        "state": Task.State.OPEN,
        "outcome": "",
        "outcome_note": note[:MOST_NOTE],
        "finished_at": None,
        "finished_by": "",
        "snoozed_until": None,
        "snooze_reason": "",
        "due_at": planning.due_at(task, start=now),
    }
    with transaction.atomic():
        finished = Task.objects.filter(pk=task.pk).exclude(state=Task.State.OPEN)
        if not finished.update(**fields):
            raise NotAllowed(_("“%(task)s” is open already.") % {"task": task.called})
        _set(task, fields)
        _tell("task-reopened", task, by=by, now=now, note=note)


def bring_up(task: Task, why: str, *, now: datetime) -> None:
    """Something has happened that a person should look at: an open task is due now."""
    with transaction.atomic():
        if Task.objects.filter(pk=task.pk, state=Task.State.OPEN).update(due_at=now):
            _set(task, {"due_at": now})
            _tell("task-brought-up", task, by=None, now=now, why=why)


def record_notice(
    incident: Incident, *, now: datetime, by: Actor = None, reference: str = ""
) -> None:
    """The public knows: the first of the three headline times; the notice's task is done.

    Only the first notice sets the time.
    """
    with transaction.atomic():
        first = Incident.objects.filter(pk=incident.pk, notice_published_at=None)
        if first.update(notice_published_at=now):
            incident.notice_published_at = now
        for task in incident.tasks.filter(kind="notice", state=Task.State.OPEN):
            settle(task, outcome="published", note=reference, by=by, now=now)


def record_verdict(incident: Incident, run: ProbeRun, *, now: datetime) -> None:
    """Move the incident by the verdict of a verification. Call it inside a transaction.

    The times of the partial and of the whole fix are those at which the fix was done, as far
    as the verdict proves it. A fix that does not hold brings its task back. What a host let
    through before anybody tried to fix it is no partial fix.
    """
    incident.refresh_from_db()
    verdict = ProbeRun.Verdict(run.verdict)
    if incident.state == Incident.State.CLOSED or verdict == ProbeRun.Verdict.UNKNOWN:
        return
    why = "; ".join(run.sentences)
    if verdict == ProbeRun.Verdict.FIXED:
        _fixed(incident, by=None, now=now, note=why)
    elif incident.state == Incident.State.FIXED:
        relapse(incident, why or str(verdict.label), now=now)
    elif verdict == ProbeRun.Verdict.NONE:
        _update(incident, {"state": Incident.State.OPEN})
        _bring_back(incident, ("fix",), why, now=now)
    elif _was_tried(incident, run):
        done_at = incident.partially_fixed_at or fixed.fixed_since(incident, by_then=now) or now
        state = Incident.State.PARTIALLY_FIXED
        _update(incident, {"state": state, "partially_fixed_at": done_at})
        _bring_back(incident, ("fix",), why, now=now)


def relapse(incident: Incident, why: str, *, now: datetime) -> None:
    """The abuse is back: the incident is open again, with its fix to be done again.

    What counted as the whole fix was a partial one, and its time is kept as such.
    """
    incident.refresh_from_db()
    fields = {
        "state": Incident.State.OPEN,
        "partially_fixed_at": incident.partially_fixed_at or incident.fixed_at,
        "fixed_at": None,
        "watched_until": None,
        "closed_at": None,
        "next_verification_at": now,
    }
    ended = (Incident.State.FIXED, Incident.State.CLOSED)
    with transaction.atomic():
        if not Incident.objects.filter(pk=incident.pk, state__in=ended).update(**fields):
            return
        _set(incident, fields)
        audit.record("incident-relapsed", incident, at=now, incident=incident.reference, why=why)
        nudges.relapsed(incident, why, now=now)
        _bring_back(incident, ("fix", "verify", "close"), why, now=now)


def close(incident: Incident, *, by: Actor, now: datetime, note: str = "") -> None:
    """Close an incident. Its keys stay, so that more of the same reopens it.

    raises   NotAllowed while other tasks are open, or, without a note that says why, while
             the log is still watched for a relapse
    """
    left = incident.tasks.filter(state=Task.State.OPEN).exclude(kind="close")
    if left.exists():
        raise NotAllowed(
            _("%(count)s tasks are still open, the first is “%(task)s”.")
            % {"count": left.count(), "task": left[0].called}
        )
    if incident.watched_until and incident.watched_until > now and not note.strip():
        raise NotAllowed(
            _("The log is watched for a relapse until %(day)s. Say why it is closed before.")
            % {"day": f"{incident.watched_until:%Y-%m-%d}"}
        )
    fields = {"state": Incident.State.CLOSED, "closed_at": now, "next_verification_at": None}
    with transaction.atomic():
        not_closed = Incident.objects.filter(pk=incident.pk).exclude(state=Incident.State.CLOSED)
        if not not_closed.update(**fields):
            raise NotAllowed(_("The incident is closed already."))
        _set(incident, fields)
        for task in incident.tasks.filter(kind="close", state=Task.State.OPEN):
            _finish(task, Task.State.DONE, outcome="closed", note=note, by=by, now=now)
        audit.record(
            "incident-closed", incident, at=now, by=by, incident=incident.reference, note=note
        )


def set_priority(incident: Incident, priority: int, *, by: Actor, now: datetime) -> None:
    """Say how urgent an incident is, as one of Incident.Priority."""
    if priority not in Incident.Priority.values:
        raise NotAllowed(_("There is no such priority."))
    with transaction.atomic():
        before = incident.priority
        _update(incident, {"priority": priority, "priority_by": audit.name_of(by)})
        audit.record(
            "priority-set",
            incident,
            at=now,
            by=by,
            incident=incident.reference,
            before=before,
            after=priority,
        )


def _follow_up(task: Task, *, by: Actor, now: datetime) -> None:
    """What finishing a task brings with it."""
    incident = task.incident
    if task.kind == "notice":
        record_notice(incident, now=now, by=by)
    elif task.kind == "fix" and inforce.playbook_of(incident).plan("verify"):
        _update(incident, {"next_verification_at": now + VERIFIED_AFTER})
    elif task.kind in ("fix", "verify"):
        _fixed(incident, by=by, now=now, note=task.outcome_note)


def _fixed(incident: Incident, *, by: Actor, now: datetime, note: str) -> None:
    """The hole is closed, from when the fix was reported as done; the log is watched on."""
    fields = {
        "state": Incident.State.FIXED,
        "fixed_at": fixed.fixed_since(incident, by_then=now) or now,
        "watched_until": now + WATCHED_FOR,
    }
    ended = (Incident.State.FIXED, Incident.State.CLOSED)
    if not Incident.objects.filter(pk=incident.pk).exclude(state__in=ended).update(**fields):
        return
    _set(incident, fields)
    for task in incident.tasks.filter(kind__in=["fix", "verify"], state=Task.State.OPEN):
        settle(task, outcome="fixed", note=note, by=by, now=now)
    audit.record("incident-fixed", incident, at=now, by=by, incident=incident.reference, why=note)


def _was_tried(incident: Incident, run: ProbeRun) -> bool:
    """Whether anybody fixed something: it was said, or less gets through than in another run."""
    if incident.partially_fixed_at or fixed.fixed_since(incident, by_then=run.started_at):
        return True
    others = incident.probe_runs.exclude(pk=run.pk)
    return others.filter(verdict=ProbeRun.Verdict.NONE, started_at__lt=run.started_at).exists()


def _bring_back(incident: Incident, kinds: tuple[str, ...], why: str, *, now: datetime) -> None:
    for task in incident.tasks.filter(kind__in=kinds).exclude(state=Task.State.OPEN):
        reopen(task, note=why, by=None, now=now)


def _finish(task: Task, state: str, *, outcome: str, note: str, by: Actor, now: datetime) -> None:
    """The conditional UPDATE is the claim: of two who finish a task at once, one is told so."""
    fields = {
        "state": state,
        "outcome": outcome[:40],
        "outcome_note": note[:MOST_NOTE],
        "finished_at": now,
        "finished_by": audit.name_of(by),
        "snoozed_until": None,
    }
    if not Task.objects.filter(pk=task.pk, state=Task.State.OPEN).update(**fields):
        raise _finished_already(task)
    _set(task, fields)
    _tell(f"task-{state}", task, by=by, now=now, outcome=outcome, note=note)
    threats.end_by_task(task, note=note, by=by, now=now)
    for waiting in Task.objects.ready().filter(waits_for=task):
        _release(waiting, now=now)


def _release(task: Task, *, now: datetime) -> None:
    """The last task it waited for has ended: its time runs, where it counts from then."""
    plan = inforce.playbook_of(task.incident).plan(task.kind)
    if plan is not None and plan.from_release:
        Task.objects.filter(pk=task.pk).update(due_at=planning.due_at(task, start=now))


def must_be_for(task: Task, by: Actor) -> None:
    """Refuse an agent what is meant for the lead; the program and names may do everything."""
    if task.role != "lead" or not isinstance(by, AbstractBaseUser):
        return
    if not by.has_perm("incidents.finish_lead_task"):  # type: ignore[attr-defined]
        raise NotAllowed(_("“%(task)s” is for the lead to finish.") % {"task": task.called})


def _must_be_proven(task: Task, note: str, by: Actor) -> None:
    """Without a note, a task is done by what its playbook says."""
    if note.strip():
        return
    plan = inforce.playbook_of(task.incident).plan(task.kind)
    by_letter = plan is not None and plan.done_when in (DoneWhen.LETTER, DoneWhen.REPLY)
    elsewhere = by_letter and isinstance(by, AbstractBaseUser) and not _has_letter(task)
    if elsewhere or task.kind in ("verify", "notice"):
        raise NotAllowed(_("Say in the note where and how it was done."))


def _has_letter(task: Task) -> bool:
    state = Letter.State
    on_its_way = (state.APPROVED, state.SENDING, state.SENT, state.UNSURE)
    return task.letters.filter(state__in=on_its_way).exists()


def _must_be_open(task: Task) -> None:
    if not task.is_open:
        raise _finished_already(task)


def _must_not_wait(task: Task) -> None:
    blocker = task.waits_for.filter(state=Task.State.OPEN).first()
    if blocker is not None:
        raise NotAllowed(
            _("“%(task)s” waits for “%(blocker)s”, which is still open.")
            % {"task": task.called, "blocker": blocker.called}
        )


def _finished_already(task: Task) -> NotAllowed:
    return NotAllowed(_("“%(task)s” is finished already.") % {"task": task.called})


def _update(row: Incident | Task, fields: dict[str, Any]) -> None:
    type(row)._default_manager.filter(pk=row.pk).update(**fields)
    _set(row, fields)


def _set(row: Incident | Task, fields: dict[str, Any]) -> None:
    for name, value in fields.items():
        setattr(row, name, value)


def _tell(action: str, task: Task, *, by: Actor, now: datetime, **details: Any) -> None:
    audit.record(
        action, task, at=now, by=by, incident=task.incident.reference, kind=task.kind, **details
    )


def is_same_person(one: Any, other: Any) -> bool:
    """Whether two users are one: who writes may not approve."""
    return isinstance(one, AbstractBaseUser) and one.pk == getattr(other, "pk", None)
