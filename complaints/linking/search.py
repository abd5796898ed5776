"""Searches the log for what a complaint reports: what was found for each message, or why nothing.

It reads and computes only; `link` saves what came of it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from complaints import organisation
from complaints.linking import rules, weighing
from complaints.linking.candidate import Candidate, Clues
from complaints.linking.clues import clues_of
from complaints.linking.journeys import journeys
from complaints.linking.logged import Log
from complaints.linking.score import LINKED_FROM, PROPOSED_FROM, ranked
from complaints.linking.verdicts import Unfound, Verdict, verdicts_of
from complaints.linking.weighing import Table
from complaints.maillog.direction import Ourselves
from complaints.models import Complaint, Link, ReportedMessage

MOST_PROPOSED = 5
# What is found so surely that weaker rules need not ask, and that its times tell of our clocks.
CERTAIN_FROM = 0.99
# More is a wrong zone or a long stay in a queue, and says nothing of a clock.
MOST_AHEAD = timedelta(minutes=15)
# Each verdict asks the log: of a long list, only the first are asked about.
MOST_ASKED = 10


@dataclass(frozen=True, slots=True)
class Choice:
    """What was found for one reported message, and whether that is a link or a proposal."""

    reported: ReportedMessage
    clues: Clues
    candidate: Candidate
    state: str

    @property
    def ahead_seconds(self) -> float | None:
        """By how much our clock was ahead, where it is certain that this message is meant."""
        their_at = self.clues.their_at
        if their_at is None or self.candidate.probability < CERTAIN_FROM:
            return None
        ahead = (self.candidate.logged.queued_at - their_at).total_seconds()
        return ahead if abs(ahead) <= MOST_AHEAD.total_seconds() else None


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


class _Asking:
    """One complaint whose messages are looked for: what it shows of each, and what is in question.

    keys      of messages in question
    ranked    candidates for each reported message, the most probable first
    """

    def __init__(
        self,
        complaint: Complaint,
        reported: Sequence[ReportedMessage],
        us: Ourselves,
        hosts: Mapping[str, str],
    ) -> None:
        self.complaint = complaint
        self.shown = [(one, clues_of(one, complaint, us, hosts)) for one in reported]
        self.clues = [clues for _, clues in self.shown]
        self.keys: list[int] = []
        self.ranked: list[list[Candidate]] = [[] for _ in self.shown]

    @property
    def is_certain(self) -> bool:
        """Whether names alone have told, so that weaker rules need not ask."""
        return all(one and one[0].probability >= CERTAIN_FROM for one in self.ranked)

    def rank(self, log: Log, table: Table) -> None:
        """Weigh what is in question by what is known now."""
        if not self.keys:
            return
        found = journeys(log.logged(self.keys, for_complaint=self.complaint.pk))
        self.ranked = [ranked(clues, found, table.weights) for clues in self.clues]


def search(complaint: Complaint, us: Ourselves, *, now: datetime) -> Outcome:
    """As search_all, for one complaint."""
    return search_all([complaint], us, now=now)[0]


def search_all(complaints: Sequence[Complaint], us: Ourselves, *, now: datetime) -> list[Outcome]:
    """The best candidate of each reported message, or proposals where none is good enough.

    Each complaint is weighed by what was found for those before it, too.
    raises   OneByOne where too much is in question for several at once
    """
    rejected: dict[int, set[int]] = {}
    refused = Link.objects.filter(complaint__in=complaints, state=Link.State.REJECTED)
    for key, message in refused.values_list("complaint_id", "message_id"):
        rejected.setdefault(key, set()).add(message)
    table, log, every = weighing.in_force(), Log(us), _asking(complaints, us)
    _look_up(every, log, table)
    outcomes = []
    for asking in every:
        asking.rank(log, table)  # again: links made just now tell of senders, clients and clocks
        outcome = _choices(asking, rejected.get(asking.complaint.pk, set()), table)
        _learn(outcome, asking.complaint, log)
        outcomes.append(outcome)
    _say_why_nothing(every, outcomes, us, now=now)
    return outcomes


def candidates_for(complaint: Complaint, us: Ourselves) -> list[list[Candidate]]:
    """What is in question for each reported message, the most probable first; saves nothing."""
    table, log, every = weighing.in_force(), Log(us), _asking([complaint], us)
    _look_up(every, log, table)
    every[0].rank(log, table)
    return every[0].ranked


def _asking(complaints: Sequence[Complaint], us: Ourselves) -> list[_Asking]:
    hosts = organisation.host_names()
    reported: dict[int, list[ReportedMessage]] = {}
    for one in ReportedMessage.objects.filter(complaint__in=complaints):
        reported.setdefault(one.complaint_id, []).append(one)
    return [_Asking(one, reported.get(one.pk, []), us, hosts) for one in complaints]


def _look_up(every: Sequence[_Asking], log: Log, table: Table) -> None:
    """Read what may be meant; weaker rules ask only where names did not decide."""
    asking = [one for one in every if one.clues]
    for one, keys in zip(asking, _read(rules.by_name, asking, log), strict=True):
        one.keys = keys
        one.rank(log, table)
    weak = [one for one in asking if not one.is_certain]
    for one, keys in zip(weak, _read(rules.by_circumstance, weak, log), strict=True):
        one.keys = sorted({*one.keys, *keys})
    nothing = [one for one in weak if not one.keys]
    for one, keys in zip(nothing, _read(rules.by_time_alone, nothing, log), strict=True):
        one.keys = keys


def _read(
    look_up: Callable[[Sequence[Sequence[Clues]]], list[set[int]]],
    asking: Sequence[_Asking],
    log: Log,
) -> list[list[int]]:
    return log.read(look_up([one.clues for one in asking])) if asking else []


def _choices(asking: _Asking, rejected: set[int], table: Table) -> Outcome:
    outcome = Outcome(weighed_by=table.version)
    for (reported, clues), found in zip(asking.shown, asking.ranked, strict=True):
        left = [one for one in found if rejected.isdisjoint(leg.key for leg in one.legs)]
        chosen = _chosen(left)
        for candidate, state in chosen:
            choice = Choice(reported, clues, candidate, state)
            outcome.found.setdefault(candidate.logged.key, choice)
        kind = chosen[0][1] if chosen else ReportedMessage.Verdict.NOT_FOUND
        outcome.verdicts.append((reported, Verdict(kind)))
    return outcome


def _learn(outcome: Outcome, complaint: Complaint, log: Log) -> None:
    for key, choice in outcome.found.items():
        if choice.state == Link.State.LINKED:
            subject = choice.reported.subject
            log.acquainted.learn(log.row(key), complaint.pk, subject, choice.ahead_seconds)


def _say_why_nothing(
    every: Sequence[_Asking], outcomes: Sequence[Outcome], us: Ourselves, *, now: datetime
) -> None:
    """Put the reason in place of each NOT_FOUND; of a long list, of the first ones."""
    missing = [
        (outcome, number, Unfound(reported, clues, asking.complaint))
        for asking, outcome in zip(every, outcomes, strict=True)
        for number, (reported, clues) in enumerate(asking.shown[:MOST_ASKED])
        if outcome.verdicts[number][1].kind == ReportedMessage.Verdict.NOT_FOUND
    ]
    found = verdicts_of([unfound for _, _, unfound in missing], us, now=now)
    for (outcome, number, unfound), verdict in zip(missing, found, strict=True):
        outcome.verdicts[number] = (unfound.reported, verdict)


def _chosen(ranked: list[Candidate]) -> list[tuple[Candidate, str]]:
    if not ranked:
        return []
    best = ranked[0]
    if best.probability >= LINKED_FROM:
        return [(best, Link.State.LINKED)]
    good = [candidate for candidate in ranked if candidate.probability >= PROPOSED_FROM]
    return [(candidate, Link.State.PROPOSED) for candidate in good[:MOST_PROPOSED]]
