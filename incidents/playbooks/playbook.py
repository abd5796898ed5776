"""Playbook and TaskPlan: what to do about a kind of incident, by when, after what."""

from dataclasses import dataclass
from datetime import timedelta

URGENT, HIGH, NORMAL, LOW = 1, 2, 3, 4
WORKING_DAY = timedelta(hours=8)


def gettext_noop(words: str) -> str:
    """Mark words for the translators; playbooks know nothing of Django."""
    return words


@dataclass(frozen=True, slots=True)
class TaskPlan:
    """One task to plan. Its title, explanation and proof are English, to be translated.

    due                  from the opening of the incident (or the arrival of the complaint)
    in_working_hours     whether `due` counts only the hours of the desk
    from_release         `due` counts anew from when the last task it waits for ended
    role                 agent or lead: whom it is meant for
    after                kinds of tasks that must be finished first
    letter               the letter template it is done with, "" for none
    needs_second_person  its letter or notice is never approved by who wrote it
    reply_within         how long an answer to its letter is waited for; None for none: the
                         task is done when the letter is sent
    proof                what shows that it is done, in words
    for_each             "" for one an incident; reporter, threat or csirt for one each such
                         complaint
    """

    kind: str
    title: str
    explanation: str
    due: timedelta
    in_working_hours: bool = True
    from_release: bool = False
    role: str = "agent"
    after: tuple[str, ...] = ()
    letter: str = ""
    needs_second_person: bool = False
    reply_within: timedelta | None = None
    proof: str = ""
    for_each: str = ""


@dataclass(frozen=True, slots=True)
class Playbook:
    """What we do about one kind of incident. `priority` is that of Incident.Priority."""

    kind: str
    title: str
    priority: int
    tasks: tuple[TaskPlan, ...]

    def plan(self, kind: str) -> TaskPlan | None:
        """The plan of a task of this kind, if the playbook has it."""
        return next((plan for plan in self.tasks if plan.kind == kind), None)

    def plan_of_letter(self, letter: str) -> TaskPlan | None:
        """The plan of the task that is done with this letter, if the playbook has it."""
        return next((plan for plan in self.tasks if plan.letter == letter), None)
