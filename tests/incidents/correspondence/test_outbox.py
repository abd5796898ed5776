"""Letters are approved by the right person and sent at most once, over real SMTP."""

import email
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from datetime import timedelta

import pytest

from complaints.models import AuditEntry
from incidents.correspondence import compose, outbox
from incidents.models import Contact, Letter, Task
from incidents.workflow.moves import NotAllowed
from tests import make, servers
from tests.incidents.correspondence.conftest import NOW
from tests.make import at

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=5)


def edit(letter, by, **fields):
    facts = {"subject": letter.subject, "body": letter.body, "to_address": letter.to_address}
    outbox.edit(letter, **(facts | fields), by=by, now=LATER)


# Approval


def test_the_writer_of_a_letter_that_speaks_for_us_does_not_approve_it(
    incident, provider, agent, lead
):
    letter = compose.draft_letter(incident, "upstream", by=agent, now=NOW)
    with pytest.raises(NotAllowed, match="you wrote it"):
        outbox.approve(letter, by=agent, now=NOW)
    outbox.approve(letter, by=lead, now=NOW)
    assert (letter.state, letter.approved_by) == (Letter.State.APPROVED, lead)


def test_who_changes_a_letter_has_written_it(incident, provider, agent, lead):
    letter = compose.draft_letter(incident, "upstream", by=agent, now=NOW)
    edit(letter, lead, body="Mine now.")
    with pytest.raises(NotAllowed, match="you wrote it"):
        outbox.approve(letter, by=lead, now=LATER)
    outbox.approve(letter, by=agent, now=LATER)


def test_an_answer_to_a_reporter_may_be_approved_by_its_writer(incident, complain, agent):
    letter = compose.draft_letter(incident, "answer", complaint=complain(), by=agent, now=NOW)
    outbox.approve(letter, by=agent, now=NOW)


def test_a_change_takes_the_approval_away(write, provider, agent):
    letter = write("upstream")
    edit(letter, agent, body="Changed.")
    letter.refresh_from_db()
    assert (letter.state, letter.approved_by) == (Letter.State.DRAFT, None)


def test_what_changed_since_it_was_read_is_not_approved(incident, provider, agent, lead):
    read = compose.draft_letter(incident, "upstream", by=agent, now=NOW)
    edit(Letter.objects.get(pk=read.pk), agent, body="You did not read this.")
    with pytest.raises(NotAllowed, match="read it again"):
        outbox.approve(read, by=lead, now=LATER)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"to_address": ""}, "no address yet"),
        ({"body": "On [fixed_at?] it was fixed."}, r"filled in: \[fixed_at\?\]"),
    ],
)
def test_an_unfinished_letter_is_not_approved(incident, provider, agent, lead, fields, why):
    letter = compose.draft_letter(incident, "upstream", by=agent, now=NOW)
    edit(letter, agent, **fields)
    with pytest.raises(NotAllowed, match=why):
        outbox.approve(letter, by=lead, now=LATER)


@pytest.mark.parametrize(
    "address",
    ["nobody", "a@b.example, c@d.example", "Ann <ann@b.example>", "a@b.example\nBcc: x@y.example"],
)
def test_an_address_is_one_bare_mail_address(incident, provider, agent, address):
    letter = compose.draft_letter(incident, "upstream", by=agent, now=NOW)
    with pytest.raises(NotAllowed, match="no mail address"):
        edit(letter, agent, to_address=address)


def test_we_do_not_write_to_ourselves(incident, provider, agent):
    letter = compose.draft_letter(incident, "upstream", by=agent, now=NOW)
    with pytest.raises(NotAllowed, match="ourselves"):
        edit(letter, agent, to_address="Abuse@example.org")


# Sending


def test_a_letter_goes_once_with_its_message_id_and_waits_for_its_answer(write, provider, sink):
    letter = write("upstream")
    assert outbox.send_due(now=NOW) == 1
    assert outbox.send_due(now=LATER) == 0

    (caught,) = sink.mails
    assert (caught.sender, caught.recipients) == ("abuse@example.org", [provider.email])
    mail = email.message_from_bytes(caught.raw)
    assert mail["Message-ID"] == letter.message_id
    assert mail["From"] == '"Example Ministry" <abuse@example.org>'
    assert mail["Date"] == "Fri, 23 Jan 1998 11:30:00 +0900"
    letter.refresh_from_db()
    assert (letter.state, letter.sent_how) == (Letter.State.SENT, "250 2.0.0 kept")
    assert letter.reply_due_at == NOW + timedelta(days=7)
    assert letter.task.is_open


def test_a_draft_is_not_sent(incident, provider, agent, sink):
    compose.draft_letter(incident, "upstream", by=agent, now=NOW)
    assert outbox.send_due(now=NOW) == 0
    assert sink.mails == []


def test_an_answer_that_is_sent_finishes_its_task(write, complain, sink):
    complaint = complain()
    write("answer", task=complaint.tasks.get())
    outbox.send_due(now=NOW)
    task = complaint.tasks.get()
    assert (task.state, task.outcome) == (Task.State.DONE, "sent")


