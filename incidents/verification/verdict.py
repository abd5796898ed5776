"""PURE: Answers and Sightings to none, partial, fixed or unknown, with the reasons in words.

A fix that blocks the addresses of one campaign passes any test made with these addresses; so
the verdict rests on senders that no list can know, on every form of address, and on what
the log says was relayed since. Silence is never taken for a fix.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from incidents.verification import clauses, summary
from incidents.verification.case import Case, case_of
from incidents.verification.clauses import Clause
from incidents.verification.findings import Answer, Marked, Sightings
from incidents.verification.trial import Probe
from incidents.verification.wording import Reason


class Outcome(StrEnum):
    """Is it fixed?"""

    UNKNOWN = "unknown"
    NONE = "none"
    PARTIAL = "partial"
    FIXED = "fixed"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome, its reasons with the weightiest first, and the figures they rest on.

    missing      what is missing for “fixed”
    for_manager  the outcome in one sentence, for who leads
    for_vendor   the same for who has to mend it
    """

    outcome: Outcome
    reasons: tuple[Reason, ...]
    figures: dict[str, int]
    missing: tuple[Reason, ...] = ()
    for_manager: Reason | None = None
    for_vendor: Reason | None = None


def judge(
    probes: Iterable[Probe],
    answers: Iterable[Answer],
    sightings: Sightings,
    *,
    marked: Iterable[Marked] = (),
    from_inside: bool = False,
) -> Verdict:
    """Is it fixed, as far as the answers and the log tell?

    probes       the whole battery; a probe without an answer was not asked
    sightings    what the log says since the fix; without a fix, of the last day
    marked       the marked messages that were sent, each for the probes it stands for
    from_inside  the probes came from one of our own networks, which the host may relay for
    returns      none: nothing of the campaign's own is stopped; partial: some of it is, or
                 some way is still open; fixed: every probe refused (or its mail dropped), own
                 mail still taken, and a log that was read past the fix and shows nothing
                 relayed for strangers; unknown: too little was learned, and why
    """
    case = case_of(tuple(probes), tuple(answers), tuple(marked), sightings, from_inside)
    holes = tuple(clauses.holes(case))
    doubts = tuple(clauses.doubts(case))
    outcome = _outcome(case, holes, doubts)
    found = (*doubts, *holes) if outcome is Outcome.UNKNOWN else (*holes, *doubts)
    reasons = tuple(one.reason for one in found) or tuple(clauses.merits(case))
    return Verdict(
        outcome,
        (*reasons, *clauses.notes(case)),
        _figures(case),
        missing=_needs(found),
        for_manager=summary.for_manager(case, outcome),
        for_vendor=summary.for_vendor(case, outcome, found[0].reason if found else None),
    )


def _needs(found: tuple[Clause, ...]) -> tuple[Reason, ...]:
    """What the clauses ask for, each once."""
    return tuple({str(one.needs): one.needs for one in found}.values())


def _outcome(case: Case, holes: tuple[Clause, ...], doubts: tuple[Clause, ...]) -> Outcome:
    if case.from_inside and not case.sightings.relayed:
        return Outcome.UNKNOWN
    if holes:
        return Outcome.NONE if _nothing_is_stopped(case) else Outcome.PARTIAL
    return Outcome.UNKNOWN if doubts else Outcome.FIXED


def _nothing_is_stopped(case: Case) -> bool:
    """Whether all the campaign did still goes through, by the probes or else by the log."""
    if not case.from_inside:
        for tally in (case.own, case.plain):
            if tally.relayed or tally.refused:
                return not tally.refused
            if tally.tried and case.other.relayed:
                return False  # put off, while something else went through: that is not relayed
    return not case.sightings.refused_relaying


def _figures(case: Case) -> dict[str, int]:
    return {
        "campaign_tried": case.own.tried,
        "campaign_relayed": len(case.own.relayed),
        "others_tried": case.other.tried,
        "others_relayed": len(case.other.relayed),
        "no_clear_answer": len(case.own.open) + len(case.other.open) + len(case.unclear),
        "relayed_since": case.sightings.relayed,
        "refused_since": case.sightings.refused_relaying,
    }
