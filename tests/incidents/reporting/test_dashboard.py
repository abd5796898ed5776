"""The dashboard: its numbers are those of a slow loop, and each leads to the rows behind it."""

import random
import re
from datetime import timedelta
from html import unescape
from statistics import median

import pytest
from django.contrib.auth.models import User

from complaints import audit, clock
from complaints.models import Complaint, Link
from incidents.models import Acknowledgement, Incident, ProbeRun
from incidents.reporting import counting, rollups, statistics
from incidents.reporting.period import of_month, of_year
from incidents.workflow import moves
from incidents.workflow.planning import desk_zone
from tests import make
from tests.make import at

pytestmark = pytest.mark.django_db
NOW = at("1998-03-20 03:00")
NUMBER = re.compile(r'<a href="(/admin/[^"]+)"[^>]*>\s*([\d,]+)\s*</a>')
CARD = re.compile(
    r'<a href="(/admin/[^"?]+\?[^"]+)" class="bg-white block.*?text-2xl[^>]*>\s*(.*?)\s*<', re.S
)
RESULTS = re.compile(r"([\d,]+)\s+(?:results?|incidents?|complaints?|tasks?|history)")


@pytest.fixture(autouse=True)
def desk(monkeypatch):
    make.organisation(utc_offset="+09:00")
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def manager(client):
    client.force_login(User.objects.create_superuser("manager"))
    return client


def history(dice):
    """A few weeks of an invented desk: complaints, incidents, tasks, words sent."""
    agent = make.user("agent")
    incidents = []
    for number in range(8):
        found = NOW - timedelta(hours=dice.randrange(24 * 60))
        later = found + timedelta(hours=dice.randrange(1, 90))
        incident = make.incident(
            discovered_at=found,
            state=dice.choice(["open", "closed", "fixed"]),
            kind=dice.choice(["relay_abuse", "other"]),
            fixed_at=dice.choice([None, later]),
            notice_published_at=dice.choice([None, later]),
        )
        message = make.relayed_message(client_ip=f"198.51.100.{number}")
        make.campaign(incident, message)
        task = make.task(incident, "assess", due_at=later)
        make.task(incident, "fix", due_at=later)
        if dice.random() < 0.7:
            moves.complete(task, by=agent, now=found + timedelta(hours=dice.randrange(1, 90)))
        ProbeRun.objects.create(
            host=incident.host,
            incident=incident,
            started_at=later,
            finished_at=later,
            verdict="none",
        )
        audit.record("incident-opened", incident, at=found, incident=incident.reference)
        incidents.append((incident, message))
    for _ in range(40):
        arrived = NOW - timedelta(hours=dice.randrange(24 * 60))
        complaint = make.complaint(
            arrived_at=arrived,
            stage=dice.choice(["grouped", "open", "duplicate", "set-aside", "linked"]),
            format=dice.choice(["arf", "plain", "xarf"]),
            category=dice.choice(["spam", "phishing", ""]),
            language=dice.choice(["en", "ja", "de"]),
            sender=dice.choice(["ann@one.example", "bob@TWO.example", ""]),
        )
        if dice.random() < 0.5:
            _, message = dice.choice(incidents)
            Link.objects.create(
                complaint=complaint, message=message, state="linked", score=1, linked_at=arrived
            )
        elif dice.random() < 0.5:
            complaint.reported_messages.create(number=1, where="test", verdict="not-ours")
        if dice.random() < 0.5:
            Acknowledgement.objects.create(
                complaint=complaint,
                state="sent",
                decided_at=arrived + timedelta(minutes=dice.randrange(90)),
            )
        audit.record("complaint-read", complaint, at=arrived)
    rollups.keep(now=NOW)


@pytest.mark.parametrize("seed", range(3))
def test_every_number_leads_to_exactly_the_rows_that_it_counts(manager, seed):
    history(random.Random(seed))
    page = manager.get("/admin/?period=30d").content.decode()
    found = [
        (unescape(href), int(number.replace(",", ""))) for href, number in NUMBER.findall(page)
    ]
    assert len(found) > 40
    for href, number in found:
        listed = manager.get(href)
        assert listed.status_code == 200, href
        assert listed.context["cl"].result_count == number, href


def test_every_card_leads_to_a_list(manager):
    history(random.Random(7))
    page = manager.get("/admin/").content.decode()
    cards = [(unescape(href), number) for href, number in CARD.findall(page)]
    assert len(cards) == 6
    for href, number in cards:
        count = manager.get(href).context["cl"].result_count
        if "%" not in number and number != "–":
            assert count == int(number), href


@pytest.mark.parametrize("seed", range(5))
def test_the_statistics_are_those_of_a_slow_loop(seed):
    history(random.Random(seed))
    period = of_month(1998, 3, desk_zone())
    came, found = statistics.complaints(period), statistics.incidents(period)
    arrived = [c for c in Complaint.objects.all() if period.start <= c.arrived_at < period.end]
    real = [c for c in arrived if c.stage in counting.COMPLAINT]
    assert (came.received, came.count) == (len(arrived), len(real))
    for form in ("arf", "plain", "xarf"):
        assert came.by["format"][form] == sum(c.format == form for c in real)
    linked = sum(c.links.exists() for c in real)
    assert came.linked_share == (linked / len(real) if real else None)
    words = [
        int((c.acknowledgement.decided_at - c.arrived_at).total_seconds()) // 60
        for c in real
        if hasattr(c, "acknowledgement")
    ]
    expected = timedelta(minutes=median(words)) if words else None
    assert came.acknowledged.median == expected
    opened = [i for i in Incident.objects.all() if period.start <= i.discovered_at < period.end]
    assert found.count == len(opened)
    hours = [i.fixed_at - i.discovered_at for i in opened if i.fixed_at]
    assert found.times["fix"].median == (median(hours) if hours else None)
    assert found.times["fix"].count == len(hours)
    late = [t for i in opened for t in i.tasks.filter(state="done") if t.finished_at > t.due_at]
    assert found.tasks_late == len(late)
    days = statistics.per_day(period)
    assert len(days) == 31
    assert sum(ours for _, ours, _ in days) == len(real)


def test_a_month_is_compared_with_the_month_before_and_a_year_with_the_year_before():
    zone = desk_zone()
    assert of_month(1998, 3, zone).before == of_month(1998, 2, zone)
    assert of_year(1998, zone).before == of_year(1997, zone)


@pytest.mark.parametrize(
    "asked",
    [
        "first=1998-02-30&last=x",
        "first=1998-03-02&last=1998-03-01",
        "first=0001-01-01&last=9999-12-31",
    ],
)
def test_days_that_are_none_are_refused_in_words(manager, asked):
    page = manager.get(f"/admin/?{asked}").content.decode()
    assert "Name two days" in page


def test_the_dashboard_takes_a_constant_number_of_queries(manager, django_assert_max_num_queries):
    history(random.Random(1))
    with django_assert_max_num_queries(25):
        manager.get("/admin/")
    history(random.Random(2))
    with django_assert_max_num_queries(25):
        manager.get("/admin/")


def test_whoever_may_not_see_incidents_sees_no_figures(client):
    client.force_login(User.objects.create_user("clerk", is_staff=True))
    assert "Tasks overdue" not in client.get("/admin/").content.decode()
