"""link_complaint(): saves the Links of a complaint, or notes that it waits for the log."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from complaints import audit, organisation
from complaints.audit import Actor
from complaints.linking import rules
from complaints.linking.candidate import Candidate, Clues
from complaints.linking.clues import clues_of
from complaints.linking.logged import as_logged
from complaints.linking.score import LINKED_FROM, PROPOSED_FROM, candidates
from complaints.maillog.direction import Ourselves
from complaints.models import Complaint, Link, ReportedMessage

MOST_PROPOSED = 5
# After this long the log of that time is not expected any more.
LATE_LOG = timedelta(days=14)

# What is found so surely that the times it shows tell how our clocks go.
CERTAIN_FROM = 0.99
# More is a wrong zone or a long stay in a queue, and says nothing of a clock.
MOST_AHEAD = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Choice:
    """What was found for one reported message, and whether that is a link or a proposal."""

    reported: ReportedMessage
    clues: Clues
    candidate: Candidate
    state: str


Found = dict[int, Choice]


def link_complaint(complaint: Complaint, *, now: datetime) -> bool:
    """Find the messages a complaint is about; False if another worker got there first."""
    found = _find(complaint, organisation.ourselves())
    waits = None if found or not _waits_for_log(complaint, now) else now
    with transaction.atomic():
        if not Complaint.objects.move(
            complaint,
            to=Complaint.Stage.LINKED,
            next_attempt_at=None,
            waiting_for_log_since=complaint.waiting_for_log_since or waits if waits else None,
        ):
            return False
        _save(complaint, found, now=now)
    return True


def relink_waiting(*, now: datetime) -> int:
    """Look again for complaints that waited for the log; how many were found now.

    Those found walk on from `linked`, so that they are grouped by what they are linked to.
    """
    us, linked = organisation.ourselves(), 0
    for complaint in Complaint.objects.waiting_for_log():
        found = _find(complaint, us)
        if not found and _waits_for_log(complaint, now):
            continue
        with transaction.atomic():
            ended = complaint.stage in (Complaint.Stage.GROUPED, Complaint.Stage.OPEN)
            to = Complaint.Stage.LINKED if found and ended else complaint.stage
            if Complaint.objects.move(
                complaint, to=to, waiting_for_log_since=None, next_attempt_at=None
            ):
                _save(complaint, found, now=now)
                linked += bool(found)
    return linked


def confirm_link(link: Link, *, by: Actor, now: datetime) -> None:
    """A person says that this message is meant: it holds whatever the score says later."""
    _decide(link, Link.State.CONFIRMED, by=by, now=now)


def reject_link(link: Link, *, by: Actor, now: datetime) -> None:
    """A person says that this message is not meant: it never comes back by itself."""
    _decide(link, Link.State.REJECTED, by=by, now=now)


def _decide(link: Link, state: str, *, by: Actor, now: datetime) -> None:
    with transaction.atomic():
        Link.objects.filter(pk=link.pk).update(state=state)
        link.state = state
        audit.record(
            f"link-{state}",
            link.complaint,
            at=now,
            by=by,
            queue_id=link.message.queue_id,
            score=round(link.score, 3),
        )


def _find(complaint: Complaint, us: Ourselves) -> Found:
    """The best candidate of each reported message, or proposals where none is good enough."""
    rejected = set(
        complaint.links.filter(state=Link.State.REJECTED).values_list("message_id", flat=True)
    )
    hosts = organisation.host_names()
    shown = [
        (reported, clues_of(reported, complaint, us, hosts))
        for reported in complaint.reported_messages.all()
    ]
    found: Found = {}
    for (reported, clues), ranked in zip(shown, _ranked(complaint, shown, us), strict=True):
        left = [one for one in ranked if rejected.isdisjoint(leg.key for leg in one.legs)]
        for candidate, state in _chosen(left):
            found.setdefault(candidate.logged.key, Choice(reported, clues, candidate, state))
    return found


def _ranked(
    complaint: Complaint, shown: Sequence[tuple[ReportedMessage, Clues]], us: Ourselves
) -> list[list[Candidate]]:
    """The candidates of each reported message; weaker rules ask only where names did not decide."""
    reported = [clues for _, clues in shown]
    if not reported:
        return []
    rows = rules.by_name(reported).rows
    logged = as_logged(rows.values(), us, for_complaint=complaint.pk)
    ranked = [candidates(clues, logged) for clues in reported]
    if all(one and one[0].probability >= CERTAIN_FROM for one in ranked):
        return ranked
    more = rules.by_circumstance(reported).rows
    if not rows and not more:
        more = rules.by_time_alone(reported).rows
    new = [row for key, row in more.items() if key not in rows]
    logged += as_logged(new, us, for_complaint=complaint.pk)
    return [candidates(clues, logged) for clues in reported]


def _chosen(ranked: list[Candidate]) -> list[tuple[Candidate, str]]:
    if not ranked:
        return []
    best = ranked[0]
    if best.probability >= LINKED_FROM:
        return [(best, Link.State.LINKED)]
    good = [candidate for candidate in ranked if candidate.probability >= PROPOSED_FROM]
    return [(candidate, Link.State.PROPOSED) for candidate in good[:MOST_PROPOSED]]


def _save(complaint: Complaint, found: Found, *, now: datetime) -> None:
    """Replace what the program linked before; what a person decided stays."""
    decided = (Link.State.CONFIRMED, Link.State.REJECTED)
    complaint.links.exclude(state__in=decided).delete()
    kept = set(complaint.links.values_list("message_id", flat=True))
    Link.objects.bulk_create(
        Link(
            complaint=complaint,
            reported_message=choice.reported,
            message_id=key,
            state=choice.state,
            score=choice.candidate.probability,
            reasons=[
                {"fact": fact.words, "weight": round(fact.weight, 2), "name": fact.name}
                for fact in choice.candidate.facts
            ],
            ahead_seconds=_ahead(choice),
            linked_at=now,
        )
        for key, choice in found.items()
        if key not in kept
    )
    audit.record(
        "complaint-linked",
        complaint,
        at=now,
        links=[
            {
                "queue_id": choice.candidate.logged.queue_id,
                "score": round(choice.candidate.probability, 3),
            }
            for choice in found.values()
        ],
    )


def _ahead(choice: Choice) -> float | None:
    """By how much our clock was ahead of theirs, where it is certain that this message is meant."""
    their_at = choice.clues.their_at
    if their_at is None or choice.candidate.probability < CERTAIN_FROM:
        return None
    ahead = (choice.candidate.logged.queued_at - their_at).total_seconds()
    return ahead if abs(ahead) <= MOST_AHEAD.total_seconds() else None


def _waits_for_log(complaint: Complaint, now: datetime) -> bool:
    """Whether the log of the time in question may still come."""
    if not complaint.reported_messages.exists() or now - complaint.arrived_at > LATE_LOG:
        return False
    times = [message.arrived_at or message.date for message in complaint.reported_messages.all()]
    stated = [at for at in times if at is not None]
    return any(not rules.log_covers(at) for at in stated or [complaint.arrived_at])
