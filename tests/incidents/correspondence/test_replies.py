"""What comes back on a letter is filed with it if it comes from whom we wrote to."""

from datetime import timedelta

import pytest

from complaints.intake import store
from complaints.intake.raw import RawMessage
from complaints.models import AuditEntry, Complaint
from incidents.correspondence import outbox
from incidents.correspondence.replies import file_reply
from incidents.models import Letter, Reply, Task
from tests.incidents.correspondence.conftest import NOW

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=3)
REPLY = """\
Return-Path: <{sender}>
From: {sender}
To: abuse@example.org
Subject: Re: Bulk mail
Message-ID: <{number}@slipstream.example>
Date: Mon, 26 Jan 1998 16:20:00 +0900
{fields}

{text}
"""


@pytest.fixture
def letter(write, provider, sink, data_dir):
    """A letter to the provider, sent."""
    made = write("upstream")
    outbox.send_due(now=NOW)
    made.refresh_from_db()
    return made


def receive(raw):
    message = RawMessage(raw.encode(), "imap", LATER)
    return store.keep_message(message, now=LATER).complaint


def reply_to(letter, sender="abuse@slipstream.example", text="We stop them.", number=1, **fields):
    lines = fields or {"In-Reply-To": letter.message_id}
    shown = "\n".join(f"{name.replace('_', '-')}: {value}" for name, value in lines.items())
    return REPLY.format(sender=sender, text=text, number=number, fields=shown)


def test_an_answer_is_filed_with_its_letter_and_brings_its_task_up(letter):
    complaint = receive(reply_to(letter))
    assert file_reply(complaint, now=LATER)
    reply = Reply.objects.get()
    assert (reply.letter, reply.complaint, reply.kind) == (letter, complaint, "answer")
    assert reply.text.strip() == "We stop them."
    complaint.refresh_from_db()
    assert complaint.stage == Complaint.Stage.FILED
    assert complaint.sender == "abuse@slipstream.example"
    letter.refresh_from_db()
    assert letter.outcome == Letter.Outcome.ANSWERED
    task = letter.task
    task.refresh_from_db()
    assert (task.state, task.due_at) == (Task.State.OPEN, LATER)
    entry = AuditEntry.objects.get(action="reply-answer")
    assert entry.incident_reference == letter.incident.reference


@pytest.mark.parametrize(
    "sender", ["noc@slipstream.example", "ABUSE@Slipstream.Example", "x@mail.slipstream.example"]
)
def test_a_colleague_at_the_same_place_may_answer(letter, sender):
    assert file_reply(receive(reply_to(letter, sender)), now=LATER)


@pytest.mark.parametrize(
    "sender",
    [
        "mallory@evil.example",
        "abuse@notslipstream.example",
        "abuse@slipstream.example.evil.example",
        "abuse@slipstream.example <mallory@evil.example>",
        "abuse@slipstream.example, mallory@evil.example",
    ],
)
def test_a_stranger_who_quotes_our_message_id_walks_on_and_the_history_says_so(letter, sender):
    complaint = receive(reply_to(letter, sender))
    for _ in range(2):
        assert not file_reply(complaint, now=LATER)
    assert complaint.stage == Complaint.Stage.RECEIVED
    assert not Reply.objects.exists()
    entry = AuditEntry.objects.get(action="reply-of-stranger")
    assert entry.incident_reference == letter.incident.reference


def test_references_join_as_well_as_in_reply_to_and_the_nearest_letter_wins(letter, write):
    second = write("upstream")
    outbox.send_due(now=NOW)
    thread = f"<x@y.example> {letter.message_id} {second.message_id}"
    assert file_reply(receive(reply_to(letter, References=thread)), now=LATER)
    assert Reply.objects.get().letter == second


def test_our_message_id_in_the_text_alone_joins_nothing(letter):
    forwarded = reply_to(letter, X_Note="none", text=f"> Message-ID: {letter.message_id}")
    assert not file_reply(receive(forwarded), now=LATER)


def test_a_forged_message_id_joins_nothing(letter):
    forged = letter.message_id.replace(letter.token[-6:], "000000")
    assert not file_reply(receive(reply_to(letter, In_Reply_To=forged)), now=LATER)


def test_a_letter_that_was_never_sent_has_no_answers(letter):
    Letter.objects.update(state=Letter.State.DRAFT)
    assert not file_reply(receive(reply_to(letter)), now=LATER)


