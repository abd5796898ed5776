"""Clues a complaint gives about a message, what the log has of one, and facts that compare them."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class OwnHop:
    """A Received line that names a host of ours: the queue ID it shows, its client, its time."""

    host: str
    queue_id: str
    client_ip: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Clues:
    """What a complaint shows of one reported message; empty strings where it is silent.

    recipient    the address the report names; reporter is who complains
    senders      addresses that may be the envelope sender: stated, From, Return-Path
    at           when the message passed, as stated; a claim, in aware UTC
    reported_at  when the complaint arrived: nothing later can be meant
    """

    message_id: str = ""
    hops: tuple[OwnHop, ...] = ()
    source_ip: str = ""
    senders: tuple[str, ...] = ()
    recipient: str = ""
    reporter: str = ""
    subject: str = ""
    at: datetime | None = None
    reported_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Logged:
    """What the log has of one message."""

    key: int
    host: str
    host_name: str
    queue_id: str
    queued_at: datetime
    message_id: str
    client_ip: str
    sender: str
    subject: str
    recipients: frozenset[str]
    is_for_stranger: bool
    # How many messages of the log share its Message-ID.
    same_message_id: int = 1
    # Subjects that complaints linked to messages of this sender showed.
    sender_subjects: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that speaks for (weight above zero) or against a link, in words."""

    words: str
    weight: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """A message that may be meant, the facts, strongest first, and the probability of a link."""

    logged: Logged
    facts: tuple[Fact, ...] = field(default_factory=tuple)
    probability: float = 0.0
