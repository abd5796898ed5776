"""link_complaint(): saves the Links of a complaint, or notes that it waits for the log."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from complaints import audit, organisation, rows
from complaints.audit import Actor
from complaints.linking.search import Choice, Outcome, search, search_all
from complaints.maillog.direction import Ourselves
from complaints.models import Complaint, Link, RelayedMessage
from complaints.querysets import OneByOne

DECIDED = (Link.State.CONFIRMED, Link.State.REJECTED)
TOGETHER = 50


def link_complaint(complaint: Complaint, *, now: datetime) -> bool:
    """Find the messages a complaint is about; False if another worker got there first."""
    try:
        return bool(link_complaints([complaint], now=now))
    except OneByOne:
        return False


def link_complaints(complaints: Sequence[Complaint], *, now: datetime) -> list[Complaint]:
    """Find the messages that complaints are about; all of them moved.

    raises   OneByOne, with nothing saved, if another worker has moved any, or too much is found
    """
    outcomes = search_all(complaints, organisation.ourselves(), now=now)
    with audit.together():
        Complaint.objects.move_all(complaints, to=Complaint.Stage.LINKED, next_attempt_at=None)
        waiting = []
        for complaint, outcome in zip(complaints, outcomes, strict=True):
            since = (complaint.waiting_for_log_since or now) if outcome.waits else None
            if since != complaint.waiting_for_log_since:
                complaint.waiting_for_log_since = since
                waiting.append(complaint)
        rows.update(waiting, ["waiting_for_log_since"])
        save_links(complaints, outcomes, now=now)
    return list(complaints)


def relink_waiting(*, now: datetime) -> int:
    """Look again for complaints that waited for the log; how many were found now.

    Those found walk on from `linked`, so that they are grouped by what they are linked to.
    """
    us, linked = organisation.ourselves(), 0
    waiting = list(Complaint.objects.waiting_for_log().order_by("pk"))
    for start in range(0, len(waiting), TOGETHER):
        some = waiting[start : start + TOGETHER]
        for complaint, outcome in zip(some, searched(some, us, now=now), strict=True):
            if not outcome.waits:
                linked += _relink(complaint, outcome, now=now)
    return linked


def searched(complaints: list[Complaint], us: Ourselves, *, now: datetime) -> list[Outcome]:
    """As search_all, one by one where that is too much for all of them together."""
    try:
        return search_all(complaints, us, now=now)
    except OneByOne:
        return [search(complaint, us, now=now) for complaint in complaints]


def _relink(complaint: Complaint, outcome: Outcome, *, now: datetime) -> bool:
    """Save what was found for a complaint that waited; False if that is nothing."""
    with transaction.atomic():
        ended = complaint.stage in (Complaint.Stage.GROUPED, Complaint.Stage.OPEN)
        to = Complaint.Stage.LINKED if outcome.found and ended else complaint.stage
        fields = {"reviewed_at": None} if outcome.found else {}  # it is news for a person
        if not Complaint.objects.move(
            complaint, to=to, waiting_for_log_since=None, next_attempt_at=None, **fields
        ):
            return False
        save_links([complaint], [outcome], now=now)
    return bool(outcome.found)


def confirm_link(link: Link, *, by: Actor, now: datetime) -> None:
    """A person says that this message is meant: it holds whatever the score says later.

    A complaint that was in no incident walks on, to be grouped by it.
    """
    with transaction.atomic():
        if link.complaint.stage == Complaint.Stage.OPEN:
            Complaint.objects.move(link.complaint, to=Complaint.Stage.LINKED, next_attempt_at=None)
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


def save_links(
    complaints: Sequence[Complaint], outcomes: Sequence[Outcome], *, now: datetime
) -> None:
    """Replace what the program linked before; what a person decided stays."""
    told = []
    for outcome in outcomes:
        for reported, verdict in outcome.verdicts:
            new = (verdict.kind, list(verdict.reasons))
            if (reported.verdict, reported.verdict_reasons) != new:
                reported.verdict, reported.verdict_reasons = new
                told.append(reported)
    rows.update(told, ["verdict", "verdict_reasons"])
    before = Link.objects.filter(complaint__in=complaints).values_list(
        "pk", "complaint_id", "message_id", "state"
    )
    old = [pk for pk, *_, state in before if state not in DECIDED]
    kept = {(complaint, message) for _, complaint, message, state in before if state in DECIDED}
    if old:
        Link.objects.filter(pk__in=old).delete()
    rows.insert(
        [
            _link(complaint, key, choice, outcome.weighed_by, now)
            for complaint, outcome in zip(complaints, outcomes, strict=True)
            for key, choice in outcome.found.items()
            if (complaint.pk, key) not in kept
        ]
    )
    for complaint, outcome in zip(complaints, outcomes, strict=True):
        links = [
            {
                "queue_id": choice.candidate.logged.queue_id,
                "score": round(choice.candidate.probability, 3),
            }
            for choice in outcome.found.values()
        ]
        audit.record("complaint-linked", complaint, at=now, links=links)


def _link(complaint: Complaint, key: int, choice: Choice, weighed_by: str, now: datetime) -> Link:
    return Link(
        complaint=complaint,
        reported_message=choice.reported,
        message_id=key,
        state=choice.state,
        score=choice.candidate.probability,
        reasons=[
            {"fact": fact.words, "weight": round(fact.weight, 2), "name": fact.name}
            for fact in choice.candidate.facts
        ],
        ahead_seconds=choice.ahead_seconds,
        weighed_by=weighed_by,
        linked_at=now,
    )
