"""PURE: Case, what grouping compares: a reported message of a complaint, or a burst in the log."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

Traits = dict[str, frozenset[str]]


class Trait(StrEnum):
    """A dimension in which cases are alike or differ; the values are words of the code."""

    MESSAGE = "message"
    ACCOUNT = "account"
    SCRIPT = "script"
    PROGRAM = "program"
    MACHINE = "machine"
    CUSTOMER = "customer"
    WAY = "way"
    IP = "ip"
    NETWORK = "network"
    SENDER = "sender"
    SENDER_DOMAIN = "sender-domain"
    FIXED_SENDER = "fixed-sender"
    LINK_DOMAIN = "url-domain"
    PAGE = "page"
    FILE = "file"
    CONTACT = "contact"
    HAS_ID = "message-id"
    COPIES = "copies"
    SUBJECT = "subject-word"
    BODY = "word"


# What can lead to a campaign at all; the others only speak for or against one that was found.
LEADS = (
    Trait.MESSAGE,
    Trait.ACCOUNT,
    Trait.SCRIPT,
    Trait.PROGRAM,
    Trait.MACHINE,
    Trait.IP,
    Trait.NETWORK,
    Trait.SENDER,
    Trait.LINK_DOMAIN,
    Trait.PAGE,
    Trait.FILE,
    Trait.CONTACT,
    Trait.SUBJECT,
    Trait.BODY,
)

# What the key of a burst in the log begins with; others begin with a complaint's reference.
OF_LOG = "log/"


@dataclass(frozen=True, slots=True)
class Case:
    """One thing that happened, as far as a complaint or the log shows it.

    key       names it: the complaint's reference and the number of the reported message
    traits    values by Trait, in normal form
    at        when the message passed; where nobody says, when the complaint arrived
    is_timed  whether `at` is a time of the message
    category  of the complaint; says what a machine did where no mail is involved
    is_mail   whether it is about a mail
    is_one_of_many  whether its complaint is about several: its category may be that of another
    is_guess  whether it shows nothing, and is tied to a message by no more than a likely link
    """

    key: str
    traits: Traits
    at: datetime
    is_timed: bool = True
    category: str = ""
    is_mail: bool = True
    is_one_of_many: bool = False
    is_guess: bool = False

    def has(self, trait: str) -> frozenset[str]:
        """The values of one dimension, none where it is silent."""
        return self.traits.get(trait, frozenset())

    @property
    def is_of_log(self) -> bool:
        """Whether it is a burst in the log that nobody complained of."""
        return self.key.startswith(OF_LOG)

    @property
    def has_lead(self) -> bool:
        """Whether anything in it can lead to a campaign."""
        return any(self.has(trait) for trait in LEADS)

    @property
    def weight(self) -> int:
        """How much it shows: the more, the earlier it is placed where order is free."""
        shown = (Trait.BODY, Trait.LINK_DOMAIN, Trait.PAGE, Trait.MESSAGE)
        some = (Trait.SUBJECT, Trait.IP, Trait.MACHINE)
        return 2 * sum(bool(self.has(one)) for one in shown) + sum(
            bool(self.has(one)) for one in some
        )

    def to_json(self) -> dict[str, Any]:
        """As JSON values; `from_json` gives it back."""
        return {
            "traits": {kind: sorted(values) for kind, values in sorted(self.traits.items())},
            "at": self.at.isoformat(),
            "is_timed": self.is_timed,
            "category": self.category,
            "is_mail": self.is_mail,
            "is_one_of_many": self.is_one_of_many,
            "is_guess": self.is_guess,
        }


def from_json(key: str, data: dict[str, Any]) -> Case:
    """The case that `Case.to_json` described."""
    return Case(
        key=key,
        traits={kind: frozenset(values) for kind, values in data["traits"].items()},
        at=datetime.fromisoformat(data["at"]),
        is_timed=data["is_timed"],
        category=data["category"],
        is_mail=data["is_mail"],
        is_one_of_many=data["is_one_of_many"],
        is_guess=data.get("is_guess", False),
    )


def telling(cases: list[Case]) -> list[Case]:
    """Those of the cases of a campaign by which it can be told from another: that show most."""
    for trait in (Trait.BODY, Trait.SUBJECT):
        if some := [one for one in cases if one.has(trait)]:
            return some
    return cases


def pooled(cases: list[Case]) -> Case:
    """What several complaints show of one logged message, as one case."""
    first = cases[0]
    traits: dict[str, set[str]] = {}
    for case in cases:
        for kind, values in case.traits.items():
            traits.setdefault(kind, set()).update(values)
    return Case(
        key=first.key,
        traits={kind: frozenset(values) for kind, values in traits.items()},
        at=first.at,
        is_timed=any(case.is_timed for case in cases),
        category=first.category,
        is_mail=any(case.is_mail for case in cases),
        is_one_of_many=first.is_one_of_many,
        is_guess=all(case.is_guess for case in cases),
    )
