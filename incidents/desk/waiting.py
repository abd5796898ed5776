"""What needs a person now, most urgent first, with the reason in words; a page at a time.

Each kind of thing is a source: one query by an index, from where the last page ended. So a page
costs the same however much waits. The queries are compiled once: building them cost more than
asking them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from heapq import heappop, heappush
from itertools import islice
from typing import Any, Self

from django.db.models import BigIntegerField, CharField, DateTimeField, IntegerField, Q, QuerySet

from complaints.prepared import Bound, prepared
from incidents.desk import of_tasks, sources
from incidents.desk.item import Filters, Moments, Waiting
from incidents.desk.source import BOUND, Source

A_PAGE = 50
FAR = datetime(9999, 1, 1, tzinfo=UTC)
NOTHING = Q(pk__in=[])


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a page ended: the place of its last item in the order of the whole list."""

    rank: int
    at: datetime
    source: str
    pk: int

    def __str__(self) -> str:
        return f"{self.rank}_{self.at:%Y%m%d%H%M%S%f}_{self.source}_{self.pk}"

    @classmethod
    def from_text(cls, text: str) -> Self | None:
        """The place that str() wrote; None for anything else."""
        try:
            rank, at, source, pk = text.split("_")
            moment = datetime.strptime(at, "%Y%m%d%H%M%S%f").replace(tzinfo=UTC)
            return cls(int(rank), moment, source, int(pk))
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Page:
    """Some of what waits, and the place after which it goes on; "" where it ends."""

    items: list[Waiting] = field(default_factory=list)
    after: str = ""


def page(now: datetime, filters: Filters, *, after: str = "") -> Page:
    """The things that wait for a person, in the order in which one should look at them."""
    start = Place.from_text(after)
    wanted = (source for source in sources.ALL if filters.wants(source.name))
    at = Moments(now, now + of_tasks.SOON)
    streams = [(one.ranks[0], _stream(one, at, filters, start)) for one in wanted]
    found = list(islice(_merged(streams), A_PAGE + 1))
    shown = found[:A_PAGE]
    return Page(shown, str(_place_of(shown[-1])) if len(found) > A_PAGE else "")


def _merged(streams: list[tuple[int, Iterator[Waiting]]]) -> Iterator[Waiting]:
    """All streams as one, in order. A stream is not asked before its first rank is reached."""
    later = sorted(streams, key=lambda one: one[0])
    heads: list[tuple[Place, Waiting, Iterator[Waiting]]] = []
    while heads or later:
        while later and (not heads or later[0][0] <= heads[0][0].rank):
            _push(heads, later.pop(0)[1])
        if heads:
            _place, item, stream = heappop(heads)
            yield item
            _push(heads, stream)


def _push(heads: list[tuple[Place, Waiting, Iterator[Waiting]]], stream: Iterator[Waiting]) -> None:
    """Put the next item of a stream on the heap; no two items have the same place."""
    if (item := next(stream, None)) is not None:
        heappush(heads, (_place_of(item), item, stream))


def _stream(
    source: Source, at: Moments, filters: Filters, start: Place | None
) -> Iterator[Waiting]:
    if start is not None and source.ranks[-1] < start.rank:
        return
    goes_on = start is not None and source.ranks[0] <= start.rank
    asked = _Asked(source, start if goes_on else None)

    def build() -> "QuerySet[Any, tuple[Any, ...]]":
        rows = source.in_order(BOUND, _bound(filters))
        rows = rows.filter(asked.beyond()) if asked.start else rows
        return rows.values_list(*source.fields)[: A_PAGE + 1]

    shape = (filters.who is not None, filters.threats, filters.language, filters.category)
    query = prepared((source.name, A_PAGE, asked.shape, *map(bool, shape)), build)
    for row in query.ask(now=at.now, soon=at.soon, **asked.values(filters)):
        yield source.shown(row, at)


def _bound(filters: Filters) -> Filters:
    """The filters with places for what is compared with."""
    return Filters(
        who=None if filters.who is None else Bound("who", IntegerField()),
        threats=filters.threats,
        language=filters.language and Bound("language", CharField()),
        category=filters.category and Bound("category", CharField()),
    )


class _Asked:
    """Rows of a source after a place, or all: its conditions, and what shapes them."""

    def __init__(self, source: Source, start: Place | None) -> None:
        self.source, self.start = source, start
        self.shape: tuple[Any, ...] = ()
        if start is not None:
            # Rows of the same time: those of another source come before or after all of it.
            behind = (source.name > start.source) - (source.name < start.source)
            is_other = not source.stored and start.rank not in source.ranks
            self.shape = (behind, start.at == FAR, is_other)

    def values(self, filters: Filters) -> dict[str, Any]:
        """By the names of the Bound ones."""
        found = {"who": filters.who, "language": filters.language, "category": filters.category}
        if self.start is not None:
            found |= {"rank": self.start.rank, "at": self.start.at, "pk": self.start.pk}
        return found

    def beyond(self) -> Q:
        """Rows of the source that come after the place."""
        if self.source.stored:
            rank = Bound("rank", IntegerField())
            return Q(rank__gt=rank) | (Q(rank=rank) & self._later())
        if self.shape[2] and self.source.beyond is not None:
            return self.source.beyond(BOUND)
        return self._later()

    def _later(self) -> Q:
        """Rows that come after the place, among those of its rank."""
        name = self.source.at
        if not self.source.may_lack_time:
            # A bound that an index can begin at: without it all that went before is read again.
            return Q(**{f"{name}__gte": Bound("at", DateTimeField())}) & self._after()
        if self.shape[1]:
            return Q(**{f"{name}__isnull": True}) & self._behind()
        return Q(**{f"{name}__isnull": True}) | self._after()

    def _after(self) -> Q:
        at = Bound("at", DateTimeField())
        same = Q(**{self.source.at: at}) & self._behind()
        return Q(**{f"{self.source.at}__gt": at}) | same

    def _behind(self) -> Q:
        if self.shape[0] == 0:
            return Q(pk__gt=Bound("pk", BigIntegerField()))
        return Q() if self.shape[0] > 0 else NOTHING


def _place_of(one: Waiting) -> Place:
    return Place(one.rank, (one.at or FAR).astimezone(UTC), one.source, one.pk)
