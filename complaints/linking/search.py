"""Searches the log for what a complaint reports: what was found for each message, or why nothing.

It reads and computes only; `link` saves what came of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from complaints import organisation
from complaints.linking import rules, weighing
from complaints.linking.candidate import Candidate, Clues
from complaints.linking.clues import clues_of
from complaints.linking.logged import as_logged
from complaints.linking.score import LINKED_FROM, PROPOSED_FROM, candidates
from complaints.linking.verdicts import Verdict, verdict_of
from complaints.linking.weighing import Table
from complaints.maillog.direction import Ourselves
from complaints.models import Complaint, Link, ReportedMessage

MOST_PROPOSED = 5
# What is found so surely that weaker rules need not ask, and that its times tell of our clocks.
CERTAIN_FROM = 0.99
# Each verdict asks the log: of a long list, only the first are asked about.
MOST_ASKED = 10


@dataclass(frozen=True, slots=True)
class Choice:
    """What was found for one reported message, and whether that is a link or a proposal."""

    reported: ReportedMessage
    clues: Clues
    candidate: Candidate
    state: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a search came to.

    weighed_by  the version of the weights
    found       by the key of a message why it is chosen. Several reported messages may be one that
                passed us: it is chosen once
    verdicts    one for each reported message
    """

    weighed_by: str = ""
    found: dict[int, Choice] = field(default_factory=dict)
    verdicts: list[tuple[ReportedMessage, Verdict]] = field(default_factory=list)

    @property
    def waits(self) -> bool:
        """Whether the log that would tell may still come."""
        waiting = ReportedMessage.Verdict.WAITING
        return not self.found and any(verdict.kind == waiting for _, verdict in self.verdicts)


def search(complaint: Complaint, us: Ourselves, *, now: datetime) -> Outcome:
    """The best candidate of each reported message, or proposals where none is good enough."""
    rejected = set(
        complaint.links.filter(state=Link.State.REJECTED).values_list("message_id", flat=True)
    )
    hosts = organisation.host_names()
    shown = [
        (reported, clues_of(reported, complaint, us, hosts))
        for reported in complaint.reported_messages.all()
    ]
    table = weighing.in_force()
    outcome = Outcome(weighed_by=table.version)
    every = _ranked(complaint, [clues for _, clues in shown], us, table)
    for (reported, clues), ranked in zip(shown, every, strict=True):
        left = [one for one in ranked if rejected.isdisjoint(leg.key for leg in one.legs)]
        chosen = _chosen(left)
        for candidate, state in chosen:
            choice = Choice(reported, clues, candidate, state)
            outcome.found.setdefault(candidate.logged.key, choice)
        if chosen:
            verdict = Verdict(chosen[0][1])
        elif len(outcome.verdicts) < MOST_ASKED:
            verdict = verdict_of(reported, clues, complaint, us, now=now)
        else:
            verdict = Verdict(ReportedMessage.Verdict.NOT_FOUND)
        outcome.verdicts.append((reported, verdict))
    return outcome


def candidates_for(complaint: Complaint, us: Ourselves) -> list[list[Candidate]]:
    """What is in question for each reported message, the most probable first; saves nothing."""
    hosts = organisation.host_names()
    shown = complaint.reported_messages.all()
    reported = [clues_of(one, complaint, us, hosts) for one in shown]
    return _ranked(complaint, reported, us, weighing.in_force())


def _ranked(
    complaint: Complaint, reported: Sequence[Clues], us: Ourselves, table: Table
) -> list[list[Candidate]]:
    """The candidates of each reported message; weaker rules ask only where names did not decide."""
    if not reported:
        return []
    rows = rules.by_name(reported).rows
    logged = as_logged(rows.values(), us, for_complaint=complaint.pk)
    ranked = [candidates(clues, logged, table.weights) for clues in reported]
    if all(one and one[0].probability >= CERTAIN_FROM for one in ranked):
        return ranked
    more = rules.by_circumstance(reported).rows
    if not rows and not more:
        more = rules.by_time_alone(reported).rows
    new = [row for key, row in more.items() if key not in rows]
    logged += as_logged(new, us, for_complaint=complaint.pk)
    return [candidates(clues, logged, table.weights) for clues in reported]


def _chosen(ranked: list[Candidate]) -> list[tuple[Candidate, str]]:
    if not ranked:
        return []
    best = ranked[0]
    if best.probability >= LINKED_FROM:
        return [(best, Link.State.LINKED)]
    good = [candidate for candidate in ranked if candidate.probability >= PROPOSED_FROM]
    return [(candidate, Link.State.PROPOSED) for candidate in good[:MOST_PROPOSED]]
