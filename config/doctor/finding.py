"""Finding: what the doctor found in one part, how bad it is, and what to do."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is. Only WRONG makes the doctor's visit end with exit code 1."""

    GOOD = "ok"
    ADVICE = "note"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    part    of the system, in a word or two: "mailboxes"
    said    what was found, in words; no password and no address of a correspondent
    remedy  what to do, as a sentence; "" where all is well
    """

    part: str
    level: Level
    said: str
    remedy: str = ""


def good(part: str, said: str) -> Finding:
    """All is well here."""
    return Finding(part, Level.GOOD, said)


def advice(part: str, said: str, remedy: str) -> Finding:
    """It works, but its owner should know."""
    return Finding(part, Level.ADVICE, said, remedy)


def wrong(part: str, said: str, remedy: str) -> Finding:
    """It does not work."""
    return Finding(part, Level.WRONG, said, remedy)
