"""What may happen to tasks and incidents, and that each move is in the history."""

from datetime import timedelta

import pytest
from django.db import transaction

from complaints import audit
from complaints.models import AuditEntry
from incidents.models import Incident, ProbeRun, Task
from incidents.workflow import moves, planning
from incidents.workflow.moves import NotAllowed
from tests import make
from tests.make import at

pytestmark = pytest.mark.django_db
NOW = at("1998-01-20 05:00")
State = Incident.State


@pytest.fixture
def incident():
    make.organisation(utc_offset="+09:00")
    made = make.incident()
    planning.plan_incident(made, now=NOW)
    return made


def task(incident, kind):
    return incident.tasks.get(kind=kind)


def done(incident, *kinds, when=NOW, **how):
    for kind in kinds:
        moves.complete(task(incident, kind), by="lead", now=when, **how)


def verdict(incident, outcome, when):
    run = ProbeRun.objects.create(
        incident=incident, host=incident.host, started_at=when, verdict=outcome, started_by="lead"
    )
    with transaction.atomic():
        moves.record_verdict(incident, run, now=when)
    incident.refresh_from_db()


def actions(incident):
    entries = AuditEntry.objects.filter(incident_reference=incident.reference)
    return [entry.action for entry in entries if entry.action != "task-planned"]


def test_a_task_that_waits_cannot_be_finished_and_the_refusal_names_its_blocker(incident):
    with pytest.raises(NotAllowed, match="“Close the hole” waits for “Look at what happened"):
        done(incident, "fix")
    done(incident, "assess", "fix")
    assert task(incident, "fix").finished_by == "lead"


def test_a_dropped_task_holds_nothing_up(incident):
    moves.drop(task(incident, "assess"), note="clear from the log", by="lead", now=NOW)
    done(incident, "fix")


def test_dropping_needs_a_reason(incident):
    with pytest.raises(NotAllowed, match="why"):
        moves.drop(task(incident, "protest"), note="  ", by="lead", now=NOW)


def test_of_two_who_finish_a_task_at_once_one_is_told(incident):
    mine, theirs = task(incident, "assess"), task(incident, "assess")
    moves.complete(mine, by="ann", now=NOW)
    with pytest.raises(NotAllowed, match="finished already"):
        moves.complete(theirs, by="bob", now=NOW)
    assert task(incident, "assess").finished_by == "ann"


def test_a_task_is_taken_and_taken_over_and_the_history_says_from_whom(incident):
    ann, bob = make.user("ann"), make.user("bob")
    moves.take(task(incident, "assess"), by=ann, now=NOW)
    moves.take(task(incident, "assess"), by=bob, now=NOW)
    assert task(incident, "assess").taken_by == bob
    last = AuditEntry.objects.filter(action="task-taken").last()
    assert (last.actor, last.details["before"]) == ("bob", "ann")


def test_a_finished_task_is_not_taken_and_an_open_one_not_reopened(incident):
    with pytest.raises(NotAllowed, match="open already"):
        moves.reopen(task(incident, "assess"), note="", by="lead", now=NOW)
    done(incident, "assess")
    with pytest.raises(NotAllowed, match="finished already"):
        moves.take(task(incident, "assess"), by=make.user("ann"), now=NOW)


def test_the_time_of_a_task_that_waits_runs_from_its_release(incident):
    done(incident, "assess")
    friday = at("1998-01-30 07:30")  # 16:30 in Tokyo: half an hour is left of the week
    done(incident, "fix", when=friday)
    assert task(incident, "verify").due_at == at("1998-02-02 07:30")


def test_a_reported_fix_is_verified_within_minutes(incident):
    done(incident, "assess", "fix")
    incident.refresh_from_db()
    assert incident.next_verification_at == NOW + moves.VERIFIED_AFTER
    assert incident.state == State.OPEN


def test_the_case_of_1998_partial_after_five_days_fixed_after_ten(incident):
    done(incident, "assess")
    verdict(incident, "none", at("1998-01-20 06:00"))
    assert (incident.state, incident.partially_fixed_at) == (State.OPEN, None)

    done(incident, "fix", when=at("1998-01-25 01:30"))
    verdict(incident, "partial", at("1998-01-25 01:40"))
    assert incident.state == State.PARTIALLY_FIXED
    assert incident.partially_fixed_at == at("1998-01-25 01:30")
    assert task(incident, "fix").is_open

    done(incident, "fix", when=at("1998-01-30 09:05"))
    verdict(incident, "fixed", at("1998-01-30 09:15"))
    assert incident.state == State.FIXED
    assert incident.fixed_at == at("1998-01-30 09:05")
    assert incident.partially_fixed_at == at("1998-01-25 01:30")
    assert incident.watched_until == at("1998-01-30 09:15") + timedelta(days=30)
    assert task(incident, "verify").outcome == "fixed"


def test_what_was_closed_before_anybody_fixed_it_is_no_partial_fix(incident):
    done(incident, "assess")
    verdict(incident, "partial", at("1998-01-20 06:00"))
    assert (incident.state, incident.partially_fixed_at) == (State.OPEN, None)
    assert not AuditEntry.objects.filter(action="task-reopened").exists()


