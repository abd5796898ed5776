"""Values: in which campaigns each value was seen; read for many cases at once, written at once.

A row is a posting list: how many campaigns have the value, and the latest of them. Only so many are
kept as are ever looked at, so that a value that all campaigns share costs no more than another.
"""

import hashlib
from collections.abc import Iterable, Mapping

from incidents.grouping.rarity import Rarity
from incidents.models import KnownValue

# A case is compared with some dozen campaigns; a value that many more have tells little.
MOST_CAMPAIGNS = 64
AT_ONCE = 4000

Pair = tuple[str, str]
# Stands for all campaigns: how many there are is counted as any value is.
ALL: Pair = ("", "")


def key_of(pair: Pair) -> int:
    """The 64 bits by which a (trait, value) pair is found; as a signed number, for the database."""
    digest = hashlib.blake2b("\0".join(pair).encode("utf-8", "replace"), digest_size=8)
    return int.from_bytes(digest.digest(), "big", signed=True)


class Values:
    """Posting lists, as far as somebody asked for them."""

    def __init__(self) -> None:
        self._rows: dict[Pair, KnownValue] = {}
        self._changed: set[Pair] = set()
        self._stored: set[int] = set()
        self.load([ALL])

    def load(self, pairs: Iterable[Pair]) -> None:
        """Read those that are not known yet."""
        wanted = {key_of(pair): pair for pair in pairs if pair not in self._rows}
        keys = list(wanted)
        for start in range(0, len(keys), AT_ONCE):
            for row in KnownValue.objects.filter(key__in=keys[start : start + AT_ONCE]):
                self._rows[wanted[row.key]] = row
                self._stored.add(row.key)
        for key, pair in wanted.items():
            self._rows.setdefault(pair, KnownValue(key=key))

    def rarity(self, pairs: Iterable[Pair]) -> Rarity:
        """In how many campaigns each of these occurs."""
        having = {pair: self._rows[pair].number for pair in pairs}
        return Rarity(
            self._rows[ALL].number, {pair: number for pair, number in having.items() if number}
        )

    def having(self, pairs: Iterable[Pair]) -> Mapping[Pair, list[int]]:
        """The latest campaigns that have each of these."""
        return {pair: self._rows[pair].campaigns for pair in pairs}

    def add(self, pairs: Iterable[Pair], campaign: int) -> None:
        """A campaign has these values from now on."""
        for pair in self._known(pairs):
            row = self._rows[pair]
            row.number += 1
            row.campaigns = [*row.campaigns, campaign][-MOST_CAMPAIGNS:]

    def remove(self, pairs: Iterable[Pair], campaign: int) -> None:
        """A campaign has these values no more."""
        for pair in self._known(pairs):
            row = self._rows[pair]
            row.campaigns = [one for one in row.campaigns if one != campaign]
            row.number = max(row.number - 1, len(row.campaigns))

    def write(self) -> None:
        """Write what has changed."""
        changed = [self._rows[pair] for pair in self._changed]
        empty = [row.key for row in changed if not row.number and row.key in self._stored]
        full = sorted((row for row in changed if row.number), key=lambda row: row.key)
        KnownValue.objects.bulk_create(
            full,
            update_conflicts=True,
            unique_fields=["key"],
            update_fields=["number", "campaigns"],
            batch_size=AT_ONCE,
        )
        if empty:
            KnownValue.objects.filter(key__in=empty).delete()
        self._stored.difference_update(empty)
        self._stored.update(row.key for row in full)
        self._changed.clear()

    def _known(self, pairs: Iterable[Pair]) -> set[Pair]:
        found = set(pairs)
        self.load(found)
        self._changed |= found
        return found
