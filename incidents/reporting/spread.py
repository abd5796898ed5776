"""PURE: how long things took: median and 90th percentile, of single spans or of counted ones."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from math import ceil


@dataclass(frozen=True, slots=True)
class Spread:
    """Spans of time: how many, the middle one, and the one that nine of ten do not exceed.

    median  the middle span; of an even number, the mean of the two in the middle
    p90     the smallest span that at least nine tenths do not exceed (nearest rank)
    """

    count: int = 0
    median: timedelta | None = None
    p90: timedelta | None = None


def spread(spans: Iterable[timedelta]) -> Spread:
    """The spread of single spans."""
    ordered = sorted(spans)
    if not ordered:
        return Spread()
    count = len(ordered)
    middle = (ordered[(count - 1) // 2] + ordered[count // 2]) / 2
    return Spread(count, middle, ordered[ceil(count * 9 / 10) - 1])


def spread_of_counts(counts: Mapping[timedelta, int]) -> Spread:
    """The same, of spans each of which occurred so often."""
    total = sum(counts.values())
    if not total:
        return Spread()
    middle = (_at_rank(counts, (total - 1) // 2) + _at_rank(counts, total // 2)) / 2
    return Spread(total, middle, _at_rank(counts, ceil(total * 9 / 10) - 1))


def _at_rank(counts: Mapping[timedelta, int], rank: int) -> timedelta:
    """The span that has this place, from 0, when all stand in order."""
    passed = 0
    for span in sorted(counts):
        passed += counts[span]
        if passed > rank:
            return span
    raise IndexError(rank)
