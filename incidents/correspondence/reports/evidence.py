"""PURE: Evidence, what reports are made of; its text is redacted already."""

from dataclasses import dataclass
from datetime import datetime


def counted(number: int, thing: str) -> str:
    """`1 message`, `12 messages`: the reports are in English."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def how_much(messages: int, recipients: int) -> str:
    """`12 messages for 30 recipients`; without the recipients where the log knows of none."""
    told = counted(messages, "message")
    return f"{told} for {counted(recipients, 'recipient')}" if recipients else told


@dataclass(frozen=True, slots=True)
class Source:
    """A client that handed mail to our server: its address, and when it did."""

    address: str
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is reported of an incident; all text is redacted already.

    port          the source's port, where the log has it
    clock         how far the host's clock was ahead of others, in seconds; None: not known
    headers       (name, value) of one reported mail, as far as it may be shown
    log           whole lines of the mail log
    """

    incident: str
    organisation: str
    contact: str
    domain: str
    host: str
    host_address: str
    utc_offset: str
    clock: float | None
    messages: int
    recipients: int
    first_at: datetime
    last_at: datetime
    discovered_at: datetime
    fixed_at: datetime | None
    sources: tuple[Source, ...]
    port: int | None
    sender: str
    message_id: str
    subject: str
    headers: tuple[tuple[str, str], ...]
    log: str
    redacted: int = 0
