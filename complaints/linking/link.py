"""link_complaint(): saves the Links of a complaint, or notes that it waits for the log."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from complaints import audit, organisation
from complaints.audit import Actor
from complaints.linking.search import CERTAIN_FROM, Choice, Outcome, search
from complaints.models import Complaint, Link, RelayedMessage, ReportedMessage

# More is a wrong zone or a long stay in a queue, and says nothing of a clock.
MOST_AHEAD = timedelta(minutes=15)


def link_complaint(complaint: Complaint, *, now: datetime) -> bool:
    """Find the messages a complaint is about; False if another worker got there first."""
    outcome = search(complaint, organisation.ourselves(), now=now)
    since = (complaint.waiting_for_log_since or now) if outcome.waits else None
    with transaction.atomic():
        if not Complaint.objects.move(
            complaint,
            to=Complaint.Stage.LINKED,
            next_attempt_at=None,
            waiting_for_log_since=since,
        ):
            return False
        _save(complaint, outcome, now=now)
    return True


def link_complaints(complaints: Sequence[Complaint], *, now: datetime) -> list[Complaint]:
    """Find the messages that complaints are about; which of them moved."""
    return [complaint for complaint in complaints if link_complaint(complaint, now=now)]


def relink_waiting(*, now: datetime) -> int:
    """Look again for complaints that waited for the log; how many were found now.

    Those found walk on from `linked`, so that they are grouped by what they are linked to.
    """
    us, linked = organisation.ourselves(), 0
    for complaint in Complaint.objects.waiting_for_log():
        outcome = search(complaint, us, now=now)
        if outcome.waits:
            continue
        with transaction.atomic():
            ended = complaint.stage in (Complaint.Stage.GROUPED, Complaint.Stage.OPEN)
            to = Complaint.Stage.LINKED if outcome.found and ended else complaint.stage
            fields = {"reviewed_at": None} if outcome.found else {}  # it is news for a person
            if Complaint.objects.move(
                complaint, to=to, waiting_for_log_since=None, next_attempt_at=None, **fields
            ):
                _save(complaint, outcome, now=now)
                linked += bool(outcome.found)
    return linked


def confirm_link(link: Link, *, by: Actor, now: datetime) -> None:
    """A person says that this message is meant: it holds whatever the score says later."""
    _decide(link, Link.State.CONFIRMED, by=by, now=now)


def reject_link(link: Link, *, by: Actor, now: datetime) -> None:
    """A person says that this message is not meant: it never comes back by itself."""
    _decide(link, Link.State.REJECTED, by=by, now=now)


def take_back(link: Link, *, by: Actor, now: datetime) -> None:
    """A person takes a decision back: the message is one that is proposed again."""
    _decide(link, Link.State.PROPOSED, by=by, now=now)


def link_by_hand(
    complaint: Complaint, message: RelayedMessage, *, by: Actor, now: datetime
) -> Link:
    """A person found the message that is meant: as good as a link that was confirmed.

    A complaint that was in no incident walks on, to be grouped by it.
    """
    with transaction.atomic():
        if complaint.stage == Complaint.Stage.OPEN:
            Complaint.objects.move(
                complaint,
                to=Complaint.Stage.LINKED,
                waiting_for_log_since=None,
                next_attempt_at=None,
            )
        link, is_new = Link.objects.get_or_create(
            complaint=complaint,
            message=message,
            defaults={
                "state": Link.State.CONFIRMED,
                "score": 1.0,
                "reasons": [{"fact": "a person found it in the log", "weight": 0.0}],
                "reported_message": complaint.reported_messages.first(),
                "linked_at": now,
            },
        )
        if is_new:
            audit.record("link-by-hand", complaint, at=now, by=by, queue_id=message.queue_id)
        else:
            confirm_link(link, by=by, now=now)
    return link


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


def _save(complaint: Complaint, outcome: Outcome, *, now: datetime) -> None:
    """Replace what the program linked before; what a person decided stays."""
    for reported, verdict in outcome.verdicts:
        reported.verdict, reported.verdict_reasons = verdict.kind, list(verdict.reasons)
    ReportedMessage.objects.bulk_update(
        [reported for reported, _ in outcome.verdicts], ["verdict", "verdict_reasons"]
    )
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
            weighed_by=outcome.weighed_by,
            linked_at=now,
        )
        for key, choice in outcome.found.items()
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
            for choice in outcome.found.values()
        ],
    )


def _ahead(choice: Choice) -> float | None:
    """By how much our clock was ahead of theirs, where it is certain that this message is meant."""
    their_at = choice.clues.their_at
    if their_at is None or choice.candidate.probability < CERTAIN_FROM:
        return None
    ahead = (choice.candidate.logged.queued_at - their_at).total_seconds()
    return ahead if abs(ahead) <= MOST_AHEAD.total_seconds() else None
