"""Searches the log for what a complaint reports: what was found for each message, or why nothing.

It reads and computes only; `link` saves what came of it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from operator import is_

from complaints import organisation
from complaints.linking import rules, weighing
from complaints.linking.candidate import Candidate, Clues
from complaints.linking.clues import clues_of
from complaints.linking.compare import Lasting
from complaints.linking.journeys import journeys
from complaints.linking.logged import Log
from complaints.linking.reporters import CERTAIN_FROM, Reporters, states_a_time
from complaints.linking.rule import Found
from complaints.linking.score import LINKED_FROM, PROPOSED_FROM, ranked
from complaints.linking.tokens import Token, Tokens
from complaints.linking.verdicts import Unfound, Verdict, verdicts_of
from complaints.linking.weighing import Table
from complaints.maillog.direction import Ourselves
from complaints.models import Complaint, Link, ReportedMessage

MOST_PROPOSED = 5
# More is a wrong zone or a long stay in a queue, and says nothing of a clock.
MOST_AHEAD = timedelta(minutes=15)
# Each verdict asks the log: of a long list, only the first are asked about.
MOST_ASKED = 10

LookUp = Callable[[Sequence[Sequence[Clues]]], list[Found]]


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
    cuts      which rules would have found more, in a sentence each
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
        self.cuts: list[str] = []
        self.has_taught = False
        # What was weighed last: the same objects need not be weighed again.
        self._weighed: list[object] = []
        # What is kept of each of the clues, with the clues it is kept of.
        self._lasting: list[tuple[Clues, Lasting]] = [(clues, {}) for clues in self.clues]
        self.ranked: list[list[Candidate]] = [[] for _ in self.shown]

    @property
    def is_certain(self) -> bool:
        """Whether names alone have told, so that weaker rules need not ask."""
        return all(one and one[0].probability >= CERTAIN_FROM for one in self.ranked)

    @property
    def is_linked(self) -> bool:
        """Whether there is a link for each message that it shows."""
        return all(one and one[0].probability >= LINKED_FROM for one in self.ranked)

    @property
    def reporter(self) -> str:
        """Who complains, if by his clock any of the messages is to be found."""
        stated = any(map(states_a_time, self.clues))
        return self.complaint.sender if stated else ""

    @property
    def tokens(self) -> list[Token]:
        """The recipients that it shows as tokens."""
        return [(one.token, self.complaint.sender) for one in self.clues if one.token]

    def know(self, reporters: Reporters, tokens: Tokens) -> None:
        """Take into account what is known of the reporter's clock and of his tokens."""
        ahead = reporters.ahead(self.reporter)
        for place, clues in enumerate(self.clues):
            if clues.reporter_ahead != ahead and states_a_time(clues):
                clues = replace(clues, reporter_ahead=ahead)
            if clues.token:
                token = (clues.token, self.complaint.sender)
                means = tokens.meaning(token, without=self.complaint.pk)
                if means != clues.token_means:
                    clues = replace(clues, token_means=means)
            self.clues[place] = clues

    def teach(self, reporters: Reporters, tokens: Tokens, log: Log) -> None:
        """Let those that come next know what certain messages tell of the reporter."""
        if self.has_taught or not self.is_certain:
            return
        self.has_taught = True
        for (reported, clues), found in zip(self.shown, self.ranked, strict=True):
            key = found[0].logged.key
            stated = reported.arrived_at if reported.clock_stated else None
            if stated is not None and clues.their_at is None:
                row = log.row(key)
                reporters.learn(self.complaint.sender, stated, row.queued_at, row.host_id)
            if clues.token:
                shown, reached = (clues.token, self.complaint.sender), found[0].logged.recipients
                tokens.learn(shown, self.complaint.pk, key, reached)

    def rank(self, log: Log, table: Table) -> None:
        """Weigh what is in question by what is known now."""
        if not self.keys:
            return
        known = log.logged(self.keys, for_complaint=self.complaint.pk)
        if _are(self._weighed, [*known, *self.clues]):
            return
        self._weighed = [*known, *self.clues]
        found = journeys(known)
        for place, clues in enumerate(self.clues):
            if self._lasting[place][0] is not clues:
                self._lasting[place] = (clues, {})
            lasting = self._lasting[place][1]
            self.ranked[place] = ranked(clues, found, table.weights, lasting)


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
    reporters = Reporters(log.acquainted.ahead)
    tokens = Tokens()
    _look_up(every, log, table, reporters, tokens)
    outcomes = []
    for asking in every:
        # Again: links made just now tell of senders, clients and clocks.
        asking.know(reporters, tokens)
        asking.rank(log, table)
        outcome = _choices(asking, rejected.get(asking.complaint.pk, set()), table)
        _learn(outcome, asking.complaint, log)
        asking.teach(reporters, tokens, log)
        outcomes.append(outcome)
    _say_why_nothing(every, outcomes, us, now=now)
    return outcomes


