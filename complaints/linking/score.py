"""PURE: clues and logged messages to Candidates: probabilities with their reasons.

The messages in question compete: the odds of each are set against those of all the others and
against the odds that none is meant (`weights.py` says how a fact weighs).
"""

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import partial

from complaints.linking import compare
from complaints.linking.candidate import Candidate, Clues, Fact, Journey, Logged
from complaints.linking.compare import LEADS, LEADS_ALONE, NO_SUBJECTS, Lasting
from complaints.linking.journeys import journeys
from complaints.linking.subjects import bare_subject, fold_subject
from complaints.linking.weights import NOTHING_FITS, WEIGHTS

__all__ = ["LINKED_FROM", "PROPOSED_FROM", "candidates", "fold_subject"]

LINKED_FROM, PROPOSED_FROM = 0.8, 0.3
# Odds within this factor are as good as equal for whoever reads the reasons.
ALIKE = 0.5


def candidates(
    clues: Clues, messages: Iterable[Logged], weights: Mapping[str, float] = WEIGHTS
) -> list[Candidate]:
    """Every message with its facts, the most probable first.

    Messages that are legs of one journey are one candidate. Where several are alike, each can be
    meant with that much less probability.
    """
    return ranked(clues, journeys(messages), weights)


def ranked(
    clues: Clues,
    among: Iterable[Journey],
    weights: Mapping[str, float] = WEIGHTS,
    lasting: Lasting | None = None,
) -> list[Candidate]:
    """As `candidates`, where the messages are joined to journeys already.

    lasting  what is kept of these clues, where they are compared several times
    """
    found = [journey for journey in among if not _is_complaint(clues, journey)]
    alone, subjects = len(found) == 1, _subjects(found) if clues.subject else NO_SUBJECTS
    compared = [
        (journey, facts)
        for journey in found
        if (facts := _weighed(clues, journey, weights, alone, subjects, lasting))
    ]
    odds = [sum(fact.weight for fact in facts) for _, facts in compared]
    shares, in_order = _shares(odds, weights[NOTHING_FITS]), sorted(odds)
    made = [
        _candidate(journey, facts, share, rivals=len(odds) - bisect_left(in_order, own - ALIKE))
        for (journey, facts), own, share in zip(compared, odds, shares, strict=True)
    ]
    return sorted(made, key=lambda candidate: -candidate.probability)


def _is_complaint(clues: Clues, journey: Journey) -> bool:
    """Whether it is the complaint itself on its way to us."""
    return bool(clues.own_message_id) and journey.entry.message_id == clues.own_message_id


def _subjects(found: Iterable[Journey]) -> Counter[str]:
    """In how many messages each subject is logged, bare of what logs do to it."""
    logged = (next((leg.subject for leg in one.legs if leg.subject), "") for one in found)
    return Counter(bare_subject(subject) for subject in logged if subject)


def _weighed(
    clues: Clues,
    journey: Journey,
    weights: Mapping[str, float],
    alone: bool,
    subjects: Mapping[str, int],
    lasting: Lasting | None,
) -> list[Fact]:
    """The facts, strongest first; none where nothing of them leads to this very message."""
    named = compare.facts(clues, journey, alone, subjects, lasting)
    leads = LEADS | LEADS_ALONE if alone else LEADS
    if leads.isdisjoint([name for name, _ in named]):
        return []
    facts = [Fact(words, weights[name], name) for name, words in named]
    return sorted(facts, key=_strength, reverse=True)


def _strength(fact: Fact) -> float:
    return abs(fact.weight)


def _shares(odds: Sequence[float], nothing: float) -> list[float]:
    """The probability of each: its odds against all, among them that none is meant."""
    most = max([nothing, *odds])
    parts = [math.exp(one - most) for one in odds]
    whole = sum(parts) + math.exp(nothing - most)
    return [part / whole for part in parts]


def _candidate(journey: Journey, facts: list[Fact], share: float, *, rivals: int) -> Candidate:
    if rivals > 1:
        words = partial("one of {} messages for which as much speaks".format, rivals)
        facts = [*facts, Fact(words, -math.log(rivals), "rivals")]
    return Candidate(journey.entry, tuple(facts), share, journey.legs)