def test_a_reply_that_comes_twice_is_one_reply(letter):
    assert file_reply(receive(reply_to(letter)), now=LATER)
    again = receive(reply_to(letter) + "\n-- \nfooter of a list")
    assert file_reply(again, now=LATER)
    again.refresh_from_db()
    assert again.stage == Complaint.Stage.DUPLICATE
    assert Reply.objects.count() == 1


def test_two_workers_file_a_reply_once(letter):
    complaint = receive(reply_to(letter))
    other = Complaint.objects.get(pk=complaint.pk)
    assert file_reply(complaint, now=LATER)
    assert not file_reply(other, now=LATER)


def test_a_machines_reply_is_filed_but_is_no_answer(letter):
    ticket = {"In-Reply-To": letter.message_id, "Auto-Submitted": "auto-replied"}
    assert file_reply(receive(reply_to(letter, **ticket)), now=LATER)
    assert Reply.objects.get().kind == Reply.Kind.AUTOMATIC
    letter.refresh_from_db()
    assert letter.outcome == ""
    assert list(Letter.objects.overdue(NOW + timedelta(days=8))) == [letter]


BOUNCE = """\
Return-Path: <>
From: Mail Delivery Subsystem <MAILER-DAEMON@mx.slipstream.example>
To: abuse@example.org
Subject: Returned mail: User unknown
Message-ID: <b{number}@mx.slipstream.example>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b

The mail could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.slipstream.example

Final-Recipient: rfc822; abuse@slipstream.example
Action: {action}
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 User unknown

--b
Content-Type: text/rfc822-headers

Message-ID: {message_id}
Subject: Bulk mail

--b--
"""


def bounce_of(letter, action="failed", number=1):
    return BOUNCE.format(message_id=letter.message_id, action=action, number=number)


def test_a_letter_that_came_back_has_failed_and_says_why(letter):
    assert file_reply(receive(bounce_of(letter)), now=LATER)
    letter.refresh_from_db()
    assert letter.state == Letter.State.FAILED
    assert "550 5.1.1 User unknown" in letter.problem
    assert Reply.objects.get().kind == Reply.Kind.BOUNCE


def test_a_delayed_letter_has_not_failed(letter):
    assert file_reply(receive(bounce_of(letter, action="delayed")), now=LATER)
    letter.refresh_from_db()
    assert letter.state == Letter.State.SENT


def test_a_task_that_was_done_by_sending_is_open_again_when_the_letter_came_back(
    write, complain, sink, data_dir
):
    complaint = complain()
    letter = write("answer", task=complaint.tasks.get())
    outbox.send_due(now=NOW)
    assert not complaint.tasks.get().is_open
    letter.refresh_from_db()
    assert file_reply(receive(bounce_of(letter)), now=LATER)
    assert complaint.tasks.get().is_open


def test_a_bounce_of_somebody_elses_mail_is_left_alone(letter):
    other = bounce_of(letter).replace(letter.message_id, "<1@elsewhere.example>")
    assert not file_reply(receive(other), now=LATER)


def test_ordinary_mail_is_left_alone(letter):
    complaint = receive(reply_to(letter, X_Note="none"))
    assert not file_reply(complaint, now=LATER)
    assert not AuditEntry.objects.filter(action="reply-of-stranger").exists()


def test_hostile_heads_are_left_to_the_walk(letter):
    for head in ("", "\n", "From: a" * 5000, f"In-Reply-To: {'<a@b>' * 50_000}\n\n", "\0\xff"):
        assert not file_reply(receive(head + letter.message_id), now=LATER)


def test_shuffled_replies_of_friends_and_strangers_join_their_own_letter(letter, write, sink):
    letters = [letter]
    for _ in range(9):
        letters.append(write("upstream"))
        outbox.send_due(now=NOW)
    order = [(one, sender) for one in letters for sender in ("abuse", "noc", "mallory")]
    order = order[::7] + [pair for place, pair in enumerate(order) if place % 7]
    for number, (one, sender) in enumerate(order):
        domain = "evil" if sender == "mallory" else "slipstream"
        mail = reply_to(one, f"{sender}@{domain}.example", number=number)
        filed = file_reply(receive(mail), now=LATER)
        assert filed == (sender != "mallory")
    for one in letters:
        assert sorted(reply.complaint.sender for reply in one.replies.all()) == [
            "abuse@slipstream.example",
            "noc@slipstream.example",
        ]
