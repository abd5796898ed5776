"""Conditions of rules: any combination can be said, tried, sent to another desk, and is kept to."""

import json
from datetime import timedelta
from itertools import product

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import reverse

from complaints import audit
from incidents.automation import conditions, document, follow, rules, trial
from incidents.automation.conditions import Condition
from incidents.automation.rules import NotSaved
from incidents.automation.terms import Facts, Terms, holds
from incidents.models import IncidentComplaint, Nudge, Rule
from incidents.playbooks.document import Unreadable
from incidents.workflow import planning
from tests import make
from tests.make import at

NOW = at("1998-01-20 05:00")  # a Tuesday, 14:00 where the desk is
TEAM = Condition("reporter", "is", "csirt")
URGENT = Condition("priority", "at-most", "2")
THREAT = Condition("threatens", "so")
THREE = Condition("complaints", "at-least", "3", hours=1)
PARTS = (TEAM, URGENT, THREAT, THREE)


def facts(team=False, urgent=False, threat=False, three=False):
    return Facts(
        NOW,
        reporter="csirt" if team else "person",
        priority=2 if urgent else 3,
        threatens=threat,
        joined=(NOW,) * (3 if three else 2),
    )


def rule(where):
    return Terms("x", "complaint-joined", where=where, tell="lead")


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ((), lambda team, urgent, threat, three: True),
        (((TEAM,),), lambda team, urgent, threat, three: team),
        (((TEAM, URGENT),), lambda team, urgent, threat, three: team or urgent),
        (((TEAM,), (URGENT,)), lambda team, urgent, threat, three: team and urgent),
        (
            ((TEAM, THREAT), (URGENT, THREE)),
            lambda team, urgent, threat, three: (team or threat) and (urgent or three),
        ),
        (
            (
                (Condition("reporter", "is-not", "csirt"), Condition("threatens", "not-so")),
                (THREE,),
            ),
            lambda team, urgent, threat, three: not (team and threat) and three,
        ),
        (
            ((TEAM, THREAT, Condition("priority", "at-least", "3")),),
            lambda team, urgent, threat, three: team or threat or not urgent,
        ),
    ],
)
def test_any_combination_holds_just_where_it_says(where, said):
    for known in product((False, True), repeat=len(PARTS)):
        assert holds(rule(where), facts(*known)) == said(*known), known


@pytest.mark.parametrize(
    ("one", "known", "held"),
    [
        (Condition("sender", "has", "@SLIPSTREAM."), {"sender": "a@slipstream.example"}, True),
        (Condition("sender", "has-not", "@slip"), {"sender": "a@slipstream.example"}, False),
        (Condition("subject", "has", "迷惑"), {"subject": "迷惑メールの件"}, True),
        (Condition("language", "is-not", "ja"), {"language": "ja"}, False),
        (Condition("language", "is", "ja"), {}, False),  # without a complaint nothing is known
        (Condition("language", "is-not", "ja"), {}, True),
        (Condition("hours-left", "at-most", "24"), {"deadline": NOW + timedelta(hours=23)}, True),
        (Condition("hours-left", "at-most", "24"), {"deadline": NOW + timedelta(hours=25)}, False),
        (Condition("hours-left", "at-most", "24"), {}, False),
        (Condition("desk-open", "not-so"), {"is_open": False}, True),
        (Condition("complaints", "is", "1", hours=1), {"joined": (NOW, NOW - timedelta(hours=2))},
         True),
        (Condition("complaints", "is", "2"), {"joined": (NOW, NOW - timedelta(hours=2))}, True),
    ],
)  # fmt: skip
def test_what_is_asked_is_compared_as_it_says(one, known, held):
    assert holds(rule(((one,),)), Facts(NOW, **known)) is held


@pytest.mark.parametrize(
    "one",
    [
        Condition("weather", "is", "bad"),
        Condition("priority", "has", "2"),
        Condition("priority", "at-most", "two"),
        Condition("priority", "at-most", "inf"),
        Condition("priority", "is", "2", hours=1),
        Condition("complaints", "at-least", "3", hours=1000),
        Condition("reporter", "is", "martian"),
        Condition("sender", "is", " "),
        Condition("threatens", "so", "yes"),
    ],
)
def test_a_condition_that_means_nothing_is_not_kept(db, one):
    with pytest.raises(NotSaved) as refusal:
        rules.save(rule(((TEAM,), (one,))), based_on=None, by="lead", now=NOW)
    assert [field for field, _ in refusal.value.faults] == ["where"]
    assert not Rule.objects.filter(name="x").exists()


def test_conditions_go_out_and_come_in_as_they_are():
    terms = rule(((TEAM, THREE), (URGENT,)))
    assert document.loads(document.dumps([document.write(terms)]).encode()) == [terms]


