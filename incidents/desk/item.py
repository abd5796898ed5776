"""PURE: one thing that waits for a person, and what of it somebody wants to see."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

# What the chips filter by: the kind, and the sources that have it.
KINDS = {
    "tasks": ("urgent", "task"),
    "new": ("new",),
    "complaints": ("open",),
    "merges": ("merge",),
    "quarantine": ("quarantine",),
    "letters": ("letter", "notice", "telling"),
    "replies": ("reply", "proposal"),
}
OF_TASKS = ("urgent", "task")
OF_COMPLAINTS = ("open", "new", "quarantine")


@dataclass(frozen=True)
class Waiting:
    """PURE: one thing that waits for a person.

    rank      1 is looked at first
    at        what orders things of one rank: when it is due, else since when it waits
    about     where it belongs, in a line
    subject   reference of the complaint or incident, by which the presence of others is known
    findings  what the machine made of it, each in a line
    accept    what accepting would do, in words; "" where there is nothing to accept
    refuse    the same for refusing
    """

    rank: int
    source: str
    pk: int
    title: str
    why: str
    about: str
    address: str
    at: datetime | None
    is_due: bool = False
    subject: str = ""
    language: str = ""
    taken_by: str = ""
    findings: tuple[str, ...] = ()
    accept: str = ""
    refuse: str = ""
    # What an act names it by: "complaint-12", "task-7"; "" where no act is possible here.
    handle: str = ""
    can_leave: bool = False
    can_take: bool = False


@dataclass(frozen=True, slots=True)
class Moments:
    """The present, and how far what is due soon reaches; in a query that is kept, their Bounds."""

    now: Any
    soon: Any


@dataclass(frozen=True, slots=True)
class Filters:
    """What a person wants to see; each "" or False for all.

    kind   one of KINDS
    who    the key of the user whose tasks alone are wanted
    """

    kind: str = ""
    who: Any = None
    threats: bool = False
    language: Any = ""
    category: Any = ""

    def wants(self, source: str) -> bool:
        """Whether a source may have any of it."""
        if self.kind and source not in KINDS[self.kind]:
            return False
        if self.who is not None and source not in OF_TASKS:
            return False
        if self.language or self.category:
            return source in OF_COMPLAINTS
        return not self.threats or source in ("urgent", *OF_COMPLAINTS)
