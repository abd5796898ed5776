"""What is wrong with a playbook, in the words of the trade: it could not be followed as it is."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from dataclasses import field as value_of
from datetime import timedelta
from typing import Any

from incidents.playbooks.playbook import DoneWhen, Playbook, TaskPlan, gettext_noop

ROLES = ("agent", "lead")
FOR_EACH = ("", "reporter", "threat", "csirt")
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong.

    task    number of the task it is about, from 0; None for the playbook itself
    field   the field of TaskPlan or Playbook to be put right
    words   in English, to be translated, with `%(names)s` of `values`
    """

    task: int | None
    field: str
    words: str
    values: dict[str, Any] = value_of(default_factory=dict)

    def __str__(self) -> str:
        return self.words % self.values


def faults_of(playbook: Playbook, *, letters: Collection[str]) -> list[Fault]:
    """Everything that is wrong, in the order of its tasks; nothing for one that can be followed.

    letters  the names of the letter texts that there are
    """
    found = [*_of_playbook(playbook)]
    seen: set[str] = set()
    for number, plan in enumerate(playbook.tasks):
        found += _of_task(number, plan, playbook, letters)
        if plan.kind in seen:
            words = gettext_noop("There are two tasks with the name “%(task)s”.")
            found.append(Fault(number, "kind", words, {"task": plan.kind}))
        seen.add(plan.kind)
    return found + list(_circles(playbook))


def _of_playbook(playbook: Playbook) -> Iterator[Fault]:
    if not _NAME.fullmatch(playbook.kind):
        yield Fault(None, "kind", _NAME_WORDS, {"name": playbook.kind})
    if not playbook.title:
        yield Fault(None, "title", gettext_noop("The playbook has no title."))
    kinds = {plan.kind for plan in playbook.tasks}
    if "close" not in kinds:
        words = gettext_noop("No task is named “close”: the incident would never end.")
        yield Fault(None, "tasks", words)
    if "verify" in kinds and "fix" not in kinds:
        words = gettext_noop("“verify” verifies the task “fix”, which the playbook does not have.")
        yield Fault(None, "tasks", words)


_NAME_WORDS = gettext_noop(
    "“%(name)s” is no name: small letters, digits, - and _, a letter first, at most 40."
)


def _of_task(
    number: int, plan: TaskPlan, playbook: Playbook, letters: Collection[str]
) -> Iterator[Fault]:
    def fault(field: str, words: str, **values: Any) -> Fault:
        return Fault(number, field, words, values | {"task": plan.title or plan.kind})

    if not _NAME.fullmatch(plan.kind):
        yield fault("kind", _NAME_WORDS, name=plan.kind)
    if not plan.title:
        yield fault("title", gettext_noop("The task has no title."))
    if plan.role not in ROLES:
        yield fault("role", gettext_noop("“%(role)s” is no role of a task."), role=plan.role)
    if plan.for_each not in FOR_EACH:
        words = gettext_noop("“%(name)s” is nothing that a task can be planned for.")
        yield fault("for_each", words, name=plan.for_each)
    if plan.due <= timedelta(0):
        yield fault("due", gettext_noop("“%(task)s” would be due before it begins."))
    yield from (fault(*one) for one in _of_letter(plan, letters))
    for name in plan.after:
        yield from (fault("after", words, name=name) for words in _of_blocker(plan, name, playbook))


def _of_letter(plan: TaskPlan, letters: Collection[str]) -> Iterator[tuple[str, str]]:
    if plan.letter and plan.letter not in letters:
        yield "letter", gettext_noop("There is no letter text for “%(task)s” under that name.")
    if plan.done_when in (DoneWhen.LETTER, DoneWhen.REPLY) and not plan.letter:
        yield (
            "done_when",
            gettext_noop("“%(task)s” is done by a letter, but none is named."),
        )
    if plan.done_when == DoneWhen.REPLY and plan.reply_within is None:
        yield (
            "reply_within",
            gettext_noop("“%(task)s” waits for an answer: say how long."),
        )
    if plan.done_when == DoneWhen.NOTICE and plan.kind != "notice":
        yield "done_when", gettext_noop("Only a task named “notice” is done by the public notice.")
    if plan.done_when == DoneWhen.VERIFIED and plan.kind not in ("fix", "verify"):
        yield (
            "done_when",
            gettext_noop("Only tasks named “fix” or “verify” are done by a verification."),
        )
    if plan.needs_second_person and not plan.letter and plan.kind != "notice":
        yield (
            "needs_second_person",
            gettext_noop("A second person approves a letter or the notice; “%(task)s” has none."),
        )


def _of_blocker(plan: TaskPlan, name: str, playbook: Playbook) -> Iterator[str]:
    blocker = playbook.plan(name)
    if blocker is None:
        yield gettext_noop("“%(task)s” waits for “%(name)s”, which the playbook does not have.")
    elif name == plan.kind:
        yield gettext_noop("“%(task)s” waits for itself.")
    elif blocker.for_each:
        yield gettext_noop(
            "“%(task)s” waits for “%(name)s”, which is planned once a complaint: for which one?"
        )


def _circles(playbook: Playbook) -> Iterator[Fault]:
    """Tasks that wait for each other in a circle, each circle once."""
    told: set[frozenset[str]] = set()
    for number, plan in enumerate(playbook.tasks):
        circle = _circle_from(plan.kind, playbook)
        if len(circle) < 2 or frozenset(circle) in told:
            continue
        told.add(frozenset(circle))
        words = gettext_noop("%(circle)s wait for each other in a circle: none could ever begin.")
        shown = " → ".join(f"“{name}”" for name in [*circle, circle[0]])
        yield Fault(number, "after", words, {"circle": shown})


def _circle_from(kind: str, playbook: Playbook) -> list[str]:
    """The names from a task back to itself, [] if it does not wait for itself in the end."""
    ways: list[list[str]] = [[kind]]
    passed: set[str] = set()
    while ways:
        way = ways.pop()
        plan = playbook.plan(way[-1])
        for name in plan.after if plan else ():
            if name == kind:
                return way
            if name not in passed:
                passed.add(name)
                ways.append([*way, name])
    return []
