"""PURE: how alike the words of a case and of a campaign are; which words tell families apart."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from incidents.grouping.case import Case, Trait
from incidents.grouping.profile import Profile
from incidents.grouping.rarity import Rarity

# From so many bodies on, a word that all have is of the campaign, not of chance.
ENOUGH_BODIES = 4
# Some complaints show a few lines only: it is held against how many bodies have what most of them
# have; and who shows less than HALF of these words shows a few lines himself.
ALWAYS, OF_MOST, HALF = 0.93, 0.6, 0.5
MISSING, STRANGE = 1.2, 1.5
SAME_FAMILY = 0.35
LEAST_OVERLAP = 0.4


@dataclass(frozen=True, slots=True)
class Likeness:
    """share: 0 nothing in common, 1 all; its weight in nats; shared words, rarest first."""

    share: float
    weight: float
    shared: tuple[str, ...] = ()


def alike_body(case: Case, profile: Profile, rarity: Rarity) -> Likeness | None:
    """How alike the bodies are; None where one is not shown."""
    body, bodies = case.has(Trait.BODY), profile.having[Trait.BODY]
    if not body or not bodies:
        return None
    known = told = hit = 0.0
    shared = []
    for word in body:
        value, here = rarity.information(Trait.BODY, word), profile.share(Trait.BODY, word)
        if not here and rarity.campaigns_with(Trait.BODY, word) <= 1:
            value *= 0.3  # nobody else ever said it: a random word
        told += value
        known += value * min(1.0, here * 1.5)
        if here:
            hit += value
            shared.append(_shown(value, word))
    core, found = _core(body, profile)
    share = math.sqrt((known / told if told else 0) * (found / core if core else 0))
    weight = 12.5 * (share - 0.1) - 5 if share < 0.5 else 11 * (share - 0.5)
    weight = max(-5.0, min(4.5, weight))
    weight = min(weight, hit * 0.25) if weight > 0 else max(weight, -told * 0.25, -core * 0.9)
    return Likeness(share, weight, tuple(word for *_, word in sorted(shared)))


def _shown(value: float, word: str) -> tuple[float, bool, int, str]:
    """In which order a person is shown words: the rarest first, and long words before numbers."""
    return round(-value, 1), not word.isalpha(), -len(word), word


def _core(body: frozenset[str], profile: Profile) -> tuple[float, float]:
    """The weight of the words most bodies have, and of those of them that this one has."""
    counts, bodies = profile.counts[Trait.BODY], profile.having[Trait.BODY]
    top = max(counts.values(), default=0)
    core = found = 0.0
    for word, number in counts.items():
        if number >= 0.6 * top:
            value = number / bodies
            if bodies == 1 and word not in body:
                value *= 0.5
            core += value
            found += value if word in body else 0.0
    return core, found


def alike_subject(case: Case, profile: Profile, rarity: Rarity) -> Likeness | None:
    """How alike the subjects are; a campaign has few, so one like none of them is against it."""
    subject, subjects = case.has(Trait.SUBJECT), profile.having[Trait.SUBJECT]
    if not subject or not subjects:
        return None
    known = told = hit = 0.0
    shared = []
    for word in subject:
        value, here = rarity.information(Trait.SUBJECT, word), profile.share(Trait.SUBJECT, word)
        if not here and rarity.campaigns_with(Trait.SUBJECT, word) <= 1:
            value *= 0.4
        told += value
        known += value * min(1.0, here * 3)
        if here:
            hit += value
            shared.append(_shown(value, word))
    share = known / told if told else 0.0
    if share > 0.3:
        weight = min(3.5, hit * 0.5 * share)
    else:
        weight = -min(3.0, 1.0 + 0.4 * math.log(subjects + 1)) * (1 - share)
    return Likeness(share, weight, tuple(word for *_, word in sorted(shared)))


def own_words(
    case: Case, profile: Profile, body: Likeness, rivals: Sequence[Profile]
) -> Iterator[tuple[str, float]]:
    """Words that tell campaigns of one family of content apart: a brand, a price, a wallet.

    They are the words that all bodies of one campaign have and those of another never have.
    """
    if body.share <= SAME_FAMILY:
        return
    words = case.has(Trait.BODY)
    missing = []
    if profile.having[Trait.BODY] >= ENOUGH_BODIES:
        always = set(_always(profile))
        if len(always & words) >= HALF * len(always):
            missing = sorted(always - words)
    theirs: list[str] = []
    for rival in _family(words, profile, rivals):
        told = [word for word in _always(rival) if word in words]
        strange = [word for word in told if profile.share(Trait.BODY, word) < 0.1]
        theirs = max(theirs, sorted(strange), key=len)
    room = 8.0
    if missing:
        weight = min(room, MISSING * len(missing))
        room -= weight
        yield f"it lacks words of all others: {_quoted(missing)}", -weight
    if theirs and room:
        weight = min(room, STRANGE * len(theirs))
        yield f"it has words of another campaign: {_quoted(theirs)}", -weight


def _family(words: frozenset[str], own: Profile, rivals: Sequence[Profile]) -> Iterator[Profile]:
    """Campaigns with like content that were seen often enough to know their words."""
    overlaps = [
        (sum(1 for word in words if rival.count(Trait.BODY, word)), rival) for rival in rivals
    ]
    need = LEAST_OVERLAP * max((overlap for overlap, _ in overlaps), default=0)
    for overlap, rival in overlaps:
        enough = rival.having[Trait.BODY] >= ENOUGH_BODIES
        if rival is not own and overlap and overlap >= need and enough:
            yield rival


def _always(profile: Profile) -> Iterator[str]:
    """The words that nearly all bodies have, but for those that are shown in part."""
    counts: dict[str, int] = profile.counts.get(Trait.BODY, {})
    often = [one for one in counts.values() if one >= OF_MOST * profile.having[Trait.BODY]]
    if often:
        whole = median(often)
        yield from (word for word, number in counts.items() if number >= ALWAYS * whole)


def _quoted(words: Sequence[str]) -> str:
    return ", ".join(f"“{word}”" for word in words[:4])
