"""Passage: what the log says of one message; Handover and RefusedAttempt."""

from dataclasses import dataclass, field
from datetime import datetime

FINAL = frozenset({"sent", "bounced", "expired"})


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


@dataclass(slots=True)
class Passage:
    """One life of a queue ID on one host, from its first line to its last.

    `queued_at` is the time of the first line. A passage is headless while the line that
    tells its sender and client has not been read: its file may come later.
    """

    queue_id: str
    queued_at: datetime
    message_id: str = ""
    client_ip: str = ""
    client_name: str = ""
    helo: str = ""
    authenticated_user: str = ""
    sender: str = ""
    subject: str = ""
    size_bytes: int | None = None
    recipient_count: int = 0
    finished_at: datetime | None = None
    children: list[str] = field(default_factory=list)
    handovers: dict[str, Handover] = field(default_factory=dict)
    # In the order of the log; a dict, since the same line is asked for again and again.
    lines: dict[str, None] = field(default_factory=dict)
    has_head: bool = False

    @property
    def is_final(self) -> bool:
        """Whether every recipient that was announced has reached an end."""
        ended = sum(handover.status in FINAL for handover in self.handovers.values())
        return self.has_head and 0 < self.recipient_count <= ended


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
