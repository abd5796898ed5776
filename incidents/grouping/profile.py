"""PURE: Profile, what the cases of one campaign have in common: counts, never a list of members.

It is of bounded size, however many cases there are: where a trait has shown too many values, the
rarest are forgotten (lossy counting, Manku and Motwani 2002), and only how many there were is kept.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from incidents.grouping.case import Case, Trait

# A profile of another version is made anew from the cases.
VERSION = 2
HOUR = 3600
# Of the values of very many cases only the commonest tell anything. From MOST on, a third goes.
MOST_VALUES = 240
MOST_WORDS = 480
MOST_HOURS = 96
# What a person is shown of a campaign.
SHOWN = (
    Trait.SUBJECT,
    Trait.SENDER,
    Trait.LINK_DOMAIN,
    Trait.PAGE,
    Trait.ACCOUNT,
    Trait.SCRIPT,
    Trait.PROGRAM,
    Trait.MACHINE,
    Trait.NETWORK,
    Trait.FILE,
    Trait.CONTACT,
)
MOST_SHOWN = 8

Pair = tuple[str, str]


class Profile:
    """Counts over the cases of a campaign.

    cases    how many there are
    told     how many of them complaints tell of, not the log alone
    having   for each trait, how many cases say anything of it
    counts   for each trait and value, how many cases have it
    dropped  for each trait, how many values were forgotten
    hours    in which hours (since the epoch) their messages passed, at least the first and last
    """

    __slots__ = ("cases", "categories", "counts", "dropped", "having", "hours", "not_mail", "told")

    def __init__(self) -> None:
        self.cases = 0
        self.told = 0
        self.having: Counter[str] = Counter()
        self.counts: dict[str, Counter[str]] = {}
        self.dropped: Counter[str] = Counter()
        self.hours: Counter[int] = Counter()
        self.categories: Counter[str] = Counter()
        self.not_mail = 0

    def add(self, case: Case) -> tuple[set[Pair], set[Pair]]:
        """Count a case in; the (trait, value) pairs that the campaign now has, and no more has."""
        new: set[Pair] = set()
        gone: set[Pair] = set()
        for kind, values in case.traits.items():
            self.having[kind] += 1
            counts = self.counts.setdefault(kind, Counter())
            for value in values:
                if not counts[value]:
                    new.add((kind, value))
                counts[value] += 1
            gone.update((kind, value) for value in self._prune(kind))
        self.cases += 1
        self.told += not case.is_of_log
        self.hours[int(case.at.timestamp()) // HOUR] += 1
        self._prune_hours()
        self.categories[case.category] += 1
        self.not_mail += not case.is_mail
        return new - gone, gone - new

    def remove(self, case: Case) -> set[Pair]:
        """Count a case out; the (trait, value) pairs that the campaign no more has."""
        gone: set[Pair] = set()
        for kind, values in case.traits.items():
            _lower(self.having, kind)
            counts = self.counts.get(kind, Counter())
            for value in values:
                if value in counts:
                    _lower(counts, value)
                    if value not in counts:
                        gone.add((kind, value))
        self.cases -= 1
        self.told -= not case.is_of_log
        hour = int(case.at.timestamp()) // HOUR
        if hour in self.hours and (len(self.hours) > 1 or not self.cases):
            _lower(self.hours, hour)
        _lower(self.categories, case.category)
        self.not_mail -= not case.is_mail
        return gone

    def take_in(self, other: "Profile") -> None:
        """Count all cases of another campaign in."""
        self.cases += other.cases
        self.told += other.told
        self.not_mail += other.not_mail
        self.having.update(other.having)
        self.dropped.update(other.dropped)
        self.categories.update(other.categories)
        for kind, counts in other.counts.items():
            self.counts.setdefault(kind, Counter()).update(counts)
            self._prune(kind)
        self.hours.update(other.hours)
        self._prune_hours()

    def pairs(self) -> set[Pair]:
        """Each (trait, value) that it has counted and not forgotten."""
        return {(kind, value) for kind, counts in self.counts.items() for value in counts}

    def count(self, kind: str, value: str) -> int:
        """How many cases have this value."""
        counts = self.counts.get(kind)
        return counts[value] if counts else 0

    def different(self, kind: str) -> int:
        """How many values of this trait it has seen."""
        return len(self.counts.get(kind, ())) + self.dropped[kind]

    def share(self, kind: str, value: str) -> float:
        """The share of the cases that say anything of this trait which have the value."""
        having = self.having[kind]
        return self.count(kind, value) / having if having else 0.0

    def shown(self) -> Iterator[Pair]:
        """The values that tell a person something, of each trait the commonest."""
        for kind in SHOWN:
            counts = self.counts.get(kind, Counter())
            ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
            yield from ((kind.value, value) for value, _ in ordered[:MOST_SHOWN])

    def to_json(self) -> dict[str, Any]:
        """As JSON values; `from_json` gives it back."""
        return {
            "cases": self.cases,
            "told": self.told,
            "having": dict(self.having),
            "counts": {kind: dict(counts) for kind, counts in self.counts.items()},
            "dropped": dict(self.dropped),
            "hours": {str(hour): number for hour, number in self.hours.items()},
            "categories": dict(self.categories),
            "not_mail": self.not_mail,
        }

    def _prune(self, kind: str) -> list[str]:
        """Forget the rarest values of a trait that has too many."""
        counts = self.counts[kind]
        most = MOST_WORDS if kind in (Trait.BODY, Trait.SUBJECT) else MOST_VALUES
        if len(counts) <= most:
            return []
        ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        forgotten = [value for value, _ in ordered[most * 2 // 3 :]]
        for value in forgotten:
            del counts[value]
        self.dropped[kind] += len(forgotten)
        return forgotten

    def _prune_hours(self) -> None:
        if len(self.hours) > MOST_HOURS:
            ordered = sorted(self.hours)
            for hour in ordered[MOST_HOURS // 4 : -MOST_HOURS // 4]:
                del self.hours[hour]


def from_json(data: dict[str, Any]) -> Profile:
    """The profile that `Profile.to_json` described; an empty one for {}."""
    profile = Profile()
    if data:
        profile.cases, profile.told = data["cases"], data["told"]
        profile.having.update(data["having"])
        profile.counts = {kind: Counter(counts) for kind, counts in data["counts"].items()}
        profile.dropped.update(data.get("dropped", {}))
        profile.hours.update({int(hour): number for hour, number in data["hours"].items()})
        profile.categories.update(data["categories"])
        profile.not_mail = data["not_mail"]
    return profile


def _lower(counts: Counter[Any], value: Any) -> None:
    counts[value] -= 1
    if counts[value] <= 0:
        del counts[value]
