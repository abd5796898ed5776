"""Acknowledgements: one word to a person, and to machines, lists and other desks none that loops.

Sent through a real SMTP server on loopback; what it caught is what the other side receives.
"""

from contextlib import contextmanager
from datetime import timedelta
from email import message_from_bytes

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from complaints.intake import store
from complaints.intake.raw import RawMessage
from complaints.models import AuditEntry, Complaint
from incidents import pipeline
from incidents.correspondence.acknowledge import acknowledge_waiting
from incidents.models import Acknowledgement, Acknowledging
from tests import make, servers
from tests.make import at

pytestmark = pytest.mark.django_db
NOW = at("1998-01-20 16:00")
TEXT = "Your server mail.example.org sent me this spam today. Please make it stop."


def complaint(*fields, sender="ann@far.example", to="abuse@example.org", number=1, text=TEXT):
    """A mail of a person who complains, with these further header fields."""
    head = [
        f"Return-Path: <{sender}>",
        f"From: Ann Quarry <{sender}>",
        f"To: {to}",
        "Date: Tue, 20 Jan 1998 15:59:00 +0000",
        f"Subject: Spam from your server, number {number}",
        f"Message-ID: <c{number}@far.example>",
        *fields,
    ]
    return "\r\n".join([*head, "", f"{text} ({number})", ""]).encode()


