"""What people do to a task before it ends: hand it over, put it off, comment, tick off."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.utils.translation import gettext as _

from complaints import audit
from complaints.audit import Actor
from complaints.cleantext import clean_line, clean_text
from incidents.models import ChecklistLine, Nudge, Task, TaskComment
from incidents.workflow.moves import NotAllowed

MOST_COMMENT = 5000
MOST_LINES = 50


def colleagues() -> QuerySet[User]:
    """Who can be given a task: everybody whose role lets them work on one."""
    may = Q(user_permissions__codename="change_task") | Q(
        groups__permissions__codename="change_task"
    )
    users = User.objects.filter(Q(is_superuser=True) | may, is_active=True)
    return users.distinct().order_by("username")


def hand_over(task: Task, *, to: User, note: str = "", by: Actor, now: datetime) -> None:
    """Give a task to a colleague, who is told so.

    raises   NotAllowed if the task is finished, or they may not work on it
    """
    if not colleagues().filter(pk=to.pk).exists():
        raise NotAllowed(_("%(who)s may not work on tasks.") % {"who": to.get_username()})
    before = task.taken_by.get_username() if task.taken_by else ""
    with transaction.atomic():
        _change(task, taken_by=to)
        said = {"before": before, "after": to.get_username(), "note": note}
        _tell("task-handed-over", task, by=by, now=now, **said)
        if audit.name_of(by) != to.get_username():
            Nudge.objects.create(
                kind=Nudge.Kind.HANDED,
                incident=task.incident,
                task=task,
                for_user=to,
                due_at=task.due_at,
                why=clean_line(note or audit.name_of(by), 255),
                made_at=now,
            )


def snooze(task: Task, *, until: datetime, reason: str, by: Actor, now: datetime) -> None:
    """Put a task off until a time, with a reason; until then nobody is reminded of it.

    raises   NotAllowed without a reason, for a time that has passed, or if it is finished
    """
    if not reason.strip():
        raise NotAllowed(_("Say why it is put off."))
    if until <= now:
        raise NotAllowed(_("The time until which it is put off has passed already."))
    with transaction.atomic():
        _change(task, snoozed_until=until, snooze_reason=clean_line(reason, 255))
        _tell("task-snoozed", task, by=by, now=now, until=f"{until:%Y-%m-%d %H:%M %Z}", why=reason)


def wake(task: Task, *, by: Actor, now: datetime) -> None:
    """Take up a task again that was put off, before its time."""
    if task.snoozed_until is None:
        return
    with transaction.atomic():
        _change(task, snoozed_until=None, snooze_reason="")
        _tell("task-woken", task, by=by, now=now)


def comment(task: Task, *, text: str, by: Actor, now: datetime) -> TaskComment:
    """Write something under a task, open or finished, for colleagues."""
    words = clean_text(text, MOST_COMMENT).strip()
    if not words:
        raise NotAllowed(_("The comment is empty."))
    with transaction.atomic():
        written = TaskComment.objects.create(task=task, text=words, at=now, by=audit.name_of(by))
        _tell("task-commented", task, by=by, now=now, note=words[:200])
    return written


def add_line(task: Task, *, words: str, by: Actor, now: datetime) -> ChecklistLine:
    """Add a line of one's own to the checklist of an open task."""
    words = clean_line(words, 255)
    if not words:
        raise NotAllowed(_("The line is empty."))
    with transaction.atomic():
        _must_be_open(task)
        last = task.checklist.aggregate(last=Max("number"))["last"] or 0
        if last >= MOST_LINES:
            raise NotAllowed(_("The checklist is full."))
        line = ChecklistLine.objects.create(task=task, number=last + 1, words=words)
        _tell("task-line-added", task, by=by, now=now, line=words)
    return line


def tick(line: ChecklistLine, *, done: bool, by: Actor, now: datetime) -> None:
    """Tick a line of an open task off, or back; nothing happens if it stands so already."""
    task = line.task
    fields: dict[str, Any] = {
        "done_at": now if done else None,
        "done_by": audit.name_of(by) if done else "",
    }
    with transaction.atomic():
        _must_be_open(task)
        lines = ChecklistLine.objects.filter(pk=line.pk, done_at__isnull=done)
        if lines.update(**fields):
            action = "task-line-done" if done else "task-line-undone"
            _tell(action, task, by=by, now=now, line=line.words)


def _change(task: Task, **fields: Any) -> None:
    """The conditional UPDATE is the claim: a task that has ended meanwhile is not touched."""
    if not Task.objects.filter(pk=task.pk, state=Task.State.OPEN).update(**fields):
        raise _finished(task)
    for name, value in fields.items():
        setattr(task, name, value)


def _must_be_open(task: Task) -> None:
    if not Task.objects.select_for_update().filter(pk=task.pk, state=Task.State.OPEN).exists():
        raise _finished(task)


def _finished(task: Task) -> NotAllowed:
    return NotAllowed(_("“%(task)s” is finished already.") % {"task": task.called})


def _tell(action: str, task: Task, *, by: Actor, now: datetime, **details: Any) -> None:
    audit.record(
        action, task, at=now, by=by, incident=task.incident.reference, kind=task.kind, **details
    )
