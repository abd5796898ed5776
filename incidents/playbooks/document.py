"""A playbook as a document: what its versions are kept as, exported to and imported from JSON."""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from incidents.playbooks.playbook import DoneWhen, Playbook, TaskPlan, gettext_noop

FORMAT = "meyasu-playbook-1"
PRIORITIES = {"urgent": 1, "high": 2, "normal": 3, "low": 4}
MOST_TASKS = 60
MOST_BYTES = 1024 * 1024
MOST_HOURS = 24 * 366
_NAMES = {number: name for name, number in PRIORITIES.items()}


class Unreadable(ValueError):
    """This is no playbook; `words` (to be translated) with `values` say what is wrong where."""

    def __init__(self, words: str, **values: Any) -> None:
        super().__init__(words % values)
        self.words, self.values = words, values


def loads(raw: bytes) -> Playbook:
    """The playbook in a JSON file.

    raises  Unreadable, worded for a person
    """
    if len(raw) > MOST_BYTES:
        raise Unreadable(
            gettext_noop("The file is larger than %(most)s bytes: this is no playbook."),
            most=MOST_BYTES,
        )
    try:
        return read(json.loads(raw))
    except Unreadable:
        raise
    except (ValueError, RecursionError) as error:
        why = str(error)[:200]
        raise Unreadable(gettext_noop("This cannot be read as JSON: %(why)s"), why=why) from None


