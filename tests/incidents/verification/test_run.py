"""A whole verification: real SMTP to the demo's host, the log, the verdict, and what follows."""

import socket
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from complaints.models import AuditEntry, RelayedMessage
from incidents.demo import relay_server
from incidents.demo.relay_server import Control, Sendmail1998, Site
from incidents.models import Incident, ProbeRun, Task
from incidents.verification import run
from incidents.verification.target import NotAllowed
from tests import make
from tests.make import at

SENDERS = ("winner@riches.example", "lucky@riches.example", "sales@blaster.example")
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def test_mailbox(settings):
    settings.MEYASU_PROBE_LOOPBACK = True
    settings.MEYASU_PROBE_RECIPIENT = "relaytest@probe.example"


@pytest.fixture
def relay():
    """The host under test: open, until told otherwise."""
    playing = Sendmail1998(
        lambda: Control(blocked_senders=frozenset(SENDERS)),
        site=Site("mail.example.org", "example.org", frozenset({"abuse"})),
        now=lambda: at("1998-01-25 02:00"),
    )
    with relay_server.start(playing) as server:
        yield server


@pytest.fixture
def incident(relay):
    """The incident of 1998: three senders relayed on 20 January, and a fix to be made."""
    make.organisation()
    host = make.mail_host(probe_port=relay.port)
    made = make.incident(host=host)
    make.campaign(made, *(make.relayed_message(sender=sender) for sender in SENDERS))
    make.task(made, "fix")
    make.task(made, "verify")
    return made


def fix(incident, when):
    """The vendor says that it is done, and own mail goes on in the log."""
    incident.tasks.filter(kind="fix").update(state=Task.State.DONE, finished_at=when)
    make.relayed_message(
        queued_at=when + timedelta(minutes=1),
        direction=RelayedMessage.Direction.IN,
        sender="friend@far.example",
    )


def verify(incident, when):
    return run.run_verification(incident, host=incident.host, by="lead", now=when)


def test_the_case_of_1998_is_none_then_partial_then_fixed(relay, incident):
    first = verify(incident, at("1998-01-24 02:00"))
    assert first.verdict == "none"

    relay.behave("blocks-senders")
    fix(incident, at("1998-01-25 01:24"))
    second = verify(incident, at("1998-01-26 02:00"))
    assert second.verdict == "partial"
    assert second.sentences[0].startswith("refuses only the 3 known senders of the campaign")

    relay.behave("relay-denied")
    fix(incident, at("1998-01-30 09:05"))
    third = verify(incident, at("1998-01-31 02:00"))
    assert third.verdict == "fixed"

    incident.refresh_from_db()
    assert incident.partially_fixed_at is not None
    assert incident.fixed_at is not None
    assert incident.state == Incident.State.FIXED
    actions = AuditEntry.objects.filter(incident_reference=incident.reference)
    assert actions.filter(action="verification-finished").count() == 3


def test_the_whole_dialogue_of_each_probe_is_kept(relay, incident):
    answer = verify(incident, at("1998-01-24 02:00")).answers.get(name="null-sender")
    assert "> MAIL FROM:<>" in answer.transcript
    assert answer.transcript[-1] == "< 250 <relaytest@probe.example>... Recipient ok"


def test_an_open_host_gets_three_marked_messages_at_most_and_all_to_the_test_mailbox(
    relay, incident
):
    done = verify(incident, at("1998-01-24 02:00"))
    assert 1 <= len(relay.handler.accepted) <= 3
    for _sender, recipients in relay.handler.accepted:
        assert all("relaytest" in recipient for recipient in recipients)
    assert done.answers.filter(name__startswith="marked ", fate="unseen").exists()


def test_a_closed_host_gets_no_message(relay, incident):
    relay.behave("relay-denied")
    verify(incident, at("1998-01-24 02:00"))
    assert relay.handler.accepted == []


def test_with_sending_off_no_message_is_sent(relay, incident, settings):
    settings.MEYASU_PROBE_SEND = False
    verify(incident, at("1998-01-24 02:00"))
    assert relay.handler.accepted == []


def test_a_host_is_probed_once_in_ten_minutes(relay, incident):
    verify(incident, at("1998-01-24 02:00"))
    with pytest.raises(NotAllowed, match="ten minutes"):
        verify(incident, at("1998-01-24 02:09"))
    verify(incident, at("1998-01-24 02:10"))


def test_a_run_whose_worker_died_holds_the_host_for_half_an_hour_only(relay, incident):
    ProbeRun.objects.create(
        host=incident.host, started_at=at("1998-01-24 02:00"), started_by="dead", address=""
    )
    with pytest.raises(NotAllowed):
        verify(incident, at("1998-01-24 02:29"))
    verify(incident, at("1998-01-24 02:30"))


