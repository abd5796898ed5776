"""The doctor: each part is tried, what is wrong is said with what to do, nothing is changed."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command

from complaints.models import Complaint, LogSource, Mailbox
from complaints.secrets import set_password
from config import broker as doorbell
from config.doctor import desk, machine, outside
from config.doctor.finding import Level
from tests import make, servers
from tests.make import at

NOW = at("2026-03-02 12:00")


def levels(findings):
    return [finding.level for finding in findings]


@pytest.fixture
def mailbox(db, tmp_path):
    """A mailbox on a Dovecot that answers."""
    with servers.dovecot(tmp_path / "dovecot") as server:
        box = Mailbox(
            name="abuse",
            host=server.host,
            port=server.port,
            security=Mailbox.Security.NONE,
            username=server.username,
        )
        set_password(box, server.password)
        box.save()
        yield box


def test_a_mailbox_that_can_be_signed_in_to_is_well(mailbox):
    (finding,) = outside.mailboxes(NOW)
    assert finding.level == Level.GOOD
    mailbox.refresh_from_db()
    assert mailbox.last_contact_at is None
    assert mailbox.lease_holder == ""


def test_a_password_that_is_refused_or_missing_is_told_and_never_shown(mailbox):
    set_password(mailbox, "another one")
    mailbox.save()
    mailbox.pk, mailbox.name, mailbox.password_encrypted = None, "empty", b""
    mailbox.save()

    refused, empty = outside.mailboxes(NOW)

    assert refused.level == empty.level == Level.WRONG
    assert "AUTHENTICATIONFAILED" in refused.said
    assert "another one" not in refused.said
    assert "no password is stored" in empty.said


def test_a_missing_folder_is_said(mailbox):
    mailbox.folders = ["Nowhere"]
    mailbox.save()
    (finding,) = outside.mailboxes(NOW)
    assert finding.level == Level.WRONG
    assert "Nowhere" in finding.said


def test_a_mailbox_that_answers_but_is_not_fetched_is_told(mailbox):
    mailbox.last_contact_at = NOW - timedelta(hours=3)
    mailbox.save()
    (finding,) = outside.mailboxes(NOW)
    assert finding.level == Level.WRONG
    assert "last fetched 2026-03-02 09:00 UTC" in finding.said


def test_a_desk_without_mailboxes_is_advised(db):
    assert levels(outside.mailboxes(NOW)) == [Level.ADVICE]


def smtp_to(settings, port):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port


def test_outgoing_mail_is_tried_without_sending_any(settings):
    with servers.mail_sink() as sink:
        smtp_to(settings, sink.port)
        assert levels(outside.outgoing_mail()) == [Level.GOOD]
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = "meyasu"
        assert levels(outside.outgoing_mail()) == [Level.WRONG]
    assert sink.mails == []


def test_an_smtp_server_that_does_not_answer_is_told(settings):
    smtp_to(settings, servers.free_port())
    (finding,) = outside.outgoing_mail()
    assert "refused" in finding.said
    assert "MEYASU_SMTP" in finding.remedy


def test_two_kinds_of_encryption_at_once_are_told(settings):
    smtp_to(settings, 25)
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = True
    assert levels(outside.outgoing_mail()) == [Level.WRONG]


@pytest.mark.parametrize(
    ("change", "level", "words"),
    [
        ({}, Level.GOOD, "its last line is of 2026-03-02 11:59 UTC"),
        ({"last_error": "a rotation was missed"}, Level.WRONG, "a rotation was missed"),
        ({"last_read_at": None}, Level.WRONG, "last read never"),
        ({"last_read_at": NOW - timedelta(hours=1)}, Level.WRONG, "last read 2026-03-02 11:00"),
        ({"last_line_at": NOW - timedelta(days=2)}, Level.WRONG, "its last line is of 2026-02-28"),
        ({"last_line_at": NOW + timedelta(hours=1)}, Level.WRONG, "in the future"),
        ({"path": "/nowhere/mail.log"}, Level.WRONG, "No such file"),
    ],
)
def test_a_log_is_readable_and_recent_or_it_is_told(db, tmp_path, change, level, words):
    log = tmp_path / "mail.log"
    log.write_text("")
    facts = {
        "path": str(log),
        "host": make.mail_host(),
        "last_read_at": NOW - timedelta(minutes=1),
        "last_line_at": NOW - timedelta(minutes=1),
    }
    LogSource.objects.create(**facts | change)

    (finding,) = outside.mail_logs(NOW)

    assert finding.level == level
    assert words in finding.said
    assert bool(finding.remedy) == (level != Level.GOOD)


def test_a_paused_log_and_a_paused_mailbox_are_left_alone(db):
    LogSource.objects.create(path="/nowhere/mail.log", host=make.mail_host(), paused=True)
    Mailbox.objects.create(name="old", host="127.0.0.1", port=9, username="x", paused=True)
    assert levels(outside.mail_logs(NOW)) == [Level.ADVICE]
    assert levels(outside.mailboxes(NOW)) == [Level.ADVICE]


@pytest.mark.parametrize(
    ("fqdn", "addresses", "level", "words"),
    [
        ("localhost", ["127.0.0.1", "::1"], Level.GOOD, "an address that is written down"),
        ("localhost", ["192.0.2.25"], Level.ADVICE, "which is not written down"),
        ("a" * 70 + ".example.org", ["192.0.2.25"], Level.ADVICE, "no host name"),
    ],
)
def test_the_name_of_a_host_leads_to_its_addresses(db, fqdn, addresses, level, words):
    make.mail_host(fqdn=fqdn, addresses=addresses)
    (finding,) = outside.host_names()
    assert finding.level == level
    assert words in finding.said


def test_the_database_with_all_its_migrations_is_well(db):
    assert levels(machine.database()) == [Level.GOOD]


def test_a_broker_that_is_away_is_told_and_its_clock_is_not_judged(db, settings, tmp_path):
    settings.REDIS_URL = f"unix://{tmp_path}/none.sock"
    (finding,) = machine.broker()
    assert (finding.level, finding.remedy) == (Level.WRONG, "Check REDIS_URL.")
    assert levels(machine.clocks()) == [Level.GOOD]


def test_a_broker_address_that_is_none_is_told(settings):
    settings.REDIS_URL = "redis.example.org"
    assert levels(machine.broker()) == [Level.WRONG]


def test_a_broker_that_answers_is_well_and_so_is_its_clock(db, settings, tmp_path):
    with servers.redis_server(tmp_path / "redis") as socket:
        settings.REDIS_URL = f"unix://{socket}"
        assert levels([*machine.broker(), *machine.clocks()]) == [Level.GOOD, Level.GOOD]


def test_redis_that_no_worker_hears_is_told(settings, tmp_path):
    with servers.redis_server(tmp_path / "redis") as socket:
        settings.REDIS_URL = f"unix://{socket}"
        (finding,) = machine.workers()
        assert (finding.level, finding.said) == (Level.WRONG, "No job has begun yet.")
        doorbell.note_job()
        assert levels(machine.workers()) == [Level.GOOD]
    assert list(machine.workers()) == []  # that Redis is away is said once


def test_clocks_that_differ_are_told(db, settings, tmp_path, monkeypatch):
    stopped = SimpleNamespace(now=lambda: at("2020-01-01 00:00"))
    monkeypatch.setattr(machine, "timezone", stopped)
    with servers.redis_server(tmp_path / "redis") as socket:
        settings.REDIS_URL = f"unix://{socket}"
        (finding,) = machine.clocks()
    assert finding.level == Level.WRONG
    assert "s apart" in finding.said


def test_a_data_folder_that_cannot_be_written_is_told(settings, tmp_path):
    settings.MEYASU_DATA_DIR = tmp_path / "gone"
    assert levels(machine.storage()) == [Level.WRONG]
    (tmp_path / "gone").mkdir()
    assert levels(machine.storage()) == [Level.GOOD]


def test_the_warnings_of_our_own_checks_are_told(db, settings):
    settings.MEYASU_CLOCK_FILE = "/somewhere/clock"
    said = [finding.said for finding in machine.configuration()]
    assert any("MEYASU_CLOCK_FILE" in words for words in said)
    assert not any("SECURE_" in words for words in said)


def test_nobody_has_said_who_we_are(db):
    assert levels(desk.organisation()) == [Level.WRONG]
    make.organisation()
    assert levels(desk.organisation()) == [Level.WRONG]
    make.mail_host()
    assert levels(desk.organisation()) == [Level.GOOD]


def test_mail_that_nobody_works_on_is_told(db):
    make.parsed_complaint(recorded_at=NOW - timedelta(minutes=1))
    assert levels(desk.waiting(NOW)) == [Level.GOOD]
    make.parsed_complaint(recorded_at=NOW - timedelta(hours=1))
    make.parsed_complaint(stage=Complaint.Stage.QUARANTINED)
    assert levels(desk.waiting(NOW)) == [Level.WRONG, Level.ADVICE]


def test_what_probing_lacks_is_told(db, settings):
    make.organisation()
    make.mail_host()
    settings.MEYASU_PROBE = False
    assert levels(desk.probing(NOW)) == [Level.ADVICE]
    settings.MEYASU_PROBE = True
    (finding,) = desk.probing(NOW)
    assert "MEYASU_PROBE_RECIPIENT" in finding.said
    settings.MEYASU_PROBE_RECIPIENT = "probe@desk.example"
    assert levels(desk.probing(NOW)) == [Level.GOOD]


def test_the_command_ends_with_1_if_something_is_wrong_and_0_if_not(
    mailbox, settings, tmp_path, capsys, monkeypatch
):
    # The browser tests need it in the process they share with this one; no deployment has it.
    monkeypatch.delenv("DJANGO_ALLOW_ASYNC_UNSAFE", raising=False)
    make.organisation()
    make.mail_host(fqdn="localhost", addresses=["127.0.0.1", "::1"])
    with servers.mail_sink() as sink, servers.redis_server(tmp_path / "redis") as socket:
        smtp_to(settings, sink.port)
        settings.REDIS_URL = f"unix://{socket}"
        doorbell.note_job()
        call_command("doctor")
        told = capsys.readouterr().out.splitlines()
        assert not [line for line in told if line.startswith("wrong")]

        mailbox.password_encrypted = b""
        mailbox.save()
        with pytest.raises(CommandError, match="1 of these are wrong"):
            call_command("doctor")
    said = capsys.readouterr().out
    assert "wrong  mailboxes      abuse: no password is stored" in said
    assert "-> Enter the password in the administration." in said
