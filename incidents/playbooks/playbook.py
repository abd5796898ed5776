"""Playbook and TaskPlan: what to do about a kind of incident, by when, after what."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class TaskPlan:
    """One task to plan.

    due                  from the opening of the incident (or the arrival of the complaint)
    in_working_hours     whether `due` counts only the hours of the desk
    after                kinds of tasks that must be finished first
    letter               the letter template it is done with, "" for none
    proof                what shows that it is done, in words
    for_each             "" for one an incident; reporter, threat or csirt for one each such
                         complaint
    """

    kind: str
    title: str
    explanation: str
    due: timedelta
    in_working_hours: bool = True
    role: str = "agent"
    after: tuple[str, ...] = ()
    letter: str = ""
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


URGENT, HIGH, NORMAL, LOW = 1, 2, 3, 4
WORKING_DAY = timedelta(hours=8)
