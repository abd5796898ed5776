"""LogEntry: one line of a mail log, parsed; and what it can tell."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Event(StrEnum):
    """What a line tells about a message."""

    ARRIVAL = "arrival"  # a message enters the queue: sender, size, client, Message-ID
    CLIENT = "client"  # Postfix smtpd: who hands it in; a new life of the queue ID begins
    MESSAGE_ID = "message-id"  # Postfix cleanup: the Message-ID header
    QUEUED = "queued"  # Postfix qmgr: sender, size, number of recipients
    DELIVERY = "delivery"  # one recipient's fate at one attempt
    CHILD = "child"  # a bounce, forward or clone made of it: its queue ID
    REMOVED = "removed"  # the queue ID is free again
    REFUSAL = "refusal"  # an attempt the server did not accept


@dataclass(frozen=True, slots=True)
class Stamped:
    """A line without its framing: when, by which program, and the program's own text."""

    at: datetime
    host: str
    program: str
    process_id: str
    text: str


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One understood line. `facts` has the fields of Passage, Handover or RefusedAttempt."""

    at: datetime
    queue_id: str
    event: Event
    facts: dict[str, str]
    line: str
