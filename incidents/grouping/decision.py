"""PURE: the one decision of grouping: a case joins a campaign, opens one, or may belong to one."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from incidents.grouping.case import Case
from incidents.grouping.likeness import SAME_MESSAGE, Term, terms, total
from incidents.grouping.profile import Profile
from incidents.grouping.rarity import Rarity

# Kept with each placement, so that a later version can say what it would change.
VERSION = "4"
# Log-odds, in nats. A wrong merge is worse than a split: between the two a person is asked.
JOIN_FROM, PROPOSE_FROM = 3.0, 1.0
# Two campaigns may use one hole at once, and the log tells them apart by little more than the
# source, which counts already: what a complaint shows has to be able to contradict it.
HOLDS_MESSAGE = 2.0


class Outcome(StrEnum):
    """What becomes of a case: JOIN the campaign named, OPEN a new one, PROPOSE: open, but ask."""

    JOIN = "join"
    OPEN = "open"
    PROPOSE = "propose"
    NO_LEAD = "no-lead"


@dataclass(frozen=True, slots=True)
class Known:
    """A campaign that may be meant.

    campaign       its number, for the caller
    holds_message  whether a message that the case is linked to is known to be of it
    """

    campaign: int
    profile: Profile
    holds_message: bool = False


@dataclass(frozen=True, slots=True)
class Rated:
    """How well a case fits one campaign: log-odds, and the terms that add up to them."""

    campaign: int
    score: float
    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a case.

    best       the campaign joined or proposed; None where none is like it
    runner_up  the next best one, so that a person sees how near it was
    """

    outcome: Outcome
    best: Rated | None = None
    runner_up: Rated | None = None


def decide(
    case: Case, known: Sequence[Known], rarity: Rarity, *, apart: frozenset[int] = frozenset()
) -> Decision:
    """Say where a case belongs among the campaigns that may be meant.

    apart  campaigns that a person keeps it out of
    """
    if not case.has_lead:
        return Decision(Outcome.NO_LEAD)
    rivals = [one.profile for one in known]
    rated = sorted(
        (rate(case, one, rarity, rivals) for one in known if one.campaign not in apart),
        key=lambda one: (-one.score, one.campaign),
    )
    best = rated[0] if rated else None
    if best is None or best.score < PROPOSE_FROM:
        return Decision(Outcome.OPEN, None, best)
    # A guess joins nothing but others about the very message: a person is asked.
    bar = SAME_MESSAGE if case.is_guess else JOIN_FROM
    outcome = Outcome.JOIN if best.score >= bar else Outcome.PROPOSE
    return Decision(outcome, best, rated[1] if len(rated) > 1 else None)


def rate(case: Case, known: Known, rarity: Rarity, rivals: Sequence[Profile]) -> Rated:
    """How well the case fits one campaign."""
    found = terms(case, known.profile, rarity, rivals)
    if known.holds_message and found[0].weight < SAME_MESSAGE:
        found.insert(0, Term("the log has its message in this campaign", HOLDS_MESSAGE))
    return Rated(known.campaign, total(found), tuple(found))
