"""The priority of an incident comes from facts, each with its weight; what a person says wins."""

from datetime import timedelta

import pytest

from complaints import audit
from complaints.models import AuditEntry
from incidents.grouping import priorities
from incidents.grouping.urgency import HIGH, LOW, NORMAL, URGENT, Facts, priority_of, weigh
from incidents.models import Incident, IncidentKey
from incidents.reporting.whyurgent import facts_in_words, first_fact
from incidents.workflow import moves
from tests import make
from tests.make import at

NOW = at("1998-01-21 09:00")


def level(**facts):
    return priority_of(weigh(Facts(**facts), now=NOW))


@pytest.mark.parametrize(
    ("facts", "priority"),
    [
        ({"kind": LOW}, LOW),
        ({"kind": NORMAL}, NORMAL),
        ({"kind": HIGH}, NORMAL),
        ({"kind": HIGH, "last_at": NOW - timedelta(hours=2)}, HIGH),
        ({"kind": HIGH, "last_at": NOW - timedelta(days=2)}, NORMAL),
        ({"kind": NORMAL, "threats": 1}, URGENT),
        ({"kind": HIGH, "last_at": NOW, "blocklists": 2}, URGENT),
        ({"kind": HIGH, "is_fixed": True, "last_at": NOW}, LOW),
        ({"kind": NORMAL, "response_teams": 1, "recipients": 20_000}, HIGH),
        ({"kind": NORMAL, "earlier": 9}, HIGH),
    ],
)
def test_facts_add_up_to_a_priority(facts, priority):
    assert level(**facts) == priority


@pytest.fixture
def incident(db):
    make.organisation()
    found = make.incident(kind="unwanted_bulk", priority=NORMAL)
    make.joined(found, reporter_kind="csirt", arrived_at=NOW)
    make.joined(found, reporter_kind="blocklist", arrived_at=NOW)
    return found


def test_what_complaints_tell_raises_it_and_is_kept_in_words(incident):
    assert priorities.keep(now=NOW) == 1
    incident.refresh_from_db()
    assert incident.priority == URGENT
    assert [(row["points"], row["words"]) for row in facts_in_words(incident)] == [
        ("+3", "complaints by blocklists: 1"),
        ("+2", "it went on within the last day"),
        ("+2", "this kind of abuse"),
        ("+2", "complaints by response teams: 1"),
    ]
    assert first_fact(incident) == "complaints by blocklists: 1"
    assert priorities.keep(now=NOW) == 0
    assert AuditEntry.objects.get(action="priority-set").incident_reference == incident.reference
    assert list(audit.verify()) == []


def test_it_falls_when_the_facts_do(incident):
    priorities.keep(now=NOW)
    priorities.keep(now=NOW + timedelta(days=3))
    incident.refresh_from_db()
    assert incident.priority == HIGH


def test_what_a_person_said_stays_until_the_facts_may_decide_again(incident):
    moves.set_priority(incident, LOW, by="lead", now=NOW)
    assert priorities.keep(now=NOW) == 0
    incident.refresh_from_db()
    assert (incident.priority, incident.priority_by) == (LOW, "lead")
    assert incident.priority_facts
    assert first_fact(incident) == "said by lead"

    priorities.by_facts(incident, by="lead", now=NOW)
    incident.refresh_from_db()
    assert (incident.priority, incident.priority_by) == (URGENT, "")


def test_an_earlier_incident_of_the_same_account_counts(db):
    for number in (1, 2):
        one = make.incident(kind="unwanted_bulk")
        IncidentKey.objects.create(
            incident=one, kind="account", value="mx1:ann", is_active=number == 2
        )
    priorities.keep(now=NOW)
    facts = [incident.priority_facts for incident in Incident.objects.order_by("pk")]
    assert {"fact": "earlier", "count": 1, "points": 1} not in facts[0]
    assert {"fact": "earlier", "count": 1, "points": 1} in facts[1]


def test_the_page_tells_why_and_lets_a_lead_set_it(incident, client):
    priorities.keep(now=NOW)
    client.force_login(make.user("lead", role="lead"))
    address = f"/incidents/{incident.reference}/"
    assert "complaints by blocklists: 1" in client.get(address).text
    client.post(f"{address}priority/", {"priority": LOW})
    incident.refresh_from_db()
    assert (incident.priority, incident.priority_by) == (LOW, "lead")
    assert "said by lead" in client.get(address).text
    client.post(f"{address}priority/", {"priority": 0})
    incident.refresh_from_db()
    # By the clock of the desk it is long ago.
    assert (incident.priority, incident.priority_by) == (HIGH, "")


def test_a_lead_can_set_the_priority_before_any_fact_is_known(client, incident):
    address = f"/incidents/{incident.reference}/"
    client.force_login(make.user("lead", "lead"))
    assert "Set the priority" in client.get(address).content.decode()
    client.force_login(make.user("reader", "reader"))
    assert "Set the priority" not in client.get(address).content.decode()
