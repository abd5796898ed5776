"""Figures of the whole desk."""

from datetime import timedelta

import pytest

from complaints.models import Complaint
from incidents.models import Incident
from incidents.reporting import overview
from incidents.workflow import moves
from tests import make
from tests.make import at

pytestmark = pytest.mark.django_db
NOW = at("1998-02-10 03:00")


@pytest.fixture(autouse=True)
def desk():
    make.organisation(utc_offset="+09:00")


def test_an_empty_desk_has_no_medians():
    empty = overview.overview(NOW)
    assert (empty.open_incidents, empty.complaints_this_month) == (0, 0)
    assert empty.median_days_to_fix is None


def test_medians_are_over_the_incidents_of_a_year():
    for days in (2, 10, 30):
        found = NOW - timedelta(days=40)
        make.incident(discovered_at=found, fixed_at=found + timedelta(days=days))
    make.incident(discovered_at=NOW - timedelta(days=400), fixed_at=NOW)
    make.incident(discovered_at=NOW, priority=Incident.Priority.URGENT)
    seen = overview.overview(NOW)
    assert seen.median_days_to_fix == 10
    assert seen.median_days_to_notice is None
    assert (seen.open_incidents, seen.urgent_incidents) == (5, 1)


def test_a_month_begins_at_midnight_at_the_desk_and_counts_complaints_only():
    make.complaint(arrived_at=at("1998-01-31 14:59"))
    make.complaint(arrived_at=at("1998-01-31 15:00"))
    make.complaint(arrived_at=at("1998-02-09 00:00"), stage=Complaint.Stage.SET_ASIDE)
    seen = overview.overview(NOW)
    assert (seen.complaints_this_month, seen.complaints_last_month) == (1, 1)


def test_only_tasks_that_can_be_done_are_overdue():
    incident = make.incident()
    late = make.task(incident, "assess", due_at=at("1998-01-20 07:00"))
    waiting = make.task(incident, "fix", due_at=at("1998-01-21 07:00"))
    waiting.waits_for.add(late)
    assert overview.overview(NOW).tasks_overdue == 1


def test_incidents_are_counted_by_kind_and_state():
    make.incident()
    make.incident()
    make.incident(kind="other", state=Incident.State.CLOSED)
    assert overview.by_kind_and_state() == [("other", "closed", 1), ("relay_abuse", "open", 2)]


def test_who_did_what_leaves_out_what_the_program_did_by_itself():
    incident = make.incident()
    task = make.task(incident, "assess")
    moves.complete(task, by=make.user("ann"), now=NOW)
    moves.reopen(task, note="", by=None, now=NOW)
    found = overview.who_did_what(NOW, NOW + timedelta(days=1))
    assert found == [("ann", "task-done", 1)]
    assert overview.who_did_what(NOW - timedelta(days=1), NOW) == []
