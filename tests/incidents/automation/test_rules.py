"""Rules: each runs once for each time it holds, as its trial says; it can be switched off."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from complaints import audit
from complaints.models import AuditEntry
from incidents.automation import document, follow, rules, trial
from incidents.automation.rules import NotSaved
from incidents.automation.terms import Terms
from incidents.models import Incident, IncidentComplaint, Nudge, Rule, RuleRun, Task
from incidents.workflow import moves, planning, replan
from tests import make
from tests.make import at

pytestmark = pytest.mark.django_db
NOW = at("1998-01-20 05:00")
THREE = Terms("three", "complaint-joined", complaints=3, within_hours=1, raise_to=2)
TO_LEAD = Terms("to-lead", "complaint-joined", reporters=("csirt",), assign_role="lead")
BY_THEN = Terms(
    "by-then", "complaint-joined", has_deadline=True, task="Tell them", task_by_deadline=True
)


@pytest.fixture
def incident():
    make.organisation()
    made = make.incident()
    planning.plan_incident(made, now=NOW)
    follow.follow(now=NOW)  # what lies before the first look is no rule's business
    return made


def on(terms):
    rule = rules.save(terms, based_on=None, by="lead", now=NOW)
    rules.switch(rule, is_on=True, by="lead", now=NOW)
    return rule


def joins(incident, minutes=0, **fields):
    """A complaint joins the incident, as grouping lets it."""
    now = NOW + timedelta(minutes=minutes)
    complaint = make.complaint(arrived_at=now, recorded_at=now, **fields)
    with transaction.atomic():
        IncidentComplaint.objects.create(incident=incident, complaint=complaint, joined_at=now)
        audit.record("complaint-joined", complaint, at=now, incident=incident.reference)
        planning.plan_for_complaint(incident, complaint, now=now)
    return complaint


def told(action="rule-ran"):
    return [entry.details for entry in AuditEntry.objects.filter(action=action)]


def test_three_complaints_in_an_hour_raise_the_priority_once(incident):
    on(THREE)
    Incident.objects.update(priority=4)
    for minutes in (0, 50, 100):
        joins(incident, minutes)
    assert follow.follow(now=NOW) == 0
    joins(incident, 105)
    assert follow.follow(now=NOW) == 1
    assert follow.follow(now=NOW) == 0
    incident.refresh_from_db()
    assert (incident.priority, incident.priority_by) == (2, "rule three")
    assert told()[0] | {"on": 0} == {"rule": "three", "version": 1, "did": "priority", "on": 0}


def test_a_person_who_said_how_urgent_it_is_is_not_overruled(incident):
    on(THREE)
    moves.set_priority(incident, 4, by="lead", now=NOW)
    for _ in range(3):
        joins(incident)
    assert follow.follow(now=NOW) == 0
    incident.refresh_from_db()
    assert incident.priority == 4


def test_a_response_teams_complaint_goes_to_the_lead_and_another_does_not(incident):
    on(TO_LEAD)
    team, person = joins(incident, reporter_kind="csirt"), joins(incident)
    assert follow.follow(now=NOW) == 1
    roles = dict(Task.objects.exclude(complaint=None).values_list("complaint", "role"))
    assert roles == {team.pk: "lead", person.pk: "agent"}


def test_a_rule_hands_tasks_to_a_colleague_who_is_told(incident):
    anna = make.user("anna")
    on(Terms("to-anna", "complaint-joined", assign_to="anna"))
    complaint = joins(incident)
    follow.follow(now=NOW)
    assert Task.objects.get(complaint=complaint).taken_by == anna
    assert Nudge.objects.get().for_user == anna


def test_a_deadline_adds_a_task_that_no_change_of_kind_drops(incident):
    on(BY_THEN)
    joins(incident)
    joins(incident, answer_by=at("1998-01-21 12:00"))
    assert follow.follow(now=NOW) == 1
    task = Task.objects.get(kind="rule-by-then")
    assert (task.title, task.due_at) == ("Tell them", at("1998-01-21 12:00"))
    replan.change_kind(incident, "malware", by="lead", now=NOW)
    task.refresh_from_db()
    assert task.is_open


def test_what_came_before_a_rule_was_switched_on_or_while_it_was_off_is_left(incident):
    rule = rules.save(TO_LEAD, based_on=None, by="lead", now=NOW)
    joins(incident, reporter_kind="csirt")
    rules.switch(rule, is_on=True, by="lead", now=NOW)
    assert follow.follow(now=NOW) == 0
    rules.switch(rule, is_on=False, by="lead", now=NOW)
    joins(incident, reporter_kind="csirt")
    assert follow.follow(now=NOW) == 0
    rules.switch(rule, is_on=True, by="lead", now=NOW)
    assert follow.follow(now=NOW) == 0
    assert len(told("rule-on")) == 2


def test_the_trial_on_past_cases_says_what_then_happens_and_changes_nothing(incident):
    for minutes in (0, 10, 20, 30):
        joins(incident, minutes, reporter_kind="csirt")
    before = AuditEntry.objects.count()
    tried = trial.of(THREE)
    assert tried.looked_at == 4
    assert [acts[0].what for _, acts in tried.rows] == ["priority", "priority"]
    assert AuditEntry.objects.count() == before
    on(TO_LEAD)
    joined = [joins(incident, 40 + number, reporter_kind="csirt") for number in range(3)]
    ran = follow.follow(now=NOW)
    would = [case.complaint for case, _ in trial.of(TO_LEAD).rows]
    assert ran == len(joined)
    assert set(joined) <= set(would)


def test_a_changed_rule_is_a_further_version_and_the_history_says_which_ran(incident):
    rule = on(THREE)
    changed = Terms("three", "complaint-joined", complaints=1, within_hours=1, raise_to=1)
    rules.save(changed, based_on=1, by="lead", now=NOW)
    joins(incident)
    follow.follow(now=NOW)
    assert (told()[0]["rule"], told()[0]["version"]) == ("three", 2)
    assert rule.runs.get().version == 2
    with pytest.raises(NotSaved, match="somebody else"):
        rules.save(THREE, based_on=1, by="agent", now=NOW)


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({}, "raise_to"),
        ({"raise_to": 1, "trigger": "nothing"}, "trigger"),
        ({"raise_to": 1, "complaints": 3}, "within_hours"),
        ({"raise_to": 9}, "raise_to"),
        ({"tell": "boss"}, "tell"),
        ({"task": "Call", "task_hours": 0}, "task_hours"),
        ({"raise_to": 1, "name": "Three in an hour"}, "name"),
    ],
)
def test_a_rule_that_cannot_run_is_not_kept(db, fields, wrong):
    terms = Terms(**{"name": "x", "trigger": "incident-opened"} | fields)
    with pytest.raises(NotSaved) as refusal:
        rules.save(terms, based_on=None, by="lead", now=NOW)
    assert [field for field, _ in refusal.value.faults] == [wrong]


def test_looking_costs_as_much_for_many_entries_as_for_few(incident):
    on(Terms("never", "complaint-joined", reporters=("rights-holder",), tell="lead"))

    def asked(count):
        for _ in range(count):
            joins(incident)
        with CaptureQueriesContext(connection) as queries:
            follow.follow(now=NOW)
        return len(queries)

    few = asked(2)
    assert asked(30) == few
    # Nor does a rule that holds each time cost anything where all stands so already.
    on(Terms("always", "complaint-joined", raise_to=4))
    few = asked(2)
    assert asked(30) == few


@pytest.mark.django_db(transaction=True)
def test_two_workers_that_follow_at_once_run_a_rule_once():
    make.organisation()
    incident = make.incident()
    follow.follow(now=NOW)
    on(Terms("tell", "complaint-joined", tell="lead"))
    for _ in range(5):
        joins(incident)

    def work(_number):
        try:
            return follow.follow(now=NOW)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as workers:
        ran = list(workers.map(work, range(4)))
    assert sum(ran) == 5
    assert (RuleRun.objects.count(), Nudge.objects.count()) == (5, 5)


def test_a_lead_writes_tries_and_switches_a_rule_on_and_an_agent_only_looks(incident, client):
    client.force_login(make.user("lead", "lead"))
    joins(incident, reporter_kind="csirt")
    said = {"name": "teams", "trigger": "complaint-joined", "reporters": ["csirt"], "raise_to": "1"}
    wrong = client.post(reverse("incidents:new-rule"), said | {"raise_to": "0"})
    assert "say what it does" in str(wrong.context["form"].errors["raise_to"])
    client.post(reverse("incidents:new-rule"), said)
    page = reverse("incidents:rule", args=["teams"])
    assert "It would have run on 1 of the last 1 cases." in client.get(page).content.decode()
    client.post(reverse("incidents:switch-rule", args=["teams"]), {"on": "1"})
    assert Rule.objects.get(name="teams").is_on
    edit = reverse("incidents:edit-rule", args=["teams"])
    start = client.get(edit).context["form"].initial
    again = said | {"based_on": start["based_on"], "tell": "lead"}
    assert client.post(edit, again).status_code == 302
    assert Rule.objects.get(name="teams").version == 2
    shown = client.get(page).text
    assert "Version 2 saved: tell = lead" in shown
    assert "Version 1 switched on." in shown
    client.force_login(make.user("agent", "agent"))
    assert client.get(page).status_code == 200
    assert client.post(edit, again).status_code == 403


def test_rules_go_out_and_come_in_switched_off(incident, client):
    client.force_login(make.user("lead", "lead"))
    on(THREE)
    file = json.loads(client.get(reverse("incidents:rules-file")).content)
    assert len(file["rules"]) == Rule.objects.count()
    Rule.objects.all().delete()
    sent = SimpleUploadedFile("rules.json", json.dumps(file).encode())
    client.post(reverse("incidents:import-rules"), {"file": sent})
    assert document.read(Rule.objects.get(name="three").content) == THREE
    assert not Rule.objects.filter(is_on=True).exists()


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"[]",
        b'{"format": "meyasu-rules-1", "rules": {}}',
        b'{"format": "meyasu-rules-1", "rules": [{"name": "x"}]}',
        b'{"format": "meyasu-rules-1", "rules": [{"name": 1, "trigger": "x"}]}',
        b'{"format": "meyasu-rules-1", "rules": [{"name": "x", "trigger": "x", "run": "rm"}]}',
        b'{"format": "meyasu-rules-1", "rules": [{"name": "x", "trigger": "x", "tell": "lead"}]}',
    ],
)
def test_a_file_that_has_no_rules_is_refused_in_words_and_nothing_is_kept(db, client, content):
    client.force_login(make.user("lead", "lead"))
    before = set(Rule.objects.values_list("name", "version"))
    file = SimpleUploadedFile("x.json", content)
    answer = client.post(reverse("incidents:import-rules"), {"file": file}, follow=True)
    assert [message.level_tag for message in answer.context["messages"]] == ["error"]
    assert set(Rule.objects.values_list("name", "version")) == before


def test_the_examples_that_come_with_the_program_can_run_and_are_off(db):
    kept = {rule.name: document.read(rule.content) for rule in Rule.objects.filter(is_on=False)}
    assert set(kept) == {"three-in-an-hour", "response-team-to-lead", "threat-with-deadline"}