@pytest.fixture
def sink(settings):
    """Where our mail goes."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    with servers.mail_sink() as found:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", found.port
        yield found


@pytest.fixture
def desk(data_dir, sink, settings):
    """The desk of example.org, which acknowledges."""
    settings.DEFAULT_FROM_EMAIL = "abuse@example.org"
    make.organisation()
    return Acknowledging.objects.create(pk=1, enabled=True, enabled_at=NOW - timedelta(days=1))


def receive(raw, *, now=NOW, way="lmtp"):
    """A mail arrives, is walked to its end, and whoever is due a word gets it."""
    kept = store.keep_message(RawMessage(raw, way, now), now=now).complaint
    pipeline.finish(kept, now=now)
    acknowledge_waiting(now=now)
    return Complaint.objects.get(pk=kept.pk)


def test_a_person_gets_one_word_that_no_program_answers(desk, sink):
    got = receive(complaint())

    (caught,) = sink.mails
    mail = message_from_bytes(caught.raw)
    assert (caught.sender, caught.recipients) == ("<>", ["ann@far.example"])
    assert mail["Auto-Submitted"] == "auto-replied"
    assert mail["In-Reply-To"] == mail["References"] == "<c1@far.example>"
    assert mail["Subject"].startswith("Auto: ")
    assert got.reference in mail.get_payload()
    assert Acknowledgement.objects.get().state == "sent"
    assert AuditEntry.objects.filter(action="acknowledgement-sent").count() == 1


def test_it_is_off_until_it_is_set_up_and_never_tells_of_old_mail(data_dir, sink):
    make.organisation()
    receive(complaint())
    row = Acknowledging.objects.create(pk=1, enabled=True, enabled_at=NOW + timedelta(hours=1))
    acknowledge_waiting(now=NOW + timedelta(hours=2))

    assert sink.mails == []
    row.enabled_at = NOW
    row.save()
    acknowledge_waiting(now=NOW + timedelta(days=3))
    assert sink.mails == []


def test_a_reporter_is_told_once_a_day(desk, sink):
    for number in range(30):
        receive(complaint(number=number), now=NOW + timedelta(minutes=number))
    receive(complaint(number=99), now=NOW + timedelta(hours=25))

    assert len(sink.mails) == 2


def test_a_domain_and_all_together_have_a_measure(desk, sink):
    desk.most_an_hour = 25
    desk.save()
    for number in range(30):
        receive(complaint(number=number, sender=f"a{number}@far.example"))
    for number in range(30, 50):
        receive(complaint(number=number, sender=f"a@far{number}.example"))

    domains = [caught.recipients[0].partition("@")[2] for caught in sink.mails]
    assert domains.count("far.example") == 20
    assert len(sink.mails) == 25
    assert Acknowledgement.objects.filter(state="withheld", note__contains="hour").count() == 25


MACHINES = {
    "a vacation responder": ["Auto-Submitted: auto-replied (vacation)"],
    "a program": ["Auto-Submitted: auto-generated"],
    "a mailing list": ["List-Id: Users <users.far.example>"],
    "an old mailing list": ["Precedence: list"],
    "bulk mail": ["Precedence: bulk"],
    "an old responder": ["X-Autoreply: yes"],
    "who asks for none": ["X-Auto-Response-Suppress: OOF, AutoReply"],
    "a desk that marks its own": ["X-Loop: abuse@far.example"],
}


@pytest.mark.parametrize("machine", MACHINES)
def test_what_a_machine_or_a_list_sent_gets_none(desk, sink, machine):
    receive(complaint(*MACHINES[machine]))

    assert sink.mails == []


@pytest.mark.parametrize(
    "sender",
    ["mailer-daemon@far.example", "no-reply@far.example", "list-request@far.example",
     "owner-list@far.example", "ABUSE@example.org"],
)  # fmt: skip
def test_who_does_not_read_answers_gets_none(desk, sink, sender):
    receive(complaint(sender=sender))

    assert sink.mails == []


def test_who_did_not_name_us_or_has_no_envelope_sender_gets_none(desk, sink):
    receive(complaint(to="users@lists.example"))
    receive(complaint(number=2).replace(b"Return-Path: <ann@far.example>", b"Return-Path: <>"))
    receive(complaint(number=3), way="form")
    receive(complaint(number=4), way="file")

    assert sink.mails == []
    assert Acknowledgement.objects.filter(state="withheld").count() >= 3


def test_a_bounce_of_an_acknowledgement_ends_there(desk, sink):
    receive(complaint())
    returned = (
        b"Return-Path: <>\r\nFrom: mailer-daemon@far.example\r\nTo: abuse@example.org\r\n"
        b"Subject: Undelivered Mail Returned to Sender\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
        b"--b\r\nContent-Type: text/plain\r\n\r\nIt could not be delivered.\r\n"
        b"--b\r\nContent-Type: message/delivery-status\r\n\r\nAction: failed\r\n"
        b"--b\r\nContent-Type: message/rfc822\r\n\r\n" + sink.mails[0].raw + b"--b--\r\n"
    )
    got = receive(returned)

    assert got.stage == Complaint.Stage.SET_ASIDE
    assert len(sink.mails) == 1


@contextmanager
def sitting_at(settings, domain):
    """Be the desk of another organisation for a while."""
    make.organisation(name=domain, domains=[domain], mailboxes=[f"abuse@{domain}"])
    settings.DEFAULT_FROM_EMAIL = f"abuse@{domain}"
    yield
    make.organisation()
    settings.DEFAULT_FROM_EMAIL = "abuse@example.org"


@pytest.mark.parametrize("between", ["as it is", "a gateway that drops the marks"])
def test_two_desks_that_write_to_each_other_stop(desk, sink, settings, between):
    """One complains to the other; each acknowledgement is carried to the other side, ten times."""
    marks = (b"Auto-Submitted:", b"X-Loop:")
    with sitting_at(settings, "far.example"):
        pass
    receive(complaint(sender="abuse@far.example"))
    carried = 0
    for turn in range(10):
        if carried == len(sink.mails):
            break
        caught, carried = sink.mails[carried], carried + 1
        raw = caught.raw
        if between != "as it is":
            lines = raw.split(b"\r\n")
            raw = b"\r\n".join(line for line in lines if not line.startswith(marks))
        raw = b"Return-Path: <" + b"abuse@example.org" * (between != "as it is") + b">\r\n" + raw
        with sitting_at(settings, caught.recipients[0].partition("@")[2]):
            receive(raw + TEXT.encode(), now=NOW + timedelta(minutes=turn))

    assert len(sink.mails) <= 2
    assert Complaint.objects.count() <= 3


def test_a_mail_server_that_is_away_is_tried_again(desk, sink, settings):
    settings.EMAIL_PORT = servers.free_port()
    receive(complaint())
    assert not Acknowledgement.objects.exists()

    settings.EMAIL_PORT = sink.port
    acknowledge_waiting(now=NOW + timedelta(minutes=5))
    assert len(sink.mails) == 1


def test_one_that_was_perhaps_sent_is_never_sent_again(desk, sink):
    settled = receive(complaint(), way="form")
    Acknowledgement.objects.filter(complaint=settled).update(state="sending")

    acknowledge_waiting(now=NOW + timedelta(hours=1))

    assert Acknowledgement.objects.get().state == "unsure"
    assert sink.mails == []


def test_the_desk_sets_it_up_in_the_administration(client):
    client.force_login(User.objects.create_superuser("manager"))
    form = {"enabled": "on", "hours_between": "24", "most_an_hour": "60"}

    client.post(reverse("admin:incidents_acknowledging_add"), form)

    row = Acknowledging.objects.get()
    assert row.enabled_at is not None
    assert AuditEntry.objects.get().action == "acknowledging-added"
