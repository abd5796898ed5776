"""Planned anew: what the preview says is what happens, and nothing that was done is lost."""

from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from incidents.models import Task
from incidents.playbooks import registry
from incidents.workflow import handling, inforce, moves, planning, replan
from tests import make
from tests.make import at

pytestmark = pytest.mark.django_db
NOW = at("1998-01-20 05:00")
RELAY = registry.PLAYBOOKS["relay_abuse"]


@pytest.fixture
def incident():
    make.organisation()
    made = make.incident()
    planning.plan_incident(made, now=NOW)
    moves.complete(made.tasks.get(kind="assess"), note="A relay.", by="agent", now=NOW)
    handling.comment(made.tasks.get(kind="protest"), text="Begun.", by="agent", now=NOW)
    planning.plan_for_complaint(made, make.joined(made), now=NOW)
    return made


def states(incident):
    return {task.kind: (task.state, task.outcome) for task in incident.tasks.all()}


def names(these):
    return {one.kind for one in these}


@pytest.mark.parametrize("kind", [kind for kind in registry.PLAYBOOKS if kind != "relay_abuse"])
def test_the_preview_of_another_kind_is_what_happens(incident, kind):
    told = replan.preview(incident, inforce.current(kind))
    before = states(incident)
    replan.change_kind(incident, kind, by="lead", now=NOW)
    after = states(incident)

    assert names(told.added) == set(after) - set(before)
    assert names(told.dropped) == {
        name for name, state in after.items() if state[1] == replan.REPLACED
    }
    open_now = {name for name, state in after.items() if state[0] == Task.State.OPEN}
    assert names(told.kept) | names(told.begun) | names(told.added) == open_now
    assert "protest" in names(told.begun)
    assert after["assess"] == before["assess"]
    assert told.finished == 1


def test_what_a_change_dropped_is_told_to_come_back_and_does(incident):
    replan.change_kind(incident, "copyright", by="lead", now=NOW)
    told = replan.preview(incident, inforce.current("relay_abuse"))
    replan.change_kind(incident, "relay_abuse", by="lead", now=NOW)
    assert names(told.back) == {"verify", "notice", "upstream", "csirt"}
    assert all(states(incident)[name][0] == Task.State.OPEN for name in names(told.back))


def test_a_lead_sees_what_would_change_and_lets_the_incident_follow(incident, client):
    client.force_login(make.user("lead", "lead"))
    page = reverse("incidents:plan-anew", args=[incident.reference])
    shown = client.get(page, {"kind": "malware"})
    assert "Change the kind" in shown.content.decode()
    client.post(page, {"kind": "malware", "version": "1"})
    incident.refresh_from_db()
    assert incident.kind == "malware"
    entries = client.get(reverse("incidents:timeline", args=[incident.reference]))
    assert "relay_abuse 1 is now malware 1" in entries.content.decode()


def test_a_preview_of_a_version_that_is_no_longer_in_force_is_not_followed(incident, client):
    client.force_login(make.user("lead", "lead"))
    inforce.save(replace(RELAY, title="Relay"), based_on=1, by="lead", now=NOW)
    page = reverse("incidents:plan-anew", args=[incident.reference])
    client.post(page, {"kind": "relay_abuse", "version": "1"})
    incident.refresh_from_db()
    assert incident.playbook_version.number == 1
    client.post(page, {"kind": "relay_abuse", "version": "2"})
    incident.refresh_from_db()
    assert incident.playbook_version.number == 2
    client.force_login(make.user("agent", "agent"))
    assert client.get(page).status_code == 403


def test_the_preview_asks_as_much_however_many_tasks_there_are(incident, client):
    client.force_login(make.user("lead", "lead"))
    page = reverse("incidents:plan-anew", args=[incident.reference])

    def asked():
        with CaptureQueriesContext(connection) as queries:
            client.get(page, {"kind": "malware"})
        return len(queries)

    first = asked()
    for _ in range(5):
        planning.plan_for_complaint(incident, make.joined(incident), now=NOW)
    assert asked() == first