def test_two_senders_at_once_send_a_letter_once(write, provider, sink):
    write("upstream")
    mine, theirs = Letter.objects.get(), Letter.objects.get()
    assert outbox._send(mine, now=NOW)
    assert not outbox._send(theirs, now=NOW)
    assert len(sink.mails) == 1


def test_a_server_that_is_away_has_nothing_and_is_tried_again_later(write, provider, settings):
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", servers.free_port()
    letter = write("upstream")
    assert outbox.send_due(now=NOW) == 0
    letter.refresh_from_db()
    assert letter.state == Letter.State.APPROVED
    assert "could not be used" in letter.problem
    with servers.mail_sink() as sink:
        settings.EMAIL_PORT = sink.port
        assert outbox.send_due(now=NOW + timedelta(seconds=59)) == 0
        assert outbox.send_due(now=NOW + timedelta(seconds=60)) == 1
        assert len(sink.mails) == 1


def test_while_the_server_is_away_one_letter_tries_and_the_others_wait(
    write, provider, complain, settings
):
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", servers.free_port()
    write("upstream")
    write("answer", task=complain().tasks.get())
    outbox.send_due(now=NOW)
    assert sorted(Letter.objects.values_list("attempts", flat=True)) == [0, 1]


def test_a_letter_is_given_up_after_twelve_attempts(write, provider, settings):
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", servers.free_port()
    letter = write("upstream")
    for day in range(outbox.MOST_ATTEMPTS):
        outbox.send_due(now=NOW + timedelta(days=day))
    letter.refresh_from_db()
    assert (letter.state, letter.attempts) == (Letter.State.FAILED, outbox.MOST_ATTEMPTS)


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ("451 4.3.0 later", Letter.State.APPROVED),
        ("554 5.7.1 not wanted", Letter.State.FAILED),
    ],
)
def test_a_refusal_is_for_now_or_for_good_as_its_code_says(write, provider, sink, answer, state):
    sink.refuse_with = answer
    letter = write("upstream")
    outbox.send_due(now=NOW)
    letter.refresh_from_db()
    assert letter.state == state
    assert answer in letter.problem


def test_a_failed_letter_is_written_again_under_a_new_message_id(
    write, provider, sink, agent, lead
):
    sink.refuse_with = "554 5.7.1 not wanted"
    letter = write("upstream")
    before = letter.message_id
    outbox.send_due(now=NOW)
    letter.refresh_from_db()
    outbox.write_again(letter, by=agent, now=LATER)
    outbox.approve(letter, by=lead, now=LATER)
    sink.refuse_with = ""
    assert outbox.send_due(now=LATER) == 1
    assert email.message_from_bytes(sink.mails[0].raw)["Message-ID"] == letter.message_id != before


# What a lost connection leaves


