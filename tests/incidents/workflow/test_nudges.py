"""A relapse is told to its people, on the desk's first page, until each has put it away."""

import pytest
from django.urls import reverse

from incidents.models import Incident, Nudge, ProbeRun
from incidents.workflow import moves, nudges
from tests import make
from tests.make import at

NOW = at("1998-02-02 09:00")
pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    return {name: make.user(name, role) for name, role in
            (("ann", "agent"), ("bob", "agent"), ("lea", "lead"), ("eve", "agent"))}  # fmt: skip


@pytest.fixture
def relapsed(people):
    """A fixed incident that Ann has taken a task of, and Bob finished one; then it is back."""
    incident = make.incident(state=Incident.State.FIXED, fixed_at=at("1998-01-30 09:05"))
    make.task(incident, "close", taken_by=people["ann"])
    make.task(incident, "fix", state="done", finished_by="bob", finished_at=NOW)
    moves.relapse(incident, "The log shows 3 messages.", now=NOW)
    return incident


def test_who_worked_on_it_and_the_leads_are_told_and_nobody_else(people, relapsed):
    told = {name: [one.why for one in nudges.unseen(user)] for name, user in people.items()}
    words = ["The log shows 3 messages."]
    assert told == {"ann": words, "bob": words, "lea": words, "eve": []}


def test_a_relapse_is_told_once_however_often_it_is_found(people, relapsed):
    moves.relapse(relapsed, "again", now=NOW)
    run = ProbeRun.objects.create(incident=relapsed, started_at=NOW, started_by="", verdict="none")
    moves.record_verdict(relapsed, run, now=NOW)
    assert Nudge.objects.filter(kind="relapse").count() == 3


def test_the_desks_first_page_shows_it_until_it_is_put_away(client, people, relapsed):
    client.force_login(people["ann"])
    address = reverse("incidents:nudges")
    assert f'hx-get="{address}"' in client.get(reverse("incidents:triage")).content.decode()
    for headers in ({}, {"HX-Request": "true"}):
        page = client.get(address, headers=headers).content.decode()
        assert "The log shows 3 messages." in page
    nudge = nudges.unseen(people["ann"])[0]
    client.post(reverse("incidents:nudge-seen", args=[nudge.pk]))
    assert "The log shows 3 messages." not in client.get(address).content.decode()
    assert nudges.unseen(people["bob"])


def test_nobody_puts_away_what_is_for_somebody_else(client, people, relapsed):
    client.force_login(people["eve"])
    client.post(reverse("incidents:nudge-seen", args=[nudges.unseen(people["ann"])[0].pk]))
    assert nudges.unseen(people["ann"])
