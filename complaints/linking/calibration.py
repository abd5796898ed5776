"""PURE: how often the probabilities of links were right, by what people decided."""

from collections.abc import Iterable
from dataclasses import dataclass

STEPS = 10


@dataclass(frozen=True, slots=True)
class Step:
    """Links of about one probability: `said` is their mean, `right` the share people confirmed."""

    low: float
    high: float
    links: int
    said: float
    right: float


def steps(decided: Iterable[tuple[float, bool]]) -> list[Step]:
    """The tenths in which anything was decided, the surest first.

    decided    the probability of each link, and whether a person confirmed it
    """
    return steps_of((said, right, 1) for said, right in decided)


def steps_of(decided: Iterable[tuple[float, bool, int]]) -> list[Step]:
    """The same of links that are counted already.

    decided    probabilities, whether a person confirmed it, and of how many links that is so
    """
    tenths: dict[int, list[tuple[float, bool, int]]] = {}
    for one in decided:
        tenths.setdefault(min(STEPS - 1, int(one[0] * STEPS)), []).append(one)
    return [_step(tenth, found) for tenth, found in sorted(tenths.items(), reverse=True)]


def _step(tenth: int, found: list[tuple[float, bool, int]]) -> Step:
    links = sum(count for _, _, count in found)
    return Step(
        low=tenth / STEPS,
        high=(tenth + 1) / STEPS,
        links=links,
        said=sum(said * count for said, _, count in found) / links,
        right=sum(count for _, right, count in found if right) / links,
    )


def error(found: Iterable[Step]) -> float | None:
    """By how much the probabilities are off, on average over the links; None without any."""
    known = list(found)
    links = sum(step.links for step in known)
    if not links:
        return None
    return sum(step.links * abs(step.said - step.right) for step in known) / links
