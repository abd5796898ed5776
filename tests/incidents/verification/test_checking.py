"""Fixes that no relay probe can try: what is looked at, the verdict, and what follows from it."""

from datetime import timedelta

import pytest

from complaints.models import ComplaintObservable, LogSource
from incidents.models import Incident, IncidentKey, Letter, ProbeRun, Promise
from incidents.verification import fixes, run
from incidents.workflow import moves, planning
from tests import make
from tests.incidents.verification.test_pages import bank, web
from tests.make import at

BEGAN, FIXED = at("2024-03-04 09:00"), at("2024-03-05 09:00")
State = Incident.State
pytestmark = pytest.mark.django_db


def incident_of(kind, key, value):
    """An incident with its tasks planned, up to its fix."""
    make.organisation()
    path = "/var/log/mail.log"
    LogSource.objects.create(path=path, host=make.mail_host(), last_line_at=BEGAN)
    made = make.incident(kind=kind, discovered_at=BEGAN, first_seen_at=BEGAN)
    IncidentKey.objects.create(incident=made, kind=key, value=value, reason="")
    planning.plan_incident(made, now=BEGAN)
    assess = made.tasks.get(kind="assess")
    moves.complete(assess, note="seen", by="lead", now=BEGAN + timedelta(hours=1))
    return made


def fix(incident, kind, when=FIXED):
    said = {"kind": kind, "what": "done", "done_by": "ann", "done_at": when}
    fixes.record_fix(incident, **said, by="lead", now=when)


def due(incident):
    """Let the clock run to the next verification; the log is read until then."""
    incident.refresh_from_db()
    now = incident.next_verification_at
    LogSource.objects.update(last_line_at=now)
    run.verify_due(now)
    incident.refresh_from_db()
    return incident.probe_runs.last()


def test_a_closed_account_is_unknown_at_first_and_fixed_after_a_day_of_quiet():
    incident = incident_of("compromised_account", "account", "mail:ann")
    make.relayed_message(authenticated_user="ann", direction="out", queued_at=BEGAN)
    fix(incident, "account")
    assert incident.tasks.get(kind="verify").is_open
    first = due(incident)
    assert first.verdict == "unknown"
    assert first.host is None
    assert incident.next_verification_at > FIXED + timedelta(days=1)
    second = due(incident)
    assert second.verdict == "fixed"
    assert (incident.state, incident.fixed_at) == (State.FIXED, FIXED)
    assert incident.tasks.get(kind="verify").outcome == "fixed"


def test_an_account_that_is_abused_again_reopens_its_incident():
    incident = incident_of("compromised_account", "account", "mail:ann")
    abuse = {"authenticated_user": "ann", "direction": "out"}
    make.campaign(incident, make.relayed_message(**abuse, queued_at=BEGAN))
    fix(incident, "account")
    assert [due(incident).verdict, due(incident).verdict] == ["unknown", "fixed"]
    make.relayed_message(**abuse, queued_at=incident.next_verification_at - timedelta(hours=1))
    assert due(incident).verdict == "none"
    assert incident.state == State.OPEN
    assert incident.tasks.get(kind="fix").is_open


def test_a_fixed_account_is_left_in_peace_when_its_watch_is_over():
    incident = incident_of("compromised_account", "account", "mail:ann")
    fix(incident, "account")
    due(incident)
    due(incident)
    Incident.objects.update(next_verification_at=incident.watched_until)
    asked = ProbeRun.objects.count()
    due(incident)
    assert incident.next_verification_at is None
    assert ProbeRun.objects.count() == asked


def test_a_phishing_page_is_asked_for_until_it_is_gone(settings):
    settings.MEYASU_PROBE_LOOPBACK = True
    incident = incident_of("hosted_phish", "machine", "8.8.4.4 phishing")
    complaint = make.joined(incident)
    is_up = [True]
    with web(lambda path: bank(path if is_up[0] else "/gone")) as (port, _asked):
        ComplaintObservable.objects.create(
            complaint=complaint, kind="url", value=f"http://www.example.org:{port}/bank"
        )
        fix(incident, "removal")
        assert due(incident).verdict == "none"
        assert incident.tasks.get(kind="fix").is_open
        is_up[0] = False
        fix(incident, "removal", incident.probe_runs.last().started_at + timedelta(hours=1))
        assert due(incident).verdict == "fixed"
    assert incident.state == State.FIXED


def test_a_promise_alone_decides_where_nothing_else_can_be_looked_at():
    incident = incident_of("other", "machine", "192.0.2.77 port-scan")
    letter = Letter.objects.create(incident=incident, kind="upstream", drafted_at=BEGAN)
    promise = Promise.objects.create(
        letter=letter, who="Quarry Net", what="no more", networks=["198.51.100.0/24"],
        holds_from=FIXED, until=FIXED + timedelta(days=7), recorded_at=FIXED, recorded_by="lead",
    )  # fmt: skip

    def verdict():
        done = run.run_verification(incident, host=incident.host, by="lead", now=FIXED)
        return done.verdict, done.sentences[0]

    assert verdict()[0] == "unknown"
    for state, due_verdict in (("broken", "none"), ("kept", "fixed")):
        Promise.objects.filter(pk=promise.pk).update(state=state, evidence="3 relayed")
        Incident.objects.update(state=State.OPEN)
        assert verdict()[0] == due_verdict
    assert verdict()[1] == "Quarry Net kept the promise until 2024-03-12"


def test_where_nothing_can_be_looked_at_a_person_is_asked_for():
    incident = incident_of("login_attack", "machine", "192.0.2.77 login-attack")
    done = run.run_verification(incident, host=incident.host, by="lead", now=FIXED)
    assert done.verdict == "unknown"
    assert done.lacks == ["the word of a person who has looked"]
