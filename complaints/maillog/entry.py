"""LogEntry: one line of a mail log, parsed; and what it can tell."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import ModuleType


class Event(StrEnum):
    """What a line tells about a message, in the order in which a message's lines come."""

    SIGN_IN = "sign-in"  # who is connected or signed in on a session; messages follow
    CLIENT = "client"  # Postfix smtpd: who hands it in; a new life of the queue ID begins
    ARRIVAL = "arrival"  # sendmail: sender, size, client, Message-ID; a new life begins
    MESSAGE_ID = "message-id"  # Postfix cleanup: what the headers say
    QUEUED = "queued"  # Postfix qmgr: sender, size, number of recipients
    FILTERED = "filtered"  # what a content filter says of it: subject, Message-ID
    DELIVERY = "delivery"  # what became of some recipients at one attempt
    CHILD = "child"  # a bounce, forward or clone made of it: its queue ID
    REMOVED = "removed"  # the queue ID is free again
    REFUSAL = "refusal"  # an attempt the server did not accept
    NOTHING = "nothing"  # a line that we know, and that tells nothing of a message


@dataclass(slots=True)  # not frozen, as LogEntry: millions are made
class Stamped:
    """A line without its framing: when, by which program, and the program's own text."""

    at: datetime
    host: str
    program: str
    process_id: str
    text: str


@dataclass(slots=True)  # not frozen: that doubles the time to make one, and millions are made
class LogEntry:
    """One understood line.

    facts       named as the fields of Passage, Handover or RefusedAttempt
    recipients  whom a DELIVERY is about; empty for all that wait
    host        the name by which the host calls itself in the line
    process_id  of the program that wrote it: a session, where a program serves one at a time
    before      the lines of the session that an ARRIVAL owes its client or user to
    """

    at: datetime
    queue_id: str
    event: Event
    facts: dict[str, str]
    line: str
    recipients: tuple[str, ...] = ()
    host: str = ""
    process_id: str = ""
    before: str = ""


@dataclass(slots=True)
class Writer:
    """A process that writes the log: its lines are read by one dialect."""

    host: str
    program: str
    process_id: str
    dialect: ModuleType | None


# A line that names a queue ID and is not understood yet: when, the text behind the queue ID,
# the whole line, who wrote it. A tuple: one is made for each line.
RawLine = tuple[datetime, str, str, Writer]
