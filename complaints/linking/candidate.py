"""Clues a complaint gives about a message, what the log has of one, and facts that compare them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

Words = str | Callable[[], str]


@dataclass(frozen=True, slots=True)
class OwnHop:
    """A Received line that names a host of ours: the queue ID it shows, its client, its time."""

    host: str
    queue_id: str
    client_ip: str
    at: datetime | None


@dataclass(frozen=True)
class Clues:
    """What a complaint shows of one reported message; empty strings where it is silent.

    hops              Received lines of ours, topmost first
    their_queue_ids   IDs that the hosts of the receiving side gave it
    source_ip         whom the report blames
    hosts_named       hosts of ours that it names or blames by their address, by name
    senders           addresses that may be the envelope sender: stated, or Return-Path
    author            the address of its From field
    recipient         the address the report names; reporter is who complains
    token             the recipient as it is shown, where that is a token (RFC 6590)
    token_means       who is meant by it, as other complaints of this reporter show
    more_recipients   addresses coded into the envelope sender or a link (VERP, unsubscribe)
    passed_us         whether its Received lines say that we handed it on; None: they are silent
    raw_subject       the subject as shown, for looking it up
    text              its subject and the beginning of its text, in lower case
    at                when the message passed, as stated; a claim, in aware UTC
    is_day            only the day was stated: `at` is its beginning
    zone_unsure       the zone of `at` was not stated, so it was read in the reporter's
    reporter_ahead    by how many seconds the reporter's times are ahead, as certain links show
    size_bytes        of the whole mail as it was attached; None where that is not known
    is_no_mail        what is complained of is no mail: a scan, a copy; and none is shown
    feedback_id       what its sender knows complaints by
    their_at          when a machine of the receiving side says that it got it from us
    reported_at       when the complaint arrived: nothing later can be meant
    own_message_id    of the complaint itself, whose own delivery to us is in the log too
    """

    message_id: str = ""
    hops: tuple[OwnHop, ...] = ()
    their_queue_ids: frozenset[str] = frozenset()
    source_ip: str = ""
    hosts_named: frozenset[str] = frozenset()
    senders: tuple[str, ...] = ()
    author: str = ""
    recipient: str = ""
    token: str = ""
    token_means: str = ""
    more_recipients: tuple[str, ...] = ()
    reporter: str = ""
    subject: str = ""
    raw_subject: str = ""
    text: str = ""
    passed_us: bool | None = None
    at: datetime | None = None
    is_day: bool = False
    zone_unsure: bool = False
    reporter_ahead: float | None = None
    size_bytes: int | None = None
    is_no_mail: bool = False
    feedback_id: str = ""
    their_at: datetime | None = None
    reported_at: datetime | None = None
    own_message_id: str = ""

    @cached_property
    def clients(self) -> frozenset[str]:
        """Who handed it in, by our own lines; else whom the report blames."""
        stated = frozenset(hop.client_ip for hop in self.hops if hop.client_ip)
        return stated or frozenset({self.source_ip} - {""})

    @cached_property
    def recipients_named(self) -> tuple[str, ...]:
        """The address that it names, and those that it shows otherwise."""
        return tuple(one for one in (self.recipient, *self.more_recipients) if one)

    @property
    def addresses(self) -> tuple[str, ...]:
        """Every address to which the message may have gone."""
        named = (self.recipient, self.token_means, *self.more_recipients, self.reporter)
        return tuple(dict.fromkeys(address for address in named if address))


@dataclass(frozen=True, slots=True)
class Logged:
    """What the log of one host has of one message.

    host_addresses     of the host that wrote the log
    client_is_ours     another host of ours, or this one, handed it in
    next_queue_ids     what the servers it was handed to called it
    parent             key of the message that begot it on the same host
    same_message_id    how many messages of the log share its Message-ID
    ahead_seconds      how far the clock of the host is ahead, as exact links show; None if unknown
    sender_subjects    subjects that complaints linked to messages of this sender showed
    sender_feedback_ids  Feedback-IDs that they showed
    complained_of      complaints that are linked to other messages of its sender or client
    sender_is_ours     its sender is at a domain of ours
    size_bytes         as the log has it; None where it has none
    is_from_desk       the desk itself wrote it: an acknowledgement, a letter
    """

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
    is_for_us: bool = False
    host_addresses: frozenset[str] = frozenset()
    client_is_ours: bool = False
    next_queue_ids: frozenset[str] = frozenset()
    parent: int | None = None
    same_message_id: int = 1
    ahead_seconds: float | None = None
    sender_subjects: frozenset[str] = frozenset()
    sender_feedback_ids: frozenset[str] = frozenset()
    size_bytes: int | None = None
    complained_of: int = 0
    sender_is_ours: bool = False
    is_from_desk: bool = False


@dataclass(frozen=True)
class Journey:
    """One message on its way over our hosts: what each of them logged, the first host first."""

    legs: tuple[Logged, ...]

    @property
    def entry(self) -> Logged:
        """Where it came in: its client is who gave it to us."""
        return self.legs[0]

    @cached_property
    def recipients(self) -> frozenset[str]:
        """All addresses it went to."""
        if len(self.legs) == 1:
            return self.legs[0].recipients
        return frozenset().union(*(leg.recipients for leg in self.legs))


class Fact(NamedTuple):
    """One thing that speaks for (weight above zero) or against a link.

    Of each message in question there are about ten: a frozen dataclass takes thrice as long.

    told     in words, or what says it: of many messages in question few are ever told of
    name     the line of the table of weights that it was weighed by
    """

    told: Words
    weight: float
    name: str = ""

    @property
    def words(self) -> str:
        """It in words."""
        return self.told if isinstance(self.told, str) else self.told()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A message that may be meant, the facts, strongest first, and the probability of a link.

    logged   where the message came in; legs are all that our hosts logged of it
    """

    logged: Logged
    facts: tuple[Fact, ...] = field(default_factory=tuple)
    probability: float = 0.0
    legs: tuple[Logged, ...] = ()
