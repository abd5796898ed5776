"""Reminders before a task is due, word to the lead when it is late: each said once."""

from datetime import timedelta

import pytest

from complaints.models import AuditEntry
from incidents.models import Nudge
from incidents.workflow import handling, moves, planning
from incidents.workflow.reminders import remind_due
from tests import make
from tests.make import at

pytestmark = pytest.mark.django_db
NOW = at("1998-01-20 05:00")
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def assess():
    make.organisation(utc_offset="+09:00")
    incident = make.incident()
    planning.plan_incident(incident, now=NOW)
    return incident.tasks.get(kind="assess")  # due after two hours, reminded half an hour before


def said():
    return list(Nudge.objects.order_by("pk").values_list("task__kind", "kind", "for_role"))


def test_a_task_is_reminded_of_before_it_is_due_and_its_lead_is_told_when_it_is_late(assess):
    remind_due(now=NOW + HOUR)
    assert said() == []
    remind_due(now=assess.due_at - 30 * MINUTE)
    assert said() == [("assess", "reminder", "agent")]
    remind_due(now=assess.due_at + HOUR)
    assert len(said()) == 1
    remind_due(now=assess.due_at + 2 * HOUR)
    assert said()[1:] == [("assess", "late", "lead")]
    assert AuditEntry.objects.filter(action="task-late").count() == 1


def test_nothing_is_said_twice_however_often_the_job_runs(assess):
    for _round in range(3):
        remind_due(now=assess.due_at - MINUTE)
        remind_due(now=assess.due_at + 3 * HOUR)
    assert len(said()) == 2


def test_who_took_the_task_is_reminded_and_nobody_else(assess):
    ann = make.user("ann")
    moves.take(assess, by=ann, now=NOW)
    remind_due(now=assess.due_at - MINUTE)
    assert Nudge.objects.get().for_user == ann
    assert not Nudge.objects.unseen_by(make.user("bob"), ["agent"]).exists()


def test_a_task_that_waits_is_put_off_or_finished_is_nobodys_business(assess):
    handling.snooze(assess, until=NOW + 100 * HOUR, reason="x", by="ann", now=NOW)
    assert remind_due(now=NOW + 90 * HOUR) == 0
    handling.wake(assess, by="ann", now=NOW)
    moves.complete(assess, by="ann", now=NOW)
    remind_due(now=NOW + 2 * HOUR)
    assert said() == []


def test_a_task_that_is_due_anew_may_be_late_anew(assess):
    remind_due(now=assess.due_at + 3 * HOUR)
    moves.bring_up(assess, "an answer came", now=assess.due_at + 4 * HOUR)
    assess.refresh_from_db()
    remind_due(now=assess.due_at + 3 * HOUR)
    assert [kind for _, kind, _ in said()] == ["late", "late"]


def test_the_tasks_of_a_closed_incident_are_nobodys_business(assess):
    make.incident()  # another one, untouched
    assess.incident.state = "closed"
    assess.incident.save()
    assert remind_due(now=assess.due_at + 3 * HOUR) == 0
