"""PURE: Conditions of a rule, joined by and & or as a desk likes: what may be asked of a case.

A rule has groups; all of them have to hold, and of each group one condition. Any combination can be
said so, since every condition has its contrary.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from incidents.playbooks.document import Unreadable
from incidents.playbooks.playbook import gettext_noop

NUMBER, TEXT, CHOICE, SIGN = "number", "text", "choice", "sign"
# What may be asked, of which kind it is, and how it is called on the screens.
ASKED: Mapping[str, tuple[str, str]] = {
    "kind": (CHOICE, gettext_noop("the kind of the incident")),
    "priority": (NUMBER, gettext_noop("the priority, 1 to 4")),
    "complaints": (NUMBER, gettext_noop("complaints in the incident")),
    "reporter": (CHOICE, gettext_noop("the kind of reporter")),
    "category": (CHOICE, gettext_noop("what is complained of")),
    "format": (TEXT, gettext_noop("the format of the complaint")),
    "language": (TEXT, gettext_noop("the language of the complaint")),
    "sender": (TEXT, gettext_noop("the address of the writer")),
    "subject": (TEXT, gettext_noop("the subject of the complaint")),
    "threatens": (SIGN, gettext_noop("it threatens to refuse our mail")),
    "deadline": (SIGN, gettext_noop("an answer is wanted by a time")),
    "hours-left": (NUMBER, gettext_noop("hours until an answer is wanted")),
    "desk-open": (SIGN, gettext_noop("it is in the hours of the desk")),
}
RELATIONS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "is": ((NUMBER, TEXT, CHOICE), gettext_noop("is")),
    "is-not": ((NUMBER, TEXT, CHOICE), gettext_noop("is not")),
    "at-least": ((NUMBER,), gettext_noop("is at least")),
    "at-most": ((NUMBER,), gettext_noop("is at most")),
    "has": ((TEXT,), gettext_noop("contains")),
    "has-not": ((TEXT,), gettext_noop("does not contain")),
    "so": ((SIGN,), gettext_noop("is so")),
    "not-so": ((SIGN,), gettext_noop("is not so")),
}
CONTRARY = {"is-not": "is", "has-not": "has", "not-so": "so"}
REPORTERS = (
    "person", "provider", "isp", "service", "blocklist", "csirt", "rights-holder",
)  # fmt: skip
CATEGORIES = (
    "spam", "phishing", "malware", "copyright", "login-attack", "port-scan", "open-relay", "other",
)  # fmt: skip
VALUES = {"reporter": REPORTERS, "category": CATEGORIES}
WITHIN = ("complaints",)  # may be counted within the hours before
MOST_CONDITIONS, MOST_VALUE = 20, 200
MOST_HOURS = 720


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition.

    asked     one of ASKED
    relation  one of RELATIONS that fits what is asked
    value     what it is compared with, as text; "" for a sign
    hours     of what is counted: only within so many hours before; 0 for whatever is known
    """

    asked: str
    relation: str
    value: str = ""
    hours: float = 0


Groups = tuple[tuple[Condition, ...], ...]


def hold(
    groups: Groups, known: Mapping[str, Any], joined: tuple[datetime, ...], at: datetime
) -> bool:
    """Whether of each group one condition holds.

    known   by the names of ASKED: numbers, texts and signs; None where nothing is known
    joined  when complaints joined the incident, this one too
    """
    return all(any(_holds(one, known, joined, at) for one in group) for group in groups)


def _holds(
    one: Condition, known: Mapping[str, Any], joined: tuple[datetime, ...], at: datetime
) -> bool:
    if one.relation in CONTRARY:
        straight = Condition(one.asked, CONTRARY[one.relation], one.value, one.hours)
        return not _holds(straight, known, joined, at)
    found = known.get(one.asked)
    if one.asked in WITHIN:
        since = at - timedelta(hours=one.hours or MOST_HOURS)
        found = sum(since <= moment <= at for moment in joined)
    if found is None:
        return False
    if one.relation == "so":
        return bool(found)
    if one.relation == "has":
        return one.value.casefold() in str(found).casefold()
    if ASKED[one.asked][0] != NUMBER:
        return str(found).casefold() == one.value.casefold()
    wanted, number = float(one.value), float(found)
    if one.relation == "at-least":
        return number >= wanted
    return number <= wanted if one.relation == "at-most" else number == wanted


def faults_of(groups: Groups) -> Iterator[tuple[int, str]]:
    """What is wrong, each with the place of its condition, in English, to be translated."""
    for place, one in enumerate(one for group in groups for one in group):
        if place >= MOST_CONDITIONS:
            yield place, gettext_noop("A rule has at most 20 conditions.")
            return
        if words := _fault(one):
            yield place, words


def _fault(one: Condition) -> str:
    if one.asked not in ASKED:
        return gettext_noop("Nothing is known of a case by this name.")
    what = ASKED[one.asked][0]
    if one.relation not in RELATIONS or what not in RELATIONS[one.relation][0]:
        return gettext_noop("This cannot be compared in this way.")
    if what == SIGN:
        return gettext_noop("Say only whether it is so.") if one.value else ""
    if not one.value.strip():
        return gettext_noop("Say what it is compared with.")
    if what == NUMBER and not _is_number(one.value):
        return gettext_noop("It is compared with a number.")
    if one.value.casefold() not in VALUES.get(one.asked, (one.value.casefold(),)):
        return gettext_noop("There is nothing of this name.")
    if one.hours and (one.asked not in WITHIN or not 0 < one.hours <= MOST_HOURS):
        return gettext_noop("Only complaints are counted within hours, at most 720.")
    return ""


def _is_number(text: str) -> bool:
    try:
        return abs(float(text)) < 1e6
    except ValueError:
        return False


def write(groups: Groups) -> list[list[dict[str, Any]]]:
    """The groups as JSON values."""
    return [[asdict(one) for one in group] for group in groups]


def read(values: Any) -> Groups:
    """The groups of JSON values; what they do not know is refused.

    raises   Unreadable, worded for a person
    """
    if not isinstance(values, list) or not all(isinstance(group, list) for group in values):
        raise Unreadable(gettext_noop("The conditions of a rule are not what they have to be."))
    return tuple(tuple(map(_read, group)) for group in values if group)


def _read(value: Any) -> Condition:
    kinds = {"asked": str, "relation": str, "value": str, "hours": int | float}
    known = isinstance(value, dict) and {"asked", "relation"} <= set(value) <= set(kinds)
    if not known or not all(isinstance(said, kinds[name]) for name, said in value.items()):
        raise Unreadable(gettext_noop("The conditions of a rule are not what they have to be."))
    if len(value.get("value", "")) > MOST_VALUE or isinstance(value.get("hours", 0), bool):
        raise Unreadable(gettext_noop("The conditions of a rule are not what they have to be."))
    return Condition(**value)