@pytest.mark.parametrize(
    "where",
    [{}, [{}], [[{}]], [["x"]], [[{"asked": "kind"}]], [[{"asked": "kind", "relation": 1}]],
     [[{"asked": "kind", "relation": "is", "value": "x", "run": "rm"}]],
     [[{"asked": "kind", "relation": "is", "value": "x" * 201}]],
     [[{"asked": "kind", "relation": "is", "hours": True}]]],
)  # fmt: skip
def test_conditions_of_a_file_that_are_none_are_refused(where):
    with pytest.raises(Unreadable):
        document.read({"name": "x", "trigger": "complaint-joined", "where": where})


def test_a_rule_of_before_is_read_and_saved_again_as_it_was(db):
    three = Rule.objects.get(name="three-in-an-hour")
    three.content.pop("where")
    three.save()
    rules.save(document.read(three.content), based_on=1, by="lead", now=NOW)
    assert Rule.objects.get(name="three-in-an-hour").version == 1


def joins(incident, **fields):
    complaint = make.complaint(arrived_at=NOW, recorded_at=NOW, **fields)
    with transaction.atomic():
        IncidentComplaint.objects.create(incident=incident, complaint=complaint, joined_at=NOW)
        audit.record("complaint-joined", complaint, at=NOW, incident=incident.reference)


@pytest.fixture
def incident(db):
    make.organisation(utc_offset="+09:00")
    made = make.incident()
    planning.plan_incident(made, now=NOW)
    follow.follow(now=NOW)
    return made


def test_a_rule_with_conditions_does_what_its_trial_said(incident):
    where = (
        (Condition("category", "is", "phishing"), Condition("sender", "has", "@bank.example")),
        (Condition("language", "is-not", "ja"),),
        (Condition("desk-open", "so"),),
    )
    kept = rules.save(rule(where), based_on=None, by="lead", now=NOW)
    rules.switch(kept, is_on=True, by="lead", now=NOW)
    joins(incident, category="phishing", language="en")
    joins(incident, category="phishing", language="ja")
    joins(incident, category="spam", language="en")
    joins(incident, category="spam", language="en", sender="abuse@bank.example")
    held = {case.complaint.reference for case, _acts in trial.of(rule(where)).rows}
    assert len(held) == 2
    assert follow.follow(now=NOW) == 2
    assert Nudge.objects.count() == 2


def test_a_lead_joins_conditions_by_and_and_or(incident, client):
    client.force_login(make.user("lead", "lead"))
    page = reverse("incidents:new-rule")
    said = {
        "name": "x", "trigger": "complaint-joined", "raise_to": "0", "tell": "lead",
        "where-TOTAL_FORMS": "3", "where-INITIAL_FORMS": "0",
        "where-0-joined_by": "and", "where-0-asked": "reporter", "where-0-relation": "is",
        "where-0-value": "csirt",
        "where-1-joined_by": "or", "where-1-asked": "complaints", "where-1-relation": "at-least",
        "where-1-value": "3", "where-1-hours": "1",
        "where-2-joined_by": "and", "where-2-asked": "priority", "where-2-relation": "at-most",
        "where-2-value": "2",
    }  # fmt: skip
    more = client.post(page, said | {"more": "1"})
    assert len(more.context["where"].rows.forms) == 4
    wrong = client.post(page, said | {"where-2-value": "two"})
    assert "a number" in str(wrong.context["where"].rows.forms[2].errors["value"])
    client.post(page, said)
    terms = document.read(Rule.objects.get(name="x").content)
    assert terms.where == ((TEAM, THREE), (URGENT,))
    shown = client.get(reverse("incidents:rule", args=["x"])).text
    first = "the kind of reporter is csirt or complaints in the incident is at least 3 within 1 h"
    assert first in shown
    edit = client.get(reverse("incidents:edit-rule", args=["x"])).context
    rows = [form.initial["asked"] for form in edit["where"].rows.initial_forms]
    assert rows == ["reporter", "complaints", "priority"]
    client.post(
        reverse("incidents:edit-rule", args=["x"]),
        {name: value for name, value in said.items() if not name.startswith("where-")}
        | {"based_on": "1", "where-TOTAL_FORMS": "1", "where-INITIAL_FORMS": "0"},
    )
    assert document.read(Rule.objects.get(name="x").content).where == ()
    assert "where = –" in client.get(reverse("incidents:rule", args=["x"])).text


def test_a_file_with_conditions_is_taken_in(incident, client):
    client.force_login(make.user("lead", "lead"))
    file = {"format": document.FORMAT, "rules": [document.write(rule(((TEAM, URGENT),)))]}
    sent = SimpleUploadedFile("rules.json", json.dumps(file).encode())
    client.post(reverse("incidents:import-rules"), {"file": sent})
    assert conditions.read(Rule.objects.get(name="x").content["where"]) == ((TEAM, URGENT),)
