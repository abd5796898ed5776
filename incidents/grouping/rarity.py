"""PURE: how rare a value is, by how many campaigns have it: what many share joins nobody."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from incidents.grouping.case import Trait

# A desk that has seen little knows as much of what is common as one with this many campaigns.
SEEN_BEFORE = 60.0
# Half of all mail is like this, whatever a desk has seen.
COMMON = {Trait.HAS_ID: 0.3, Trait.COPIES: 0.3, Trait.WAY: 0.3}


@dataclass(frozen=True, slots=True)
class Rarity:
    """How many campaigns there are, and how many have each (trait, value) pair asked for."""

    campaigns: int = 0
    having: Mapping[tuple[str, str], int] = field(default_factory=dict)

    def campaigns_with(self, kind: str, value: str) -> int:
        """In how many campaigns the value occurs."""
        return self.having.get((kind, value), 0)

    def share(self, kind: str, value: str) -> float:
        """The share of campaigns that have the value, never quite 0."""
        found = (self.campaigns_with(kind, value) + 0.5) / (self.campaigns + SEEN_BEFORE)
        return max(found, COMMON.get(Trait(kind), 0.0))

    def information(self, kind: str, value: str) -> float:
        """How much it tells to have the value, in nats."""
        return math.log((self.campaigns + SEEN_BEFORE) / (self.campaigns_with(kind, value) + 0.5))
