"""Passage: what the log says of one message; Handover and RefusedAttempt."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from complaints.maillog.entry import LogEntry, RawLine

# No mail server keeps trying for longer by default; then an ID may be another message's.
LONGEST_LIFE = timedelta(days=6)
SENT, DEFERRED, BOUNCED, EXPIRED, QUEUED = "sent", "deferred", "bounced", "expired", "queued"
FINAL = frozenset({SENT, BOUNCED, EXPIRED})
# Handover.relay of what stayed on the host itself: a mailbox, a file, a program.
LOCAL = "local"
# Handover.original_recipient where only this is known: an alias or .forward of ours made it.
ALIAS = "(alias)"

# RefusedAttempt.reason where only the domain tells: relaying denied, or no such mailbox.
RECIPIENT = "recipient"


@dataclass(slots=True)
class Handover:
    """What became of one recipient. `status` is sent, deferred, bounced, expired or queued."""

    recipient: str
    at: datetime
    status: str
    original_recipient: str = ""
    relay: str = ""
    relay_ip: str = ""
    dsn: str = ""
    reply: str = ""
    next_queue_id: str = ""
    attempts: int = 1

    @property
    def asked_for(self) -> str:
        """The address the client named, as far as it decides whether the mail was for us.

        What our own aliases make of an address of ours is our doing, not the client's; what
        went into a mailbox here was for us, whatever it was called.
        """
        if self.relay == LOCAL and not self.relay_ip:
            return ""
        return self.original_recipient or self.recipient


@dataclass(slots=True)
class Passage:
    """One life of a queue ID on one host, from its first line to its last.

    `queued_at` is the time of the first line. The client is not known while the line that
    tells it has not been read: its file may come later.
    """

    queue_id: str
    queued_at: datetime
    message_id: str = ""
    client_ip: str = ""
    client_name: str = ""
    client_known: bool = False
    authenticated_user: str = ""
    sender: str = ""
    subject: str = ""
    size_bytes: int | None = None
    recipient_count: int = 0
    removed_at: datetime | None = None
    children: list[str] = field(default_factory=list)
    handovers: dict[str, Handover] = field(default_factory=dict)
    entries: list[LogEntry] = field(default_factory=list)
    # Instead of entries: the lines of one life, plainly told (a dialect's `plain`).
    raw: Sequence[RawLine] = ()

    @property
    def lines(self) -> list[str]:
        """The log lines it was read from, as they stand in the log, in its order."""
        if self.raw:
            return [line for _, _, line, _ in self.raw]
        return [
            line
            for entry in self.entries
            for line in (*entry.before.split("\n"), entry.line)
            if line
        ]

    @property
    def times(self) -> list[datetime]:
        """When its lines were written."""
        return [at for at, *_ in self.raw] or [entry.at for entry in self.entries]

    @property
    def finished_at(self) -> datetime | None:
        """When it left the queue; None while a recipient that was announced waits."""
        if self.removed_at:
            return self.removed_at
        ended = [handover.at for handover in self.handovers.values() if handover.status in FINAL]
        return max(ended) if 0 < self.recipient_count <= len(ended) else None


@dataclass(frozen=True, slots=True)
class RefusedAttempt:
    """Something the server did not accept. `reason` is a word of Refusal.Reason."""

    at: datetime
    line: str
    reason: str
    queue_id: str = ""
    client_ip: str = ""
    client_name: str = ""
    helo: str = ""
    sender: str = ""
    recipient: str = ""
    code: str = ""
