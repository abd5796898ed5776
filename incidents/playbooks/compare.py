"""What differs between two versions of a playbook, task by task and field by field."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any

from incidents.playbooks.document import hours
from incidents.playbooks.playbook import Playbook, TaskPlan, gettext_noop

# How each field of TaskPlan and Playbook is called on the screens, in the order of the form.
FIELDS = {
    "kind": gettext_noop("Name"),
    "title": gettext_noop("Title"),
    "title_ja": gettext_noop("Title in Japanese"),
    "explanation": gettext_noop("What to do"),
    "explanation_ja": gettext_noop("What to do, in Japanese"),
    "role": gettext_noop("For whom"),
    "due": gettext_noop("Due within, hours"),
    "in_working_hours": gettext_noop("Which hours count"),
    "from_release": gettext_noop("Its time runs from when the last task it waits for ended"),
    "after": gettext_noop("Waits for"),
    "letter": gettext_noop("Letter"),
    "needs_second_person": gettext_noop("A second person approves"),
    "reply_within": gettext_noop("Answer expected within, hours"),
    "done_when": gettext_noop("Done when"),
    "proof": gettext_noop("What proves it done"),
    "proof_ja": gettext_noop("What proves it done, in Japanese"),
    "for_each": gettext_noop("Planned for"),
    "remind_before": gettext_noop("Reminder, hours before"),
    "escalate_after": gettext_noop("The lead is told, hours after"),
    "checklist": gettext_noop("Checklist, one line each"),
    "checklist_ja": gettext_noop("Checklist in Japanese, line by line"),
    "priority": gettext_noop("Priority"),
    "order": gettext_noop("Order"),
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs.

    task    the name of the task, "" for the playbook itself
    how     added, dropped or changed
    field   a name of FIELDS; "" where a whole task was added or dropped
    before  in words, "" for nothing; for a whole task its title
    """

    task: str
    how: str
    field: str
    before: str
    after: str

    @property
    def called(self) -> str:
        """The field as the screens call it, in English, to be translated."""
        return FIELDS.get(self.field, "")


def differences(before: Playbook, after: Playbook) -> list[Difference]:
    """From one version to another: the playbook itself, then its tasks in the new order."""
    found = [
        Difference("", "changed", name, _said(was), _said(now))
        for name in ("title", "title_ja", "priority")
        if (was := getattr(before, name)) != (now := getattr(after, name))
    ]
    for plan in after.tasks:
        old = before.plan(plan.kind)
        if old is None:
            found.append(Difference(plan.kind, "added", "", "", plan.title))
        else:
            found += _of_task(old, plan)
    found += [
        Difference(plan.kind, "dropped", "", plan.title, "")
        for plan in before.tasks
        if after.plan(plan.kind) is None
    ]
    return found + list(_of_order(before, after))


def _of_task(before: TaskPlan, after: TaskPlan) -> Iterator[Difference]:
    for name in (field.name for field in fields(TaskPlan)):
        was, now = getattr(before, name), getattr(after, name)
        if was != now:
            yield Difference(after.kind, "changed", name, _said(was), _said(now))


def _of_order(before: Playbook, after: Playbook) -> Iterator[Difference]:
    """Tasks that both have, where they come in another order."""
    old = [plan.kind for plan in before.tasks if after.plan(plan.kind)]
    new = [plan.kind for plan in after.tasks if before.plan(plan.kind)]
    if old != new:
        yield Difference("", "changed", "order", ", ".join(old), ", ".join(new))


def _said(value: Any) -> str:
    """A value of a field in words that need no translation."""
    if value is None:
        return ""
    if isinstance(value, timedelta):
        return f"{hours(value)} h"
    if isinstance(value, tuple):
        return "\n".join(value)
    if isinstance(value, bool):
        return "✓" if value else "–"
    return str(value)
