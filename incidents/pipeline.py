"""The walk: stage to step, in order. A step takes a complaint from one stage to the next."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from complaints import audit, organisation
from complaints.audit import Actor
from complaints.cleantext import clean_text
from complaints.linking.link import link_complaint
from complaints.models import Complaint
from complaints.parsing import parse_complaint, quarantine
from complaints.querysets import MOST_ATTEMPTS
from incidents.correspondence.replies import file_reply
from incidents.grouping.assign import group_complaint

SHORTEST_PAUSE = timedelta(seconds=2)
MOST_RETRIED = 1000

Step = Callable[..., bool]
Stage = Complaint.Stage

# A step answers True if it moved the complaint; the first that does ends the round.
STEPS: dict[str, tuple[Step, ...]] = {
    Stage.RECEIVED: (file_reply, parse_complaint),
    Stage.PARSED: (link_complaint,),
    Stage.LINKED: (group_complaint,),
}


class StepFailed(Exception):
    """A step met something nobody expected. The attempt is counted, and it is tried again."""


def advance(complaint: Complaint, *, now: datetime) -> Complaint:
    """Take one complaint as far as it goes now; not at all if another worker has it in hand.

    Each attempt is leased first, so that a worker that dies over it has used one up, and
    after MOST_ATTEMPTS the complaint waits for a person.
    raises   StepFailed, after the attempt is counted; the next one comes after a pause
    """
    with organisation.remembered():
        return _advance(complaint, now=now)


def _advance(complaint: Complaint, *, now: datetime) -> Complaint:
    while complaint.stage in STEPS:
        if complaint.attempts >= MOST_ATTEMPTS:
            quarantine(complaint, _worn_out(complaint), now=now)
            break
        if not Complaint.objects.lease(complaint, now=now):
            break
        stage = complaint.stage
        try:
            moved = any(step(complaint, now=now) for step in STEPS[stage])
        except Exception as error:
            note = clean_text(f"{stage}: {type(error).__name__}: {error}", 2000)
            again_at = now + _pause_after(complaint.attempts)
            _note_failure(complaint, stage, note, again_at=again_at)
            raise StepFailed(f"{complaint.reference}, {note}") from error
        if not moved:
            break
    return complaint


def finish(complaint: Complaint, *, now: datetime) -> Complaint:
    """Take one complaint to its end at once, for somebody who waits: failed steps without pause.

    It ends in quarantine at the latest, or stays with the worker that has it in hand.
    """
    while True:
        try:
            return advance(complaint, now=now)
        except StepFailed:
            _note_failure(complaint, complaint.stage, complaint.problem, again_at=now)


def advance_waiting(*, now: datetime, limit: int = 200) -> int:
    """The sweep: take every complaint that is due as far as it goes; how many were tried."""
    due = list(Complaint.objects.due(now)[:limit])
    failures = []
    with organisation.remembered():
        for complaint in due:
            try:
                advance(complaint, now=now)
            except StepFailed as failure:
                failures.append(failure)
    if failures:
        raise ExceptionGroup(f"{len(failures)} of {len(due)} complaints failed a step", failures)
    return len(due)


def retry(complaint: Complaint, *, by: Actor, now: datetime) -> bool:
    """Put a quarantined complaint back at the start of its walk; False if it is not there."""
    if complaint.stage != Stage.QUARANTINED:
        return False
    with transaction.atomic():
        if not Complaint.objects.move(complaint, to=Stage.RECEIVED, next_attempt_at=None):
            return False
        audit.record("complaint-retried", complaint, at=now, by=by)
    return True


def retry_all(reason: str, *, by: Actor, now: datetime) -> int:
    """Put back what is quarantined for one reason, the oldest first; how many were."""
    found = Complaint.objects.filter(stage=Stage.QUARANTINED, problem=reason).order_by("pk")
    return sum(retry(complaint, by=by, now=now) for complaint in found[:MOST_RETRIED])


def call_a_complaint(complaint: Complaint, *, by: Actor, now: datetime) -> bool:
    """A person says that a mail which was set aside is a complaint: it walks on."""
    if complaint.stage != Stage.SET_ASIDE:
        return False
    with transaction.atomic():
        if not Complaint.objects.move(
            complaint, to=Stage.PARSED, next_attempt_at=None, set_aside_reason=""
        ):
            return False
        audit.record("complaint-taken-up", complaint, at=now, by=by)
    return True


def _note_failure(complaint: Complaint, stage: str, note: str, *, again_at: datetime) -> None:
    """Write down why, and when to try again, unless the row has moved on; the instance follows."""
    tried = Complaint.objects.filter(pk=complaint.pk, stage=stage, attempts=complaint.attempts)
    tried.update(problem=note, next_attempt_at=again_at)
    complaint.refresh_from_db()


def _pause_after(attempts: int) -> timedelta:
    """Seconds at first, for what passes by itself; at most as long as a lease."""
    longest: timedelta = settings.MEYASU_LEASE
    pause: timedelta = SHORTEST_PAUSE * 2**attempts
    return min(pause, longest)


def _worn_out(complaint: Complaint) -> str:
    last = Complaint.objects.values_list("problem", flat=True).get(pk=complaint.pk)
    return f"{complaint.attempts} attempts failed at the stage {complaint.stage}. {last}".strip()
