"""What needs a person now, most urgent first, with the reason in words; a page at a time.

Each kind of thing is a source: one query by an index, from where the last page ended. So a page
costs the same however much waits.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from heapq import heappop, heappush
from itertools import islice
from typing import Self

from django.db.models import Q

from incidents.desk import sources
from incidents.desk.item import Filters, Waiting
from incidents.desk.source import Source

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
    streams = [(one.ranks[0], _stream(one, now, filters, start)) for one in wanted]
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
    source: Source, now: datetime, filters: Filters, start: Place | None
) -> Iterator[Waiting]:
    if start is not None and source.ranks[-1] < start.rank:
        return
    rows = source.in_order(now, filters)
    if start is not None and source.ranks[0] <= start.rank:
        rows = rows.filter(_beyond(source, start, now))
    for row in rows[: A_PAGE + 1]:
        yield source.shown(row, now)


def _beyond(source: Source, start: Place, now: datetime) -> Q:
    """Rows of the source that come after a place."""
    if source.stored:
        return Q(rank__gt=start.rank) | (Q(rank=start.rank) & _later(source, start))
    if start.rank not in source.ranks and source.beyond is not None:
        return source.beyond(now)
    return _later(source, start)


def _later(source: Source, start: Place) -> Q:
    """Rows that come after a place, among those of its rank."""
    if not source.may_lack_time:
        # A bound that an index can begin at: without it all that went before is read again.
        return Q(**{f"{source.at}__gte": start.at}) & _after(source, start)
    if start.at == FAR:
        return Q(**{source.at: None}) & _behind(source, start)
    return Q(**{source.at: None}) | _after(source, start)


def _after(source: Source, start: Place) -> Q:
    return Q(**{f"{source.at}__gt": start.at}) | (
        Q(**{source.at: start.at}) & _behind(source, start)
    )


def _behind(source: Source, start: Place) -> Q:
    """Rows of the same time: those of another source come before or after all of it."""
    if source.name == start.source:
        return Q(pk__gt=start.pk)
    return Q() if source.name > start.source else NOTHING


def _place_of(one: Waiting) -> Place:
    return Place(one.rank, (one.at or FAR).astimezone(UTC), one.source, one.pk)
