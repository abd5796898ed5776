"""The walk: stage to step, in order. A step takes complaints from one stage to the next.

Complaints walk together, since most of what a step costs is asked once for all of them. Whatever
goes wrong, they go one by one: what fails alone is counted and tried again, and holds up no other.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from complaints import audit, organisation
from complaints.audit import Actor
from complaints.cleantext import clean_text
from complaints.linking.link import link_complaints
from complaints.models import Complaint
from complaints.parsing import parse_complaints, quarantine
from complaints.querysets import MOST_ATTEMPTS, OneByOne
from incidents.correspondence.replies import file_replies
from incidents.grouping.assign import group_complaints

SHORTEST_PAUSE = timedelta(seconds=2)
MOST_RETRIED = 1000
TOGETHER = 100

Step = Callable[..., Sequence[Complaint]]
Stage = Complaint.Stage


# A step answers with those that it moved; the others go on to the next step of their stage.
STEPS: dict[str, tuple[Step, ...]] = {
    Stage.RECEIVED: (file_replies, parse_complaints),
    Stage.PARSED: (link_complaints,),
    Stage.LINKED: (group_complaints,),
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
        stage, attempts = complaint.stage, complaint.attempts
        try:
            moved = _take_on([complaint], stage, now=now)
        except OneByOne:  # another worker has it
            break
        except Exception as error:
            note = clean_text(f"{stage}: {type(error).__name__}: {error}", 2000)
            again_at = now + _pause_after(attempts)
            # What the step did to the instance was taken back with its transaction.
            complaint.stage, complaint.attempts = stage, attempts
            _note_failure(complaint, stage, note, again_at=again_at)
            raise StepFailed(f"{complaint.reference}, {note}") from error
        if not moved:
            break
    return complaint


def _take_on(complaints: Sequence[Complaint], stage: str, *, now: datetime) -> set[int]:
    """Take complaints of one stage through its steps; the keys of those that moved."""
    moved: set[int] = set()
    for step in STEPS[stage]:
        left = [complaint for complaint in complaints if complaint.pk not in moved]
        if left:
            moved.update(complaint.pk for complaint in step(left, now=now))
    return moved


def advance_together(complaints: Sequence[Complaint], *, now: datetime) -> list[StepFailed]:
    """Take complaints as far as they go now, in their order; what failed.

    Those that were tried before go alone: one of them may be what a worker died over.
    """
    failures = []
    with organisation.remembered():
        for start in range(0, len(complaints), TOGETHER):
            some = complaints[start : start + TOGETHER]
            fresh = [one for one in some if _is_untried(one)]
            tried = [one for one in some if not _is_untried(one)]
            for complaint in _walk_together(fresh, now=now) + tried:
                try:
                    _advance(complaint, now=now)
                except StepFailed as failure:
                    failures.append(failure)
    return failures


def _is_untried(complaint: Complaint) -> bool:
    return not complaint.attempts and complaint.next_attempt_at is None


def _walk_together(complaints: Sequence[Complaint], *, now: datetime) -> list[Complaint]:
    """Walk those that can walk together; the others, as their rows are now."""
    alone: list[Complaint] = []
    for stage in STEPS:
        here = [one for one in complaints if one.stage == stage]
        if len(here) < 2:
            alone += here
            continue
        try:
            Complaint.objects.lease_all(here, now=now)
        except OneByOne:
            alone += here
            continue
        try:
            moved = _take_on(here, stage, now=now)
        except Exception:  # noqa: BLE001  each by itself finds out which of them it is
            alone += _given_back(here, stage)
        else:
            _given_back([one for one in here if one.pk not in moved], stage)
    return alone


def _given_back(complaints: Sequence[Complaint], stage: str) -> list[Complaint]:
    """Those that are still at this stage, their lease ended; instances as they are now."""
    for complaint in complaints:
        complaint.refresh_from_db()
    left = [complaint for complaint in complaints if complaint.stage == stage]
    Complaint.objects.give_back(left)
    return left


def finish(complaint: Complaint, *, now: datetime) -> Complaint:
    """Take one complaint to its end at once, for somebody who waits: failed steps without pause.

    It ends in quarantine at the latest, or stays with the worker that has it in hand.
    """
    while True:
        try:
            return advance(complaint, now=now)
        except StepFailed:
            _note_failure(complaint, complaint.stage, complaint.problem, again_at=now)


def finish_together(complaints: Sequence[Complaint], *, now: datetime) -> None:
    """As `finish`, for complaints that have just been stored."""
    with organisation.remembered():
        for start in range(0, len(complaints), TOGETHER):
            some = complaints[start : start + TOGETHER]
            _walk_together([one for one in some if _is_untried(one)], now=now)
            for complaint in some:
                finish(complaint, now=now)


def advance_waiting(*, now: datetime, limit: int = 200) -> int:
    """The sweep: take every complaint that is due as far as it goes; how many were tried."""
    return advance_these(Complaint.objects.due(now)[:limit], now=now)


def advance_these(due: Iterable[Complaint], *, now: datetime) -> int:
    """Take complaints as far as they go; how many were tried.

    raises   ExceptionGroup of StepFailed, when all the others are through
    """
    waiting = list(due)
    if failures := advance_together(waiting, now=now):
        raise ExceptionGroup(
            f"{len(failures)} of {len(waiting)} complaints failed a step", failures
        )
    return len(waiting)


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