@pytest.mark.parametrize(
    ("setting", "value", "why"),
    [
        ("MEYASU_PROBE", False, "switched off"),
        ("MEYASU_PROBE_RECIPIENT", "", "MEYASU_PROBE_RECIPIENT"),
        ("MEYASU_PROBE_RECIPIENT", "someone@example.org", "must not be of a domain of ours"),
    ],
)
def test_without_its_settings_nothing_is_probed(settings, incident, setting, value, why):
    setattr(settings, setting, value)
    with pytest.raises(NotAllowed, match=why):
        verify(incident, at("1998-01-24 02:00"))
    assert not ProbeRun.objects.exists()


def test_a_host_that_is_away_is_unknown_and_asked_again_in_an_hour(relay, incident):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        incident.host.probe_port = taken.getsockname()[1]
    done = verify(incident, at("1998-01-24 02:00"))
    assert done.verdict == "unknown"
    incident.refresh_from_db()
    assert incident.next_verification_at == at("1998-01-24 03:00")
    assert incident.state == Incident.State.OPEN


def test_a_due_verification_is_run_once(relay, incident):
    Incident.objects.update(next_verification_at=at("1998-01-24 02:00"))
    assert run.verify_due(at("1998-01-24 01:59")) == 0
    assert run.verify_due(at("1998-01-24 02:00")) == 1
    assert run.verify_due(at("1998-01-24 02:01")) == 0
    assert ProbeRun.objects.count() == 1


def test_a_due_verification_that_is_not_allowed_is_put_off_and_its_reason_told_once(incident):
    incident.host.probe_confirmed_at = None
    incident.host.save()
    for when in ("1998-01-24 02:00", "1998-01-24 03:00"):
        Incident.objects.update(next_verification_at=at(when))
        assert run.verify_due(at(when)) == 1
    told = AuditEntry.objects.filter(action="verification-not-possible")
    assert told.count() == 1
    assert "must be confirmed" in told.get().details["why"]


@pytest.fixture
def fixed(relay, incident):
    """The incident after its real fix, as verified on 31 January."""
    relay.behave("relay-denied")
    fix(incident, at("1998-01-30 09:05"))
    assert verify(incident, at("1998-01-31 02:00")).verdict == "fixed"
    incident.refresh_from_db()
    return incident


def test_a_fixed_host_is_watched_daily_and_tried_weekly(fixed):
    for day in range(1, 8):
        run.verify_due(at(f"1998-02-0{day} 02:00"))
    assert [row.started_at.day for row in ProbeRun.objects.all()] == [31, 7]


def test_mail_relayed_after_the_fix_reopens_the_incident_and_probes_at_once(fixed):
    make.relayed_message(queued_at=at("1998-02-01 01:00"))
    run.verify_due(at("1998-02-01 02:00"))
    fixed.refresh_from_db()
    assert fixed.state != Incident.State.FIXED
    assert ProbeRun.objects.last().verdict == "partial"


def test_a_fixed_host_is_left_in_peace_when_its_watch_is_over(fixed):
    over = fixed.watched_until
    Incident.objects.update(next_verification_at=over)
    run.verify_due(over)
    fixed.refresh_from_db()
    assert fixed.next_verification_at is None


def test_the_command_prints_each_probe_the_log_and_the_verdict(incident, capsys):
    call_command("verify", incident=incident.reference)
    printed = capsys.readouterr().out
    assert "campaign-sender-1" in printed
    assert "relayed for strangers" in printed
    assert "Verdict: not fixed (none)" in printed


def test_the_command_says_in_one_sentence_what_it_cannot_do(incident):
    with pytest.raises(CommandError, match="no mail host nowhere"):
        call_command("verify", host="nowhere")


def test_who_asks_for_a_verification_waits_for_no_host(db, settings):
    settings.MEYASU_PROBE_RECIPIENT = "relay-test@probe.example"
    make.organisation()
    asked = make.incident(host=make.mail_host())

    run.ask_for(asked, by="lead", now=make.at("1998-01-25 10:40"))

    asked.refresh_from_db()
    assert asked.next_verification_at == make.at("1998-01-25 10:40")
    assert not asked.probe_runs.exists()


def test_a_host_that_may_not_be_probed_is_told_at_once(db, settings):
    settings.MEYASU_PROBE_RECIPIENT = "relay-test@probe.example"
    make.organisation()
    asked = make.incident(host=make.mail_host(probe_confirmed_at=None))
    with pytest.raises(NotAllowed, match="must be confirmed"):
        run.ask_for(asked, by="lead", now=make.at("1998-01-25 10:40"))