def dumps(document: Mapping[str, Any]) -> str:
    """A document as it is exported."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def write(playbook: Playbook) -> dict[str, Any]:
    """The document of a playbook: JSON values, each text in both languages, times in hours."""
    return {
        "format": FORMAT,
        "kind": playbook.kind,
        "title": {"en": playbook.title, "ja": playbook.title_ja},
        "priority": _NAMES.get(playbook.priority, "normal"),
        "tasks": [_write_task(plan) for plan in playbook.tasks],
    }


def read(document: Any) -> Playbook:
    """The playbook of a document. Whether it makes sense, `faults` says.

    raises  Unreadable, worded for a person
    """
    fields = _fields(document, "playbook")
    if fields.get("format") != FORMAT:
        raise Unreadable(
            gettext_noop("This is no playbook: its “format” is not “%(format)s”."), format=FORMAT
        )
    tasks = fields.get("tasks")
    if not isinstance(tasks, list) or len(tasks) > MOST_TASKS:
        raise Unreadable(
            gettext_noop("“tasks” has to be a list of at most %(most)s tasks."), most=MOST_TASKS
        )
    title = _both(fields, "title", "playbook")
    return Playbook(
        kind=_text(fields, "kind", "playbook"),
        title=title[0],
        title_ja=title[1],
        priority=_priority(fields.get("priority", "normal")),
        tasks=tuple(_read_task(one) for one in tasks),
    )


def _write_task(plan: TaskPlan) -> dict[str, Any]:
    japanese = [*plan.checklist_ja, *[""] * len(plan.checklist)]
    return {
        "kind": plan.kind,
        "title": {"en": plan.title, "ja": plan.title_ja},
        "what_to_do": {"en": plan.explanation, "ja": plan.explanation_ja},
        "role": plan.role,
        "due_hours": hours(plan.due),
        "working_hours": plan.in_working_hours,
        "from_release": plan.from_release,
        "after": list(plan.after),
        "letter": plan.letter,
        "second_person": plan.needs_second_person,
        "reply_within_hours": hours(plan.reply_within),
        "done_when": plan.done_when.value,
        "proof": {"en": plan.proof, "ja": plan.proof_ja},
        "for_each": plan.for_each,
        "remind_hours_before": hours(plan.remind_before),
        "escalate_hours_after": hours(plan.escalate_after),
        "checklist": [
            {"en": en, "ja": ja} for en, ja in zip(plan.checklist, japanese, strict=False)
        ],
    }


def _read_task(document: Any) -> TaskPlan:
    fields = _fields(document, "task")
    kind = _text(fields, "kind", "task")
    title, what, proof = (_both(fields, name, kind) for name in ("title", "what_to_do", "proof"))
    lines = [_pair(one, "checklist", kind) for one in _list(fields, "checklist", kind)]
    due = _hours(fields, "due_hours", kind)
    if due is None:
        raise Unreadable(gettext_noop("The task “%(task)s” has no “due_hours”."), task=kind)
    return TaskPlan(
        kind=kind,
        title=title[0],
        title_ja=title[1],
        explanation=what[0],
        explanation_ja=what[1],
        proof=proof[0],
        proof_ja=proof[1],
        role=_text(fields, "role", kind) or "agent",
        due=due,
        in_working_hours=_flag(fields, "working_hours", kind),
        from_release=_flag(fields, "from_release", kind),
        after=tuple(str(one) for one in _list(fields, "after", kind)),
        letter=_text(fields, "letter", kind),
        needs_second_person=_flag(fields, "second_person", kind),
        reply_within=_hours(fields, "reply_within_hours", kind),
        done_when=_done_when(fields, kind),
        for_each=_text(fields, "for_each", kind),
        remind_before=_hours(fields, "remind_hours_before", kind),
        escalate_after=_hours(fields, "escalate_hours_after", kind),
        checklist=tuple(en for en, _ in lines),
        checklist_ja=tuple(ja for _, ja in lines) if any(ja for _, ja in lines) else (),
    )


def hours(span: timedelta | None) -> float | int | None:
    """A duration in hours, whole where it is; None for none."""
    if span is None:
        return None
    number = span.total_seconds() / 3600
    return int(number) if number.is_integer() else round(number, 4)


def _fields(value: Any, what: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise Unreadable(gettext_noop("A %(what)s has to be an object with names."), what=what)
    return value


def _list(fields: Mapping[str, Any], name: str, task: str) -> Sequence[Any]:
    value = fields.get(name) or []
    if not isinstance(value, list) or len(value) > MOST_TASKS:
        raise _wrong(name, task)
    return value


def _text(fields: Mapping[str, Any], name: str, task: str) -> str:
    value = fields.get(name) or ""
    if not isinstance(value, str) or len(value) > 2000:
        raise _wrong(name, task)
    return value.strip()


def _both(fields: Mapping[str, Any], name: str, task: str) -> tuple[str, str]:
    return _pair(fields.get(name) or {}, name, task)


def _pair(value: Any, name: str, task: str) -> tuple[str, str]:
    """A text in English and Japanese; one language alone may stand as a plain text."""
    if isinstance(value, str):
        value = {"en": value}
    if not isinstance(value, dict):
        raise _wrong(name, task)
    return _text(value, "en", task), _text(value, "ja", task)


def _flag(fields: Mapping[str, Any], name: str, task: str) -> bool:
    value = fields.get(name, False)
    if not isinstance(value, bool):
        raise _wrong(name, task)
    return value


def _hours(fields: Mapping[str, Any], name: str, task: str) -> timedelta | None:
    value = fields.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _wrong(name, task)
    if not 0 <= value <= MOST_HOURS:
        raise _wrong(name, task)
    return timedelta(hours=value)


def _done_when(fields: Mapping[str, Any], task: str) -> DoneWhen:
    try:
        return DoneWhen(fields.get("done_when") or DoneWhen.SAID)
    except ValueError:
        raise _wrong("done_when", task) from None


def _priority(value: Any) -> int:
    if value not in PRIORITIES:
        raise Unreadable(
            gettext_noop("“%(value)s” is no priority. There are: %(known)s."),
            value=str(value)[:50],
            known=", ".join(PRIORITIES),
        )
    return PRIORITIES[value]


def _wrong(name: str, task: str) -> Unreadable:
    return Unreadable(
        gettext_noop("In the task “%(task)s”, “%(name)s” is not what it has to be."),
        task=task[:50],
        name=name,
    )
