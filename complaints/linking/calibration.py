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
    tenths: dict[int, list[tuple[float, bool]]] = {}
    for said, right in decided:
        tenths.setdefault(min(STEPS - 1, int(said * STEPS)), []).append((said, right))
    return [
        Step(
            low=tenth / STEPS,
            high=(tenth + 1) / STEPS,
            links=len(links),
            said=sum(said for said, _ in links) / len(links),
            right=sum(right for _, right in links) / len(links),
        )
        for tenth, links in sorted(tenths.items(), reverse=True)
    ]


def error(found: Iterable[Step]) -> float | None:
    """By how much the probabilities are off, on average over the links; None without any."""
    known = list(found)
    links = sum(step.links for step in known)
    if not links:
        return None
    return sum(step.links * abs(step.said - step.right) for step in known) / links