def test_a_later_verdict_does_not_move_the_times(incident):
    done(incident, "assess")
    done(incident, "fix", when=at("1998-01-30 09:05"))
    verdict(incident, "fixed", at("1998-01-30 09:15"))
    verdict(incident, "fixed", at("1998-02-06 09:15"))
    assert incident.fixed_at == at("1998-01-30 09:05")
    assert incident.watched_until == at("1998-03-01 09:15")


def test_an_unknown_verdict_changes_nothing(incident):
    done(incident, "assess", "fix")
    verdict(incident, "unknown", at("1998-01-20 06:00"))
    assert incident.state == State.OPEN
    assert not task(incident, "fix").is_open


def test_a_relapse_brings_the_fix_back_and_the_whole_fix_counts_as_partial(incident):
    done(incident, "assess", "fix")
    verdict(incident, "fixed", at("1998-01-20 06:00"))
    for _ in range(2):
        moves.relapse(incident, "12 messages were relayed.", now=at("1998-02-01 06:00"))
    incident.refresh_from_db()
    assert (incident.state, incident.fixed_at) == (State.OPEN, None)
    assert incident.partially_fixed_at == NOW
    assert incident.next_verification_at == at("1998-02-01 06:00")
    assert task(incident, "fix").is_open
    assert task(incident, "verify").is_open
    assert actions(incident).count("incident-relapsed") == 1


def test_a_fixed_host_that_fails_its_weekly_probe_has_relapsed(incident):
    done(incident, "assess", "fix")
    verdict(incident, "fixed", at("1998-01-20 06:00"))
    verdict(incident, "none", at("1998-01-27 06:00"))
    assert (incident.state, incident.fixed_at) == (State.OPEN, None)


def test_where_no_probe_can_verify_the_reported_fix_counts(incident):
    notice = make.incident(kind="copyright")
    planning.plan_incident(notice, now=NOW)
    done(notice, "assess", "fix", note="taken away")
    notice.refresh_from_db()
    assert (notice.state, notice.fixed_at) == (State.FIXED, NOW)


def test_a_person_may_vouch_for_a_fix_but_says_how_it_was_verified(incident):
    done(incident, "assess", "fix")
    with pytest.raises(NotAllowed, match="verdict “fixed”"):
        done(incident, "verify")
    with pytest.raises(NotAllowed, match="note"):
        done(incident, "verify", outcome="fixed")
    done(incident, "verify", outcome="fixed", note="telnet from two places abroad")
    incident.refresh_from_db()
    assert incident.state == State.FIXED


def test_the_first_notice_sets_the_time_and_finishes_its_task(incident):
    moves.record_notice(incident, now=at("1998-01-23 02:00"), by="lead", reference="N-1998-0001")
    moves.record_notice(incident, now=at("1998-01-26 02:00"))
    incident.refresh_from_db()
    assert incident.notice_published_at == at("1998-01-23 02:00")
    assert task(incident, "notice").outcome_note == "N-1998-0001"


def fix_and_finish(incident):
    done(incident, "assess", "fix")
    verdict(incident, "fixed", at("1998-01-20 06:00"))
    for left in incident.tasks.open().exclude(kind="close"):
        moves.drop(left, note="not in this case", by="lead", now=NOW)


def test_an_incident_is_closed_when_its_tasks_are_done_and_its_watch_is_over(incident):
    with pytest.raises(NotAllowed, match="7 tasks are still open"):
        moves.close(incident, by="lead", now=NOW)
    fix_and_finish(incident)
    with pytest.raises(NotAllowed, match="watched for a relapse until 1998-02-19"):
        moves.close(incident, by="lead", now=at("1998-02-01 06:00"))
    closing = task(incident, "close")
    moves.complete(closing, by="lead", now=at("1998-02-20 06:00"))
    incident.refresh_from_db()
    assert (incident.state, closing.state) == (State.CLOSED, Task.State.DONE)
    with pytest.raises(NotAllowed, match="closed already"):
        moves.close(incident, by="lead", now=at("1998-02-20 06:00"))


def test_closing_before_the_watch_is_over_takes_a_reason(incident):
    fix_and_finish(incident)
    moves.close(incident, by="lead", now=at("1998-02-01 06:00"), note="the host is scrapped")
    assert incident.state == State.CLOSED


def test_a_relapse_opens_a_closed_incident_with_its_last_task(incident):
    fix_and_finish(incident)
    moves.close(incident, by="lead", now=at("1998-02-20 06:00"))
    moves.relapse(incident, "again", now=at("1998-05-01 06:00"))
    assert task(incident, "close").is_open
    incident.refresh_from_db()
    assert (incident.state, incident.closed_at) == (State.OPEN, None)


def test_priority_is_one_of_the_list(incident):
    moves.set_priority(incident, Incident.Priority.LOW, by="lead", now=NOW)
    with pytest.raises(NotAllowed):
        moves.set_priority(incident, 9, by="lead", now=NOW)


def test_every_move_is_in_the_history_and_the_chain_holds(incident):
    done(incident, "assess", "fix")
    verdict(incident, "fixed", at("1998-01-20 06:00"))
    assert actions(incident) == ["task-done", "task-done", "task-done", "incident-fixed"]
    assert list(audit.verify()) == []
