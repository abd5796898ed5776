"""A playbook becomes tasks once, in order, with due times in the hours of the desk."""

import pytest

from incidents.models import Incident, Task
from incidents.workflow import moves, planning
from tests import make
from tests.make import at

pytestmark = pytest.mark.django_db
NOW = at("1998-01-20 05:00")  # Tuesday, 14:00 in Tokyo


@pytest.fixture
def incident():
    make.organisation(utc_offset="+09:00")
    return make.incident(priority=Incident.Priority.HIGH)


def kinds(incident):
    return list(incident.tasks.values_list("kind", flat=True))


def test_the_open_relay_of_1998_gets_its_tasks(incident):
    planning.plan_incident(incident, now=NOW)
    assert kinds(incident) == [
        "assess", "fix", "verify", "notice", "upstream", "csirt", "protest", "close",
    ]  # fmt: skip
    assert list(incident.tasks.values_list("number", flat=True)) == list(range(1, 9))


def test_planning_again_plans_nothing_twice_and_keeps_what_was_done(incident):
    planning.plan_incident(incident, now=NOW)
    assess = incident.tasks.get(kind="assess")
    moves.complete(assess, by="lead", now=NOW)
    incident.tasks.filter(kind="protest").delete()

    made = planning.plan_incident(incident, now=at("1998-01-21 05:00"))

    assert [task.kind for task in made] == ["protest"]
    assert incident.tasks.count() == 8
    assert incident.tasks.get(kind="assess").state == Task.State.DONE


def test_only_what_waits_for_nothing_can_be_done(incident):
    planning.plan_incident(incident, now=NOW)
    assert [task.kind for task in incident.tasks.ready()] == ["assess"]
    assert {task.kind for task in incident.tasks.get(kind="verify").waits_for.all()} == {"fix"}


def test_due_times_skip_nights_and_weekends(incident):
    planning.plan_incident(incident, now=NOW)
    due = dict(incident.tasks.values_list("kind", "due_at"))
    assert due["assess"] == at("1998-01-20 07:00")
    assert due["fix"] == at("1998-01-21 05:00")
    assert due["notice"] == at("1998-01-22 05:00")
    assert due["csirt"] == at("1998-01-23 05:00")


def test_a_reporter_is_answered_once_however_often_he_writes(incident):
    first = make.joined(incident, sender="ann@quarry.example")
    again = make.joined(incident, sender="Ann@quarry.example")
    other = make.joined(incident, sender="bob@quarry.example")
    for complaint in (first, first, again, other):
        planning.plan_for_complaint(incident, complaint, now=NOW)
    assert [task.complaint for task in incident.tasks.all()] == [first, other]


def test_a_reporter_who_writes_days_after_our_answer_is_answered_again(incident):
    first = make.joined(incident, sender="ann@quarry.example")
    again = make.joined(incident, sender="ann@quarry.example")
    (task,) = planning.plan_for_complaint(incident, first, now=NOW)
    moves.complete(task, outcome="sent", by="agent", now=NOW)
    assert not planning.plan_for_complaint(incident, again, now=at("1998-01-20 12:00"))
    assert planning.plan_for_complaint(incident, again, now=at("1998-01-23 12:00"))


def test_a_threat_gets_its_own_task_and_makes_the_incident_urgent(incident):
    threat = make.joined(incident, threatens_block=True, reporter_kind="isp")
    (task,) = planning.plan_for_complaint(incident, threat, now=NOW)
    assert (task.kind, task.complaint) == ("threat", threat)
    assert task.due_at == at("1998-01-22 02:00")
    incident.refresh_from_db()
    assert incident.priority == Incident.Priority.URGENT


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"reporter_kind": "csirt"}, ["csirt-answer"]),
        ({"is_automatic": True}, []),
        ({"format": "arf", "reporter_kind": "provider"}, []),
        ({"sender": ""}, []),
        ({"sender": "abuse@example.org"}, []),
        ({"sender": "", "threatens_block": True}, ["threat"]),
    ],
)
def test_what_a_complaint_needs_depends_on_who_wrote_it(incident, fields, expected):
    planning.plan_for_complaint(incident, make.joined(incident, **fields), now=NOW)
    assert kinds(incident) == expected
