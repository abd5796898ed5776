"""What links of other complaints tell of a sender, a client or a clock, and those made just now."""

from bisect import bisect_left, insort
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median
from typing import Protocol

from django.db.models import Q, QuerySet

from complaints.linking.subjects import fold_subject
from complaints.maillog.direction import Ourselves
from complaints.models import Link

MOST_LINKS = 1000
MOST_SIGHTINGS = 300
# So many senders and clients are asked for by name; of more, those of others are left out here.
MOST_NAMED, MOST_LATEST = 400, 5000
# A clock is set right one day: only what was seen near the time counts.
NEAR = timedelta(days=3)
NEAREST = 9
FEWEST = 2
NOBODY: frozenset[int] = frozenset()
NOTHING: frozenset[str] = frozenset()

Linked = tuple[str, str, int, str | None, str | None]


class Sent(Protocol):
    """A logged message, as far as its source goes."""

    @property
    def host_id(self) -> int: ...
    @property
    def queued_at(self) -> datetime: ...
    @property
    def client_ip(self) -> str: ...
    @property
    def sender(self) -> str: ...


class Showing(Protocol):
    """What a complaint shows of a message, as far as others of its campaign show the same."""

    @property
    def subject(self) -> str: ...
    @property
    def feedback_id(self) -> str: ...


@dataclass(slots=True)
class Known:
    """Of one sender or client: the complaints, and what each of them showed of its mail."""

    complaints: set[int] = field(default_factory=set)
    subjects: dict[str, set[int]] = field(default_factory=dict)
    feedback_ids: dict[str, set[int]] = field(default_factory=dict)


class Acquainted:
    """Knowledge that grows from complaint to complaint: of senders, clients, and clocks."""

    def __init__(self, us: Ourselves) -> None:
        """Clocks are asked for at once, senders and clients by `read`."""
        self._us = us
        self._known: dict[str, Known] = {}
        self._subjects: dict[tuple[str, int], frozenset[str]] = {}
        self._complaints: dict[tuple[str, str, int], int] = {}
        self._clocks: dict[int, list[tuple[datetime, float]]] | None = None

    def read(self, messages: Iterable[Sent]) -> None:
        """Ask what is known of the senders and clients of these messages."""
        senders: set[str] = set()
        clients: set[str] = set()
        for message in messages:
            senders.add(message.sender)
            if not self._us.has_host(message.client_ip):
                clients.add(message.client_ip)
        senders, clients = ({*some} - {""} - self._known.keys() for some in (senders, clients))
        for name in senders | clients:
            self._known[name] = Known()
        if not senders and not clients:
            return
        for sender, client, complaint, subject, feedback_id in _linked(senders, clients):
            for name in {sender, client} & (senders | clients):
                self._note(name, sender, complaint, subject or "", feedback_id or "")
        self._forget_answers()

    def learn(self, message: Sent, complaint: int, shown: Showing, ahead: float | None) -> None:
        """Note a link that was made just now, for the complaints that come next."""
        for name in {message.sender, message.client_ip} - {""}:
            if name in self._known:
                self._note(name, message.sender, complaint, shown.subject, shown.feedback_id)
        if ahead is not None and self._clocks is not None:
            insort(self._clocks.setdefault(message.host_id, []), (message.queued_at, ahead))
        self._forget_answers()

    def complaints(self, sender: str, client_ip: str, without: int) -> int:
        """How many other complaints are linked to messages of this sender or client."""
        key = (sender, client_ip, without)
        if (count := self._complaints.get(key)) is None:
            by_sender, by_client = self._known.get(sender), self._known.get(client_ip)
            both = (by_sender.complaints if by_sender else NOBODY) | (
                by_client.complaints if by_client else NOBODY
            )
            count = self._complaints[key] = len(both) - (without in both)
        return count

    def subjects(self, sender: str, without: int) -> frozenset[str]:
        """The subjects that other complaints showed in messages of this sender."""
        known = self._known.get(sender)
        if known is None or not known.subjects:
            return NOTHING
        key = (sender, without)
        if (found := self._subjects.get(key)) is None:
            others = (name for name, shown in known.subjects.items() if shown - {without})
            found = self._subjects[key] = frozenset(others)
        return found

    def feedback_ids(self, sender: str, without: int) -> frozenset[str]:
        """The Feedback-IDs that other complaints showed in messages of this sender."""
        known = self._known.get(sender)
        if known is None or not known.feedback_ids:
            return NOTHING
        return frozenset(one for one, by in known.feedback_ids.items() if by - {without})

    def ahead(self, host: int, at: datetime) -> float | None:
        """How far the clock of a host was ahead at that time; None where too few links tell."""
        if self._clocks is None:
            self._clocks = _sightings()
        return at_that_time(self._clocks.get(host, ()), at)

    def _note(self, name: str, sender: str, complaint: int, subject: str, feedback_id: str) -> None:
        known = self._known[name]
        known.complaints.add(complaint)
        if subject and name == sender:
            known.subjects.setdefault(fold_subject(subject), set()).add(complaint)
        if feedback_id and name == sender:
            known.feedback_ids.setdefault(feedback_id, set()).add(complaint)

    def _forget_answers(self) -> None:
        self._subjects.clear()
        self._complaints.clear()


def at_that_time(sightings: Sequence[tuple[datetime, float]], at: datetime) -> float | None:
    """The median of the sightings nearest in time; None where too few are near.

    sightings  when, and by how many seconds it was ahead, in the order of their times
    """
    middle = bisect_left(sightings, at, key=lambda one: one[0])
    around = sightings[max(0, middle - NEAREST) : middle + NEAREST]
    near = sorted((abs(seen - at), ahead) for seen, ahead in around if abs(seen - at) <= NEAR)
    return median(ahead for _, ahead in near[:NEAREST]) if len(near) >= FEWEST else None


def _sightings() -> dict[int, list[tuple[datetime, float]]]:
    """By host, what the latest exact links showed, in the order of its times."""
    seen: dict[int, list[tuple[datetime, float]]] = {}
    shown = _latest().exclude(ahead_seconds=None).order_by("-pk")
    told = shown.values_list("message__host", "message__queued_at", "ahead_seconds")
    for host, at, ahead in told[:MOST_SIGHTINGS]:
        if ahead is not None:
            seen.setdefault(host, []).append((at, ahead))
    for times in seen.values():
        times.sort()
    return seen


def _latest() -> QuerySet[Link]:
    return Link.objects.filter(pk__in=Link.objects.order_by("-pk").values("pk")[:MOST_LATEST])


def _linked(senders: Collection[str], clients: Collection[str]) -> Iterator[Linked]:
    """What the latest links say of these: sender, client, complaint, subject and Feedback-ID shown.

    Of all the links of a desk that has very many the latest are looked at: a campaign is of days.
    """
    told = (
        _latest()
        .filter(state__in=Link.HOLDING)
        .order_by("-pk")
        .values_list(
            "message__sender",
            "message__client_ip",
            "complaint",
            "reported_message__subject",
            "reported_message__feedback_id",
        )
    )
    if len(senders) + len(clients) <= MOST_NAMED:
        of_them = Q(message__sender__in=senders) | Q(message__client_ip__in=clients)
        yield from told.filter(of_them)[:MOST_LINKS]
    else:
        yield from (row for row in told if row[0] in senders or row[1] in clients)