class Hangs:
    """A mail server that takes the whole text and is gone before it answers."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.has_text = threading.Event()
        self.texts = 0
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            with client, client.makefile("rwb", buffering=0) as talk:
                self._talk(talk)

    def _talk(self, talk):
        talk.write(b"220 here\r\n")
        for line in iter(talk.readline, b""):
            command = line[:4].upper()
            talk.write(b"354 go on\r\n" if command == b"DATA" else b"250 yes\r\n")
            if command == b"DATA":
                for text in iter(talk.readline, b".\r\n"):
                    if not text:
                        return
                self.texts += 1
                self.has_text.set()
                if self.hold:
                    time.sleep(30)
                return

    hold = False


@pytest.fixture
def hangs(settings):
    server = Hangs()
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    yield server
    server.listener.close()


def test_a_connection_lost_after_the_text_leaves_the_letter_to_a_person(
    write, provider, hangs, agent
):
    letter = write("upstream")
    assert outbox.send_due(now=NOW) == 0
    for day in range(1, 5):
        outbox.send_due(now=NOW + timedelta(days=day))
    letter.refresh_from_db()
    assert letter.state == Letter.State.UNSURE
    assert hangs.texts == 1
    outbox.record_arrival(letter, note="They called us.", by=agent, now=LATER)
    assert (letter.state, letter.sent_how) == (Letter.State.SENT, "They called us.")


@pytest.mark.django_db(transaction=True)
def test_a_sender_killed_after_the_text_leaves_the_letter_unsure_and_sends_no_second(
    write, provider, hangs
):
    letter = write("upstream")
    hangs.hold = True
    sender = subprocess.Popen(
        [sys.executable, "-c", SEND],
        env=servers.environment_of_this_test(
            MEYASU_SMTP_HOST="127.0.0.1", MEYASU_SMTP_PORT=str(hangs.port)
        ),
    )
    assert hangs.has_text.wait(timeout=30)
    os.kill(sender.pid, signal.SIGKILL)
    sender.wait(timeout=10)

    letter.refresh_from_db()
    assert letter.state == Letter.State.SENDING
    outbox.send_due(now=NOW + outbox.LEASE - timedelta(seconds=1))
    letter.refresh_from_db()
    assert letter.state == Letter.State.SENDING
    outbox.send_due(now=NOW + outbox.LEASE)
    outbox.send_due(now=NOW + timedelta(days=1))
    letter.refresh_from_db()
    assert letter.state == Letter.State.UNSURE
    assert hangs.texts == 1


SEND = """
import django; django.setup()
from datetime import datetime
from incidents.correspondence import outbox
outbox.send_due(now=datetime.fromisoformat("1998-01-23T02:30:00+00:00"))
"""


def test_a_sender_slower_than_its_lease_still_records_what_it_knows(write, provider, sink):
    letter = write("upstream")
    Letter.objects.move(letter, to=Letter.State.SENDING, lease_until=NOW)
    outbox._mark_unsure(NOW)
    outbox._sent(letter, how="250 ok", by=None, now=NOW, action="letter-sent")
    assert Letter.objects.get().state == Letter.State.SENT


def test_what_was_perhaps_sent_and_is_in_our_mail_log_was_sent(write, provider, hangs):
    letter = write("upstream")
    outbox.send_due(now=NOW)
    make.relayed_message(message_id=letter.message_id.strip("<>"), queue_id="3C1F2A8B04")
    outbox.send_due(now=LATER)
    letter.refresh_from_db()
    assert letter.state == Letter.State.SENT
    assert "3C1F2A8B04" in letter.sent_how
    assert hangs.texts == 1


# Paper, outcomes, reminders


@pytest.fixture
def fax(incident, write):
    broker = Contact.objects.create(
        name="Meridian", kind=Contact.Kind.ORIGINATOR, fax="555-0142", domains=["riches.example"]
    )
    return write("protest", contact=broker)


def test_a_fax_is_not_mailed_but_noted_with_how_it_went(fax, sink, agent):
    assert outbox.send_due(now=NOW) == 0
    outbox.record_posted(fax, how="Fax to 555-0142, two pages", by=agent, now=NOW)
    fax.refresh_from_db()
    assert (fax.state, fax.sent_how) == (Letter.State.SENT, "Fax to 555-0142, two pages")
    assert fax.reply_due_at == NOW + timedelta(days=14)
    assert sink.mails == []
    log, copy = fax.enclosures.all()
    assert (log.kind, copy.kind, copy.name) == ("log", "copy", "protest.pdf")
    assert bytes(copy.content).startswith(b"%PDF")


def test_no_reply_is_an_outcome_and_finishes_the_task(fax, agent):
    outbox.record_posted(fax, how="fax", by=agent, now=NOW)
    outbox.record_outcome(
        fax, outcome=Letter.Outcome.NO_REPLY, note="", by=agent, now=at("1998-02-12 00:00")
    )
    task = Task.objects.get(kind="protest")
    assert (task.state, task.outcome) == (Task.State.DONE, "no-reply")


def test_the_outcome_of_a_letter_whose_task_is_done_is_still_noted(write, provider, sink, agent):
    letter = write("upstream")
    outbox.send_due(now=NOW)
    Task.objects.filter(kind="upstream").update(state=Task.State.DONE)
    letter.refresh_from_db()
    outbox.record_outcome(letter, outcome="promise", note="They stop.", by=agent, now=LATER)
    assert Letter.objects.get().outcome_note == "They stop."


def test_nothing_comes_of_a_letter_that_has_not_left_and_an_outcome_is_one_of_the_list(
    write, provider, sink, agent
):
    letter = write("upstream")
    with pytest.raises(NotAllowed, match="approved"):
        outbox.record_outcome(letter, outcome="answered", note="", by=agent, now=NOW)
    outbox.send_due(now=NOW)
    letter.refresh_from_db()
    with pytest.raises(NotAllowed, match="what came of it"):
        outbox.record_outcome(letter, outcome="whatever", note="", by=agent, now=NOW)


def test_an_overdue_answer_is_brought_up_once(write, provider, sink):
    letter = write("upstream")
    outbox.send_due(now=NOW)
    assert outbox.chase(now=NOW + timedelta(days=6)) == 0
    late = NOW + timedelta(days=8)
    assert [outbox.chase(now=late), outbox.chase(now=late + timedelta(days=1))] == [1, 0]
    letter.task.refresh_from_db()
    assert letter.task.due_at == late
    assert AuditEntry.objects.filter(action="letter-overdue").count() == 1


def test_a_withdrawn_letter_is_not_sent_and_a_sent_one_not_withdrawn(write, provider, sink, agent):
    letter = write("upstream")
    outbox.withdraw(letter, by=agent, now=NOW)
    assert outbox.send_due(now=NOW) == 0
    again = write("upstream")
    outbox.send_due(now=NOW)
    again.refresh_from_db()
    with pytest.raises(NotAllowed):
        outbox.withdraw(again, by=agent, now=NOW)
