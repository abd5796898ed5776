"""Playbook and TaskPlan: what to do about a kind of incident, by when, after what."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

URGENT, HIGH, NORMAL, LOW = 1, 2, 3, 4
WORKING_DAY = timedelta(hours=8)


class DoneWhen(StrEnum):
    """What proves a task done; without it, whoever finishes the task says in a note how it was."""

    SAID = "said"  # a person says so
    LETTER = "letter"  # its letter is sent
    REPLY = "reply"  # its letter is answered, or its time is over
    NOTICE = "notice"  # the public notice is published
    VERIFIED = "verified"  # the verdict is "fixed"


def gettext_noop(words: str) -> str:
    """Mark words for the translators; playbooks know nothing of Django."""
    return words


@dataclass(frozen=True, slots=True)
class TaskPlan:
    """One task to plan. Titles, explanations and proofs of shipped ones are English, to be
    translated; a desk writes both languages.

    due                  from the opening of the incident (or the arrival of the complaint)
    in_working_hours     whether `due` counts only the hours of the desk
    from_release         `due` counts anew from when the last task it waits for ended
    role                 agent or lead: whom it is meant for
    after                kinds of tasks that must be finished first
    letter               the letter template it is done with, "" for none
    needs_second_person  its letter or notice is never approved by who wrote it
    reply_within         how long an answer to its letter is waited for; None for none: the
                         task is done when the letter is sent
    done_when            what proves it done
    proof                the same in words
    for_each             "" for one an incident; reporter, threat or csirt for one each such
                         complaint
    remind_before        how long before it is due its person is reminded; None for never
    escalate_after       how late it may be before the lead is told; None for never
    checklist            lines to tick off within it; checklist_ja the same in Japanese
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
    done_when: DoneWhen = DoneWhen.SAID
    remind_before: timedelta | None = timedelta(hours=2)
    escalate_after: timedelta | None = timedelta(hours=4)
    checklist: tuple[str, ...] = ()
    title_ja: str = ""
    explanation_ja: str = ""
    proof_ja: str = ""
    checklist_ja: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Playbook:
    """What we do about one kind of incident. `priority` is that of Incident.Priority."""

    kind: str
    title: str
    priority: int
    tasks: tuple[TaskPlan, ...]
    title_ja: str = ""

    def plan(self, kind: str) -> TaskPlan | None:
        """The plan of a task of this kind, if the playbook has it."""
        return next((plan for plan in self.tasks if plan.kind == kind), None)

    def plan_of_letter(self, letter: str) -> TaskPlan | None:
        """The plan of the task that is done with this letter, if the playbook has it."""
        return next((plan for plan in self.tasks if plan.letter == letter), None)
