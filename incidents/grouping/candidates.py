"""PURE: which campaigns may be meant at all, by the rarest values that they share with a case."""

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from incidents.grouping.case import LEADS, Trait
from incidents.grouping.rarity import Rarity

MOST_KNOWN = 16
# A word in more campaigns than this leads nowhere.
MOST_WITH_WORD, SHARE_WITH_WORD = 8, 0.15
WORDS = {Trait.BODY: 0.4, Trait.SUBJECT: 0.6}


def leads_of(pairs: Iterable[tuple[str, str]], rarity: Rarity) -> list[tuple[str, str]]:
    """The (trait, value) pairs worth looking up, the rarest first."""
    common = max(MOST_WITH_WORD, SHARE_WITH_WORD * rarity.campaigns)
    useful = [
        pair
        for pair in pairs
        if pair[0] in LEADS
        and rarity.campaigns_with(*pair)
        and (pair[0] not in WORDS or rarity.campaigns_with(*pair) <= common)
    ]
    return sorted(useful, key=lambda pair: (rarity.campaigns_with(*pair), pair))


def known_by(having: Mapping[tuple[str, str], Collection[int]], rarity: Rarity) -> list[int]:
    """The campaigns that share most with a case, weighed by rarity; at most MOST_KNOWN.

    having  for each pair of the case, the campaigns that have it
    """
    points: dict[int, float] = defaultdict(float)
    for pair in leads_of(having, rarity):
        numbers = having[pair]
        value = math.log((rarity.campaigns + 2) / len(numbers)) if numbers else 0.0
        for number in numbers:
            points[number] += value * WORDS.get(Trait(pair[0]), 2.0)
    ranked = sorted(points, key=lambda number: (-points[number], number))
    return ranked[:MOST_KNOWN]
