"""What became of the marked message: relayed, dropped or refused, as Exim's and Postfix' logs tell.

Whole verifications: real servers, their real logs, and a mail server of ours as the world outside.
"""

import smtplib
from contextlib import contextmanager

import pytest
from django.utils import timezone

from complaints.intake import maillog
from complaints.models import LogSource, RelayedMessage
from incidents.grouping import detect
from incidents.models import Incident
from incidents.verification import run
from tests import mailservers, make, servers
from tests.incidents.verification import eximconf

pytestmark = pytest.mark.django_db
OPEN = "check:\n  accept\n"
TO_THE_WORLD = """
world:
  driver = manualroute
  domains = ! example.org
  route_list = * 127.0.0.1
  self = send
  transport = smtp
"""
SMTP = "smtp:\n  driver = smtp\n  port = {port}\n  hosts_try_fastopen =\n"
BLACK_HOLE = "drops:\n  driver = redirect\n  domains = ! example.org\n  data = :blackhole:\n"


@pytest.fixture(autouse=True)
def from_outside(settings):
    settings.MEYASU_PROBE_SOURCE = "127.0.0.2"
    settings.MEYASU_PROBE_RECIPIENT = "relaytest@probe.example"
    make.organisation()


def verified(log, port):
    """The verification of the host whose log this is; what was logged before is read first."""
    host = make.mail_host(probe_port=port, mta="exim")
    source = LogSource.objects.create(path=str(log), host=host)
    if log.exists():
        maillog.read_new_lines(source, now=timezone.now())
    return run.run_verification(None, host=host, by="lead", now=timezone.now())


@contextmanager
def exim(**parts):
    port = mailservers.own_port()
    parts["main"] = f"local_interfaces = 127.0.0.1.{port}\n" + parts.get("main", "")
    with eximconf.exim([port], "127.0.0.1", **parts) as log:
        yield log, port


def fates(done):
    return set(done.answers.exclude(fate="").values_list("fate", flat=True))


def test_a_server_that_hands_the_message_on_relays_as_its_log_shows():
    with (
        servers.mail_sink() as world,
        exim(acl=OPEN, routers=TO_THE_WORLD, transports=SMTP.replace("{port}", str(world.port))) as
        (log, port),
    ):  # fmt: skip
        done = verified(log, port)
    assert done.verdict == "none"
    assert "relayed" in fates(done)
    assert not any("nothing goes out" in words for words in done.sentences)
    assert done.answers.filter(name__startswith="marked ").count() <= 3
    to_ours = {to.rpartition("@")[2] for mail in world.mails for to in mail.recipients}
    assert to_ours == {"probe.example"}  # bounces too
    assert any("sent on, as the log shows" in words for words in done.sentences)


def test_a_server_that_accepts_and_discards_relays_nothing_and_that_is_said():
    with exim(acl=OPEN, routers=BLACK_HOLE) as (log, port):
        done = verified(log, port)
    assert fates(done) == {"stayed"}
    assert done.verdict == "fixed", done.sentences
    assert any("takes mail for strangers and drops it" in words for words in done.sentences)


def test_a_server_that_discards_but_whose_log_is_not_read_counts_as_relaying():
    with exim(acl=OPEN, routers=BLACK_HOLE) as (_log, port):
        host = make.mail_host(probe_port=port)
        done = run.run_verification(None, host=host, by="lead", now=timezone.now())
    assert (done.verdict, fates(done)) == ("none", {"unseen"})


def test_a_server_that_refuses_the_message_itself_relays_nothing():
    deny = "\nat_data:\n  deny message = not for you\n"
    with exim(main="acl_smtp_data = at_data", acl=OPEN + deny, routers=BLACK_HOLE) as (log, port):
        done = verified(log, port)
    assert fates(done) == {"refused"}
    assert any("refuses the message itself" in words for words in done.sentences)


def test_a_closed_server_is_fixed_and_silent_in_its_users_mail():
    """Mail of users, in and out, is no relaying: no hole, no sign of abuse."""
    closed = {"routers": TO_THE_WORLD}
    with servers.mail_sink() as world:
        closed["transports"] = SMTP.replace("{port}", str(world.port))
        with exim(**closed) as (log, port):
            for source, sender, to in (
                ("127.0.0.1", "ann@example.org", "friend@far.example"),
                ("127.0.0.2", "friend@far.example", "abuse@example.org"),
                ("127.0.0.2", "", "abuse@example.org"),
            ):
                with smtplib.SMTP("127.0.0.1", port, source_address=(source, 0)) as client:
                    client.sendmail(sender, [to], b"Subject: hello\r\n\r\nhello\r\n")
            mailservers.wait_until(lambda: log.read_text().count("Completed") == 3)
            done = verified(log, port)
    assert done.verdict == "fixed", done.sentences
    assert done.sightings["own_since"] == 3
    directions = set(RelayedMessage.objects.values_list("direction", flat=True))
    assert directions == {"internal", "out"}  # 127.0.0.2 counts as this machine
    detect.detect_abuse(now=timezone.now())
    assert not Incident.objects.exists()


def test_a_postfix_that_discards_is_told_by_its_log_too():
    port = mailservers.own_port(1)
    doors = f"postlog unix-dgram n - n - 1 postlogd\n127.0.0.1:{port} inet n - n - - smtpd"
    rules = "mynetworks = 0.0.0.0/0\n"
    with mailservers.work_folder() as folder:
        rules += f"maillog_file = {folder}/mail.log\nmaillog_file_prefixes = {folder}\n"
        with servers.postfix(rules, doors=doors):
            done = verified(folder / "mail.log", port)
    assert (done.verdict, fates(done)) == ("fixed", {"stayed"}), done.sentences
