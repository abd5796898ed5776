"""PURE: Terms, what a rule says: when it looks, what has to hold, and what it does then."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from incidents.automation import conditions
from incidents.automation.conditions import REPORTERS, Groups
from incidents.playbooks.playbook import gettext_noop

# Acts in the history on which a rule may look, as it is told on the screens.
TRIGGERS = {
    "complaint-joined": gettext_noop("a complaint joins an incident"),
    "incident-opened": gettext_noop("an incident is opened"),
    "incident-relapsed": gettext_noop("abuse is back after the fix"),
    "threat-noted": gettext_noop("somebody threatens to refuse our mail"),
    "listing-found": gettext_noop("a blocklist has a host of ours"),
    "task-late": gettext_noop("a task is late"),
    "reply-answer": gettext_noop("an answer to a letter comes"),
}
ROLES = ("agent", "lead")
MOST_HOURS = 720
MOST_DUE = 24 * 366
LONGEST = timedelta(hours=MOST_HOURS)
_NAME = re.compile(r"[a-z][a-z0-9-]{0,33}")


@dataclass(frozen=True, slots=True)
class Terms:
    """What a rule says; what is empty is no condition, or is not done.

    trigger         one of TRIGGERS
    kinds           kinds of incident
    reporters       kinds of reporter, of REPORTERS
    threatens       only complaints that threaten to refuse our mail
    has_deadline    only where the writer wants an answer by a time
    complaints      at least so many complaints joined the incident within `within_hours` before
    where           further conditions: of each group one has to hold
    raise_to        the priority to raise to, as in Incident.Priority; 0 for none
    assign_role     whom the open tasks of the complaint, else of the incident, are for
    assign_to       the username of who gets them
    task, task_ja   title of a task to add
    task_role       whom it is for
    task_hours      by when, from the trigger
    task_by_deadline  by when the writer wants an answer, where that is known
    tell            the role that is told
    """

    name: str
    trigger: str
    kinds: tuple[str, ...] = ()
    reporters: tuple[str, ...] = ()
    threatens: bool = False
    has_deadline: bool = False
    complaints: int = 0
    within_hours: float = 0
    where: Groups = ()
    raise_to: int = 0
    assign_role: str = ""
    assign_to: str = ""
    task: str = ""
    task_ja: str = ""
    task_role: str = "agent"
    task_hours: float = 24
    task_by_deadline: bool = False
    tell: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known when a rule looks.

    joined   when complaints joined the incident within the last MOST_HOURS, this one too
    is_open  whether it is in the hours of the desk
    category, format, language, sender, subject   of the complaint, "" without one
    """

    at: datetime
    kind: str = ""
    priority: int = 4
    reporter: str = ""
    threatens: bool = False
    deadline: datetime | None = None
    is_open: bool = False
    category: str = ""
    format: str = ""
    language: str = ""
    sender: str = ""
    subject: str = ""
    joined: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that a rule does: priority, assign, task or tell; with its values."""

    what: str
    values: dict[str, Any]


def holds(terms: Terms, facts: Facts) -> bool:
    """Whether everything holds that the rule asks for."""
    since = facts.at - timedelta(hours=terms.within_hours)
    came = sum(since <= moment <= facts.at for moment in facts.joined)
    return (
        (not terms.kinds or facts.kind in terms.kinds)
        and (not terms.reporters or facts.reporter in terms.reporters)
        and (not terms.threatens or facts.threatens)
        and (not terms.has_deadline or facts.deadline is not None)
        and came >= terms.complaints
        and conditions.hold(terms.where, _known(facts), facts.joined, facts.at)
    )


def _known(facts: Facts) -> dict[str, Any]:
    """What conditions may ask; what is not known has no name here, or None."""
    left = None if facts.deadline is None else (facts.deadline - facts.at).total_seconds() / 3600
    known: dict[str, Any] = {
        "kind": facts.kind,
        "priority": facts.priority,
        "threatens": facts.threatens,
        "deadline": facts.deadline is not None,
        "hours-left": left,
        "desk-open": facts.is_open,
    }
    texts = ("reporter", "category", "format", "language", "sender", "subject")
    return known | {name: getattr(facts, name) or None for name in texts}


def acts_of(terms: Terms, facts: Facts) -> Iterator[Act]:
    """What the rule does where it holds; nothing that stands so already."""
    if terms.raise_to and facts.priority > terms.raise_to:
        yield Act("priority", {"to": terms.raise_to})
    if terms.assign_role or terms.assign_to:
        yield Act("assign", {"role": terms.assign_role, "person": terms.assign_to})
    if terms.task:
        due_at = facts.at + timedelta(hours=terms.task_hours)
        if terms.task_by_deadline and facts.deadline is not None:
            due_at = facts.deadline
        yield Act("task", {"title": terms.task, "due_at": due_at})
    if terms.tell:
        yield Act("tell", {"role": terms.tell})


def faults_of(terms: Terms) -> Iterator[tuple[str, str]]:
    """What is wrong, each with its field, in English, to be translated; nothing if it can run."""
    if not _NAME.fullmatch(terms.name):
        yield "name", gettext_noop("A name has small letters, digits and -, at most 34.")
    if terms.trigger not in TRIGGERS:
        yield "trigger", gettext_noop("Nothing in the history is called so.")
    if not set(terms.reporters) <= set(REPORTERS):
        yield "reporters", gettext_noop("There is no such kind of reporter.")
    if terms.complaints < 0:
        yield "complaints", gettext_noop("There is no such number of complaints.")
    if terms.complaints and not 0 < terms.within_hours <= MOST_HOURS:
        yield "within_hours", gettext_noop("Say within how many hours, at most 720.")
    for _place, words in conditions.faults_of(terms.where):
        yield "where", words
    yield from _faults_of_acts(terms)


def _faults_of_acts(terms: Terms) -> Iterator[tuple[str, str]]:
    if not (terms.raise_to or terms.assign_role or terms.assign_to or terms.task or terms.tell):
        yield "raise_to", gettext_noop("The rule does nothing: say what it does.")
    if terms.raise_to not in (0, 1, 2, 3, 4):
        yield "raise_to", gettext_noop("There is no such priority.")
    for field in ("assign_role", "task_role", "tell"):
        if getattr(terms, field) not in ("", *ROLES):
            yield field, gettext_noop("There is no such role.")
    if terms.task and not 0 < terms.task_hours <= MOST_DUE:
        yield "task_hours", gettext_noop("Say within how many hours the task is due.")
