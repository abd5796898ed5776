"""PURE: all cases of a window at once, in an order of their own: which belong together.

What it yields does not depend on the order in which complaints arrived. The cases that show most
are placed first; then campaigns that are one are merged, and each case is placed anew with all
others in view, until nothing moves or ROUNDS are over. Decisions are those of `decision.decide`.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping

from incidents.grouping.candidates import MOST_KNOWN, known_by
from incidents.grouping.case import Case, Trait, pooled, telling
from incidents.grouping.decision import JOIN_FROM, Known, Outcome, decide, rate
from incidents.grouping.profile import Profile
from incidents.grouping.rarity import Rarity

ROUNDS = 2
# So many cases of a campaign tell whether it is one with another.
SAMPLE = 12
MOST_OF_ONE = 8.0


def settle(
    cases: Iterable[Case],
    *,
    fixed: Mapping[str, int] | None = None,
    apart: Mapping[str, frozenset[int]] | None = None,
) -> dict[str, int]:
    """The number of the campaign of each case that has a lead, by the case's key.

    fixed  where people put cases: these stay, and the campaign keeps that number; new
           campaigns get numbers below zero
    apart  campaigns (by those numbers) that people keep a case out of
    """
    room = _Room(fixed or {}, apart or {})
    units = [unit for unit in _units(cases) if unit[0].has_lead]
    held = [unit for unit in units if room.number_of(unit) is not None]
    free = sorted(
        (unit for unit in units if room.number_of(unit) is None),
        key=lambda unit: (-unit[0].weight, unit[0].at, unit[0].key),
    )
    for unit in held:
        room.put(unit[0], room.number_of(unit) or 0)
    for unit in free:
        room.place(unit[0])
    for _ in range(ROUNDS):
        changed = room.merge_alike() + sum(room.place_again(unit[0]) for unit in free)
        if not changed:
            break
    room.merge_alike()
    return {case.key: room.of[unit[0].key] for unit in units for case in unit[1]}


Unit = tuple[Case, list[Case]]


def _units(cases: Iterable[Case]) -> Iterator[Unit]:
    """Cases about one logged message are one, with what any of them shows."""
    by_message: dict[str, list[Case]] = {}
    for case in sorted(cases, key=lambda one: one.key):
        messages = sorted(case.has(Trait.MESSAGE))
        by_message.setdefault(messages[0] if messages else f"case {case.key}", []).append(case)
    for together in by_message.values():
        yield pooled(together), together


class _Room:
    """Campaigns in memory, with an index from each value to the campaigns that have it."""

    def __init__(self, fixed: Mapping[str, int], apart: Mapping[str, frozenset[int]]) -> None:
        self.fixed, self.apart = fixed, apart
        self.profiles: dict[int, Profile] = {}
        self.members: dict[int, dict[str, Case]] = {}
        self.of: dict[str, int] = {}
        self.index: dict[tuple[str, str], set[int]] = defaultdict(set)
        self.next = -1

    def number_of(self, unit: Unit) -> int | None:
        """Where a person put one of these cases."""
        return next((self.fixed[case.key] for case in unit[1] if case.key in self.fixed), None)

    def put(self, case: Case, number: int) -> None:
        """Count the case in."""
        profile = self.profiles.setdefault(number, Profile())
        new, gone = profile.add(case)
        for pair in new:
            self.index[pair].add(number)
        for pair in gone:
            self.index[pair].discard(number)
        self.members.setdefault(number, {})[case.key] = case
        self.of[case.key] = number

    def take(self, case: Case) -> int:
        """Count the case out; the number of the campaign it was in."""
        number = self.of.pop(case.key)
        for pair in self.profiles[number].remove(case):
            self.index[pair].discard(number)
        del self.members[number][case.key]
        if not self.members[number]:
            del self.profiles[number], self.members[number]
        return number

    def place(self, case: Case, keep: int | None = None) -> int:
        """Put the case where it belongs, else into a campaign of its own (`keep` if it is free)."""
        known, rarity = self._known(case)
        decided = decide(case, known, rarity, apart=self.apart.get(case.key, frozenset()))
        if decided.outcome == Outcome.JOIN and decided.best is not None:
            number = decided.best.campaign
        elif keep is not None and keep not in self.profiles:
            number = keep
        else:
            number, self.next = self.next, self.next - 1
        self.put(case, number)
        return number

    def place_again(self, case: Case) -> bool:
        """Whether the case, all others in view, belongs elsewhere than where it was."""
        before = self.take(case)
        return self.place(case, keep=before) != before

    def merge_alike(self) -> int:
        """Merge each campaign into a bigger one that its cases fit; how many were merged."""
        merged = 0
        for number in sorted(self.profiles, key=lambda one: (self._size(one), -one)):
            if number in self.profiles and number < 0:
                into = self._one_with(number)
                if into is not None:
                    for case in list(self.members[number].values()):
                        self.take(case)
                        self.put(case, into)
                    merged += 1
        return merged

    def _size(self, number: int) -> int:
        return len(self.members[number])

    def _one_with(self, number: int) -> int | None:
        near: Counter[int] = Counter()
        for case in _some(self.members[number], 8):
            near.update(one.campaign for one in self._known(case)[0][:MOST_KNOWN])
        best: tuple[float, int] | None = None
        for other, _ in near.most_common(10):
            fits = other != number and self._size(other) >= self._size(number)
            if fits and not self._kept_apart(number, other):
                found = (self._mean(number, other), -other)
                best = max(best, found) if best else found
        return -best[1] if best and best[0] >= JOIN_FROM else None

    def _kept_apart(self, number: int, other: int) -> bool:
        return any(other in self.apart.get(key, ()) for key in self.members[number])

    def _mean(self, number: int, other: int) -> float:
        """How well the cases of one campaign fit another, on average."""
        found = []
        for case in telling(_some(self.members[number], SAMPLE)):
            known, rarity = self._known(case)
            rivals = [one.profile for one in known]
            rated = rate(case, Known(other, self.profiles[other]), rarity, rivals)
            found.append(min(MOST_OF_ONE, rated.score))
        return sum(found) / len(found)

    def _known(self, case: Case) -> tuple[list[Known], Rarity]:
        having = {
            (kind, value): self.index.get((kind, value), set())
            for kind, values in case.traits.items()
            for value in values
        }
        rarity = Rarity(len(self.profiles), {pair: len(found) for pair, found in having.items()})
        numbers = known_by(having, rarity)
        return [Known(one, self.profiles[one]) for one in numbers], rarity


def _some(members: dict[str, Case], most: int) -> list[Case]:
    """At most so many of them, spread evenly."""
    cases = [members[key] for key in sorted(members)]
    return cases[:: max(1, len(cases) // most)][: most + 1]
