"""PURE: which campaigns may be meant at all, by the rarest values that they share with a case."""

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from incidents.grouping.case import LEADS, Trait
from incidents.grouping.rarity import Rarity

MOST_KNOWN = 16
# A word in more campaigns than this leads nowhere.
MOST_WITH_WORD, SHARE_WITH_WORD, TOO_MANY = 8, 0.15, 60
WORDS = {Trait.BODY: 0.4, Trait.SUBJECT: 0.6}


def leads_of(pairs: Iterable[tuple[str, str]], rarity: Rarity) -> list[tuple[str, str]]:
    """The (trait, value) pairs worth looking up, the rarest first."""
    common = min(TOO_MANY, max(MOST_WITH_WORD, SHARE_WITH_WORD * rarity.campaigns))
    useful = [
        pair
        for pair in pairs
        if pair[0] in LEADS
        and rarity.campaigns_with(*pair)
        and (pair[0] not in WORDS or rarity.campaigns_with(*pair) <= common)
    ]
    return sorted(useful, key=lambda pair: (rarity.campaigns_with(*pair), pair))


def known_by(
    having: Mapping[tuple[str, str], Collection[int]], rarity: Rarity, *, most: int = MOST_KNOWN
) -> list[int]:
    """The campaigns that share most with a case, weighed by rarity; at most so many.

    having  for each pair of the case, the campaigns that have it, or the latest of them
    """
    points: dict[int, float] = defaultdict(float)
    for pair in leads_of(having, rarity):
        seen = max(rarity.campaigns_with(*pair), len(having[pair]))
        value = math.log((rarity.campaigns + 2) / seen) * WORDS.get(Trait(pair[0]), 2.0)
        for number in having[pair]:
            points[number] += value
    ranked = sorted(points, key=lambda number: (-points[number], number))
    return ranked[:most]
