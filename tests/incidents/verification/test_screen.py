"""What the incident's page shows of a verification: evidence, refused attempts, what comes next."""

from datetime import timedelta

import pytest
from django.urls import reverse

from incidents.models import ProbeAnswer, ProbeRun
from tests import make
from tests.make import at

NOW = at("1998-01-26 02:00")
pytestmark = pytest.mark.django_db
SIGHTINGS = {
    "refused_campaign": 12,
    "refused_newcomers": 30,
    "sources": [["198.51.100.7", 12, True], ["203.0.113.9", 30, False]],
    "hours": [
        {"hour": "1998-01-25T23:00:00+00:00", "reason": "sender", "is_campaign": True, "count": 12},
        {"hour": "1998-01-26T01:00:00+00:00", "reason": "relay", "is_campaign": False, "count": 30},
    ],
}


@pytest.fixture
def page(client):
    incident = make.incident(next_verification_at=NOW + timedelta(days=1))
    run = ProbeRun.objects.create(
        incident=incident, host=incident.host, address="192.0.2.25 port 25", started_at=NOW,
        finished_at=NOW, started_by="lead", verdict="partial", sightings=SIGHTINGS,
        expires_at=NOW + timedelta(days=2),
        reasons=[{"words": "relays for %(n)s", "values": {"n": 1}, "evidence": ["fresh 587"]}],
        missing=[{"words": "a rule in place of the list", "values": {}}],
        for_manager={"words": "Only half a fix.", "values": {}},
        for_vendor={"words": "Refuses only 3.", "values": {}},
    )  # fmt: skip
    ProbeAnswer.objects.create(
        run=run, number=1, name="fresh 587", tries="A stranger", recipient="r@probe.example",
        stage="data", code=250, text="taken", accepted=True, fate="stayed",
    )  # fmt: skip
    client.force_login(make.user("lea", "lead"))

    def shown(language="en"):
        address = reverse("incidents:incident", args=[incident.reference])
        return client.get(address, headers={"Accept-Language": language}).content.decode()

    return shown


def test_each_clause_leads_to_the_probes_it_rests_on(page):
    assert 'href="#probe-fresh-587"' in page()
    assert 'id="probe-fresh-587"' in page()
    assert "then dropped or kept, by the log" in page()


def test_refused_attempts_are_shown_by_hour_rule_and_source(page):
    shown = page()
    assert "12 attempts of the campaign’s sources, 30 of newcomers" in shown
    for words in ("203.0.113.9", "relaying denied", "sender blocked"):
        assert words in shown


def test_both_sentences_what_is_missing_and_the_times_stand_there(page):
    shown = page()
    for words in ("Only half a fix.", "Refuses only 3.", "a rule in place of the list",
                  "stands until", "Looked at next:"):  # fmt: skip
        assert words in shown


def test_the_same_stands_there_in_japanese(page):
    assert "キャンペーンの送信元から 12 件" in page("ja")
