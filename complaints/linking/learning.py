"""PURE: learns the table of weights from examples of which it is known what was meant.

Conditional logistic regression: the probability that `score` gives to what was meant is made as
large as it can be, while no weight strays far from where it was without many examples for it.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from complaints.linking.weights import NOTHING_FITS

# How hard a weight is held where it was: against about so many examples it moves by one.
HELD_BY = 5.0
LEAST_AGAINST = -0.3
ROUNDS = 200
STEP = 0.5
LEAST_SHARE = 1e-12


@dataclass(frozen=True, slots=True)
class Example:
    """One reported message, as far as weights can be learned from it.

    candidates  the names of the facts of each message in question
    meant       which of them is meant; none where nothing fits
    """

    candidates: tuple[tuple[str, ...], ...]
    meant: frozenset[int]


def learn(
    examples: Sequence[Example], start: Mapping[str, float], *, rounds: int = ROUNDS
) -> dict[str, float]:
    """Return the weights that fit the examples best, from those to start with.

    examples  with facts that all have a line in the table
    source    AdaGrad (Duchi, Hazan, Singer 2011), so that rare facts learn as well
    """
    weights = dict(start)
    squares = dict.fromkeys(weights, 1e-8)
    for _ in range(rounds):
        slope = {name: HELD_BY * (start[name] - value) for name, value in weights.items()}
        for example in examples:
            _add_slope(example, weights, slope)
        for name, amount in slope.items():
            if name == NOTHING_FITS:
                # The zero of the scale: a fact that no example shows keeps its distance from it.
                continue
            squares[name] += amount * amount
            moved = weights[name] + STEP * amount / math.sqrt(squares[name])
            weights[name] = _on_its_side(moved, start[name])
    return weights


def _on_its_side(moved: float, start: float) -> float:
    """A contradiction never comes to speak for a link, nor an agreement against it."""
    return max(moved, 0.0) if start > 0 else min(moved, LEAST_AGAINST) if start < 0 else moved


def loss(examples: Sequence[Example], weights: Mapping[str, float]) -> float:
    """The mean surprise, in nats, at what was meant: 0 where each was certain."""
    if not examples:
        return 0.0
    total = 0.0
    for example in examples:
        shares, nothing = _shares(example, weights)
        meant = sum(shares[n] for n in example.meant) if example.meant else nothing
        total -= math.log(max(meant, LEAST_SHARE))
    return total / len(examples)


def _add_slope(example: Example, weights: Mapping[str, float], slope: dict[str, float]) -> None:
    """How the logarithm of the probability of what was meant changes with each weight."""
    shares, nothing = _shares(example, weights)
    meant = sum(shares[n] for n in example.meant) if example.meant else nothing
    for n, facts in enumerate(example.candidates):
        wanted = shares[n] / max(meant, LEAST_SHARE) if n in example.meant else 0.0
        change = wanted - shares[n]
        if abs(change) > 1e-6:
            for name, count in Counter(facts).items():
                slope[name] += change * count
    slope[NOTHING_FITS] += (0.0 if example.meant else 1.0) - nothing


def _shares(example: Example, weights: Mapping[str, float]) -> tuple[list[float], float]:
    odds = [sum(weights[name] for name in facts) for facts in example.candidates]
    most = max([weights[NOTHING_FITS], *odds])
    parts = [math.exp(one - most) for one in odds]
    nothing = math.exp(weights[NOTHING_FITS] - most)
    whole = sum(parts) + nothing
    return [part / whole for part in parts], nothing / whole
