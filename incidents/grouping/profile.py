"""PURE: Profile, what the cases of one campaign have in common: counts, never a list of members."""

from collections import Counter
from typing import Any

from incidents.grouping.case import Case, Trait

HOUR = 3600
# Of the words of very many cases only the commonest tell anything.
MOST_VALUES = 600
PRUNED = (Trait.BODY, Trait.SUBJECT, Trait.SENDER, Trait.MESSAGE)


class Profile:
    """Counts over the cases of a campaign.

    cases   how many there are
    having  for each trait, how many cases say anything of it
    counts  for each trait and value, how many cases have it
    hours   in which hours (since the epoch) their messages passed
    """

    __slots__ = ("cases", "categories", "counts", "having", "hours", "not_mail")

    def __init__(self) -> None:
        self.cases = 0
        self.having: Counter[str] = Counter()
        self.counts: dict[str, Counter[str]] = {}
        self.hours: Counter[int] = Counter()
        self.categories: Counter[str] = Counter()
        self.not_mail = 0

    def add(self, case: Case) -> list[tuple[str, str]]:
        """Count a case in; the (trait, value) pairs that are new to the campaign."""
        new = []
        for kind, values in case.traits.items():
            self.having[kind] += 1
            counts = self.counts.setdefault(kind, Counter())
            for value in values:
                if not counts[value]:
                    new.append((kind, value))
                counts[value] += 1
        self.cases += 1
        self.hours[int(case.at.timestamp()) // HOUR] += 1
        self.categories[case.category] += 1
        self.not_mail += not case.is_mail
        return new

    def remove(self, case: Case) -> list[tuple[str, str]]:
        """Count a case out; the (trait, value) pairs that nobody has any more."""
        gone = []
        for kind, values in case.traits.items():
            self.having[kind] -= 1
            counts = self.counts.get(kind, Counter())
            for value in values:
                if value in counts:
                    counts[value] -= 1
                    if counts[value] <= 0:
                        del counts[value]
                        gone.append((kind, value))
        self.cases -= 1
        _lower(self.hours, int(case.at.timestamp()) // HOUR)
        _lower(self.categories, case.category)
        self.not_mail -= not case.is_mail
        return gone

    def count(self, kind: str, value: str) -> int:
        """How many cases have this value."""
        counts = self.counts.get(kind)
        return counts[value] if counts else 0

    def different(self, kind: str) -> int:
        """How many values of this trait it has seen."""
        return len(self.counts.get(kind, ()))

    def share(self, kind: str, value: str) -> float:
        """The share of the cases that say anything of this trait which have the value."""
        having = self.having[kind]
        return self.count(kind, value) / having if having else 0.0

    def to_json(self) -> dict[str, Any]:
        """As JSON values; of too many words the rarest are left out."""
        return {
            "cases": self.cases,
            "having": dict(self.having),
            "counts": {kind: _kept(kind, counts) for kind, counts in self.counts.items()},
            "hours": {str(hour): number for hour, number in self.hours.items()},
            "categories": dict(self.categories),
            "not_mail": self.not_mail,
        }


def from_json(data: dict[str, Any]) -> Profile:
    """The profile that `Profile.to_json` described; an empty one for {}."""
    profile = Profile()
    if data:
        profile.cases = data["cases"]
        profile.having.update(data["having"])
        profile.counts = {kind: Counter(counts) for kind, counts in data["counts"].items()}
        profile.hours.update({int(hour): number for hour, number in data["hours"].items()})
        profile.categories.update(data["categories"])
        profile.not_mail = data["not_mail"]
    return profile


def _lower(counts: Counter[Any], value: Any) -> None:
    counts[value] -= 1
    if counts[value] <= 0:
        del counts[value]


def _kept(kind: str, counts: Counter[str]) -> dict[str, int]:
    if kind not in PRUNED or len(counts) <= MOST_VALUES:
        return dict(counts)
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return dict(ordered[:MOST_VALUES])
