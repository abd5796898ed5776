"""PURE: what a verification finds out: an Answer to each probe, Sightings in the mail log."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Stage(StrEnum):
    """How far the SMTP dialogue of a probe came (RFC 5321, section 3)."""

    CONNECT = "connect"
    HELLO = "hello"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"


class Said(StrEnum):
    """What the server said to a probe, in the end."""

    YES = "yes"
    NO = "no"
    LATER = "later"
    NOTHING = "nothing"
    NOT_OFFERED = "not-offered"


class Fate(StrEnum):
    """What became of a marked message that the host took or refused."""

    REFUSED = "refused"
    RELAYED = "relayed"
    STAYED = "stayed"
    UNSEEN = "unseen"


# What a server says when it means us and not the mail (RFC 5321, 3.1; RFC 5782 and its like).
ABOUT_US = re.compile(
    r"client host|your (ip|host|address)|blocked (using|by|from)|block ?list|blacklist|dnsbl|rbl"
    r"|banned|too many|rate.?limit|try again later from|go away",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Marked:
    """The one marked message sent for a group of probes that were accepted.

    probe   name of the probe that it was sent with
    stands  names of the probes, its own among them, for which its fate stands
    answer  what the server said to it, at DATA
    """

    probe: str
    stands: tuple[str, ...]
    answer: "Answer"
    fate: Fate
    message_id: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What one probe was told.

    probe       name of the probe in the battery
    stage       the step of the dialogue that the last reply answers
    code        the reply code, 0 where no reply came: `text` then says what went wrong
    text        the reply without its code, lines joined by a blank
    accepted    the server took the recipient (at RCPT), or the whole message (at DATA)
    transcript  the dialogue, "> " sent and "< " received, control characters escaped
    offered     False where the server does not offer what the probe is about, or the door is
                not there: then the answer says nothing of relaying
    """

    probe: str
    stage: Stage
    code: int
    text: str
    accepted: bool
    transcript: tuple[str, ...] = ()
    offered: bool = True

    @property
    def said(self) -> Said:
        """Yes, no, later, or nothing that tells anything about relaying.

        A reply that ends the dialogue before MAIL is about us or about the server, never
        about the mail that the probe stands for.
        """
        if self.accepted:
            return Said.YES
        if not self.offered:
            return Said.NOT_OFFERED
        if self.stage in (Stage.CONNECT, Stage.HELLO) or self.code in (0, 421):
            return Said.NOTHING
        return Said.NO if 500 <= self.code < 600 else Said.LATER

    @property
    def is_a_block(self) -> bool:
        """Whether the server does not want to talk with us at all (RFC 5321, 3.1 and 3.8)."""
        if not self.offered:
            return False
        return (
            self.code == 421
            or self.stage is Stage.CONNECT
            or (self.code in (521, 554) and ABOUT_US.search(self.text) is not None)
        )


@dataclass(frozen=True, slots=True)
class RefusedDay:
    """Attempts that one host refused on one day (UTC) for one class of reason."""

    day: date
    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class RefusedHour:
    """Attempts refused within one hour (UTC) for one class of reason, by who tried."""

    hour: datetime
    reason: str
    is_campaign: bool
    count: int


@dataclass(frozen=True, slots=True)
class Sightings:
    """What the mail log of one host says about a span of time. Our own probes are left out.

    since, until       the span, from the fix to the verification; messages count by the time
                       they were accepted, so that a queue which still empties counts nothing
    log_read_until     time of the last line that was read of this host's log, None for none
    relayed_known      messages relayed for strangers under a sender that a campaign had used
    relayed_other      messages relayed for strangers under any other sender
    relayed_clients    distinct clients that handed these messages in
    refused            refused attempts by day and reason, oldest first
    refused_relaying   how many of them were refused as relaying, or for their sender
    own_before         messages a day of our own mail (in, out, within) in the week before
    own_since          messages of our own mail in the span
    """

    since: datetime
    until: datetime
    log_read_until: datetime | None = None
    relayed_known: int = 0
    relayed_other: int = 0
    relayed_clients: int = 0
    last_relayed_at: datetime | None = None
    refused: tuple[RefusedDay, ...] = ()
    refused_relaying: int = 0
    own_before: float = 0.0
    own_since: int = 0
    sent_before: float = 0.0
    sent_since: int = 0
    hours: tuple[RefusedHour, ...] = ()
    refused_campaign: int = 0
    refused_newcomers: int = 0
    sources: tuple[tuple[str, int, bool], ...] = ()
    queued_now: int = 0
    queued_normal: int = 0

    @property
    def relayed(self) -> int:
        """Messages relayed for strangers in the span."""
        return self.relayed_known + self.relayed_other

    @property
    def log_covers_the_span(self) -> bool:
        """Whether the log was read to a line after the fix; silence before that says nothing."""
        return self.log_read_until is not None and self.log_read_until > self.since

    @property
    def own_expected(self) -> float:
        """Messages of our own mail that the span would hold if all were as before."""
        return self.own_before * self._days_read

    @property
    def sent_expected(self) -> float:
        """The same of what our own users send out."""
        return self.sent_before * self._days_read

    @property
    def _days_read(self) -> float:
        end = min(self.until, self.log_read_until or self.since)
        return max((end - self.since).total_seconds(), 0.0) / 86400