def candidates_for(complaints: Sequence[Complaint], us: Ourselves) -> list[list[list[Candidate]]]:
    """What is in question for each message that each complaint reports, the most probable first.

    Saves nothing.
    raises   OneByOne where too much is in question for several at once
    """
    table, log, every = weighing.in_force(), Log(us), _asking(complaints, us)
    _look_up(every, log, table, Reporters(log.acquainted.ahead), Tokens())
    for asking in every:
        asking.rank(log, table)
    return [asking.ranked for asking in every]


def _asking(complaints: Sequence[Complaint], us: Ourselves) -> list[_Asking]:
    hosts = organisation.host_names()
    reported: dict[int, list[ReportedMessage]] = {}
    for one in ReportedMessage.objects.filter(complaint__in=complaints):
        reported.setdefault(one.complaint_id, []).append(one)
    return [_Asking(one, reported.get(one.pk, []), us, hosts) for one in complaints]


def _look_up(
    every: Sequence[_Asking], log: Log, table: Table, reporters: Reporters, tokens: Tokens
) -> None:
    """Read what may be meant; weaker rules ask only where names did not decide."""
    asking = [one for one in every if one.clues]
    _read(rules.by_name, asking, log, table)
    weak = [one for one in asking if not one.is_certain]
    reporters.read({one.reporter for one in weak})
    tokens.read({token for one in weak for token in one.tokens})
    for one in asking:
        if one.is_certain:  # so that the next of the same reporter is looked for by his clock
            one.teach(reporters, tokens, log)
        else:
            one.know(reporters, tokens)
    _read(rules.by_circumstance, weak, log, table)
    _read(rules.by_another_zone, [one for one in weak if not one.is_linked], log, table)
    _read(rules.by_neighbourhood, [one for one in weak if not one.is_linked], log, None)
    _read(rules.by_time_alone, [one for one in weak if not one.keys], log, None)


def _read(look_up: LookUp, asking: Sequence[_Asking], log: Log, table: Table | None) -> None:
    """Put what a look-up finds in question for each complaint.

    table    weigh it by this one at once, because the next look-up depends on it
    """
    if not asking:
        return
    found = look_up([one.clues for one in asking])
    for one, some, keys in zip(asking, found, log.read(found), strict=True):
        one.cuts += some.cuts
        if not one.keys or set(keys) - set(one.keys):
            one.keys = sorted({*one.keys, *keys})
            if table is not None:
                one.rank(log, table)


def _are(some: Sequence[object], others: Sequence[object]) -> bool:
    """Whether these are the very same objects."""
    return len(some) == len(others) and all(map(is_, some, others))


def _choices(asking: _Asking, rejected: set[int], table: Table) -> Outcome:
    outcome = Outcome(weighed_by=table.version)
    for (reported, clues), found in zip(asking.shown, asking.ranked, strict=True):
        left = [one for one in found if rejected.isdisjoint(leg.key for leg in one.legs)]
        chosen = _chosen(left)
        for candidate, state in chosen:
            choice = Choice(reported, clues, candidate, state)
            outcome.found.setdefault(candidate.logged.key, choice)
        kind = chosen[0][1] if chosen else ReportedMessage.Verdict.NOT_FOUND
        is_certain = bool(chosen) and chosen[0][0].probability >= CERTAIN_FROM
        cuts = () if is_certain else tuple(asking.cuts)
        outcome.verdicts.append((reported, Verdict(kind, cuts)))
    return outcome


def _learn(outcome: Outcome, complaint: Complaint, log: Log) -> None:
    """Let those that come next know of the links that were made."""
    for key, choice in outcome.found.items():
        if choice.state == Link.State.LINKED:
            shown, ahead = choice.reported, choice.ahead_seconds
            log.acquainted.learn(log.row(key), complaint.pk, shown, ahead)


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
        cuts = outcome.verdicts[number][1].reasons
        told = replace(verdict, reasons=(*verdict.reasons, *cuts))
        outcome.verdicts[number] = (unfound.reported, told)


def _chosen(ranked: list[Candidate]) -> list[tuple[Candidate, str]]:
    if not ranked:
        return []
    best = ranked[0]
    if best.probability >= LINKED_FROM:
        return [(best, Link.State.LINKED)]
    good = [candidate for candidate in ranked if candidate.probability >= PROPOSED_FROM]
    return [(candidate, Link.State.PROPOSED) for candidate in good[:MOST_PROPOSED]]
