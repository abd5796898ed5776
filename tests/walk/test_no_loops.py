"""Nobody can make a desk write without end: responders, lists, bounces, and another desk.

Each is set against a desk that runs, with its words of receipt switched on. All that it writes is
carried, until nothing more comes; what was written by then is counted.
"""

from collections import Counter
from collections.abc import Callable
from email import message_from_bytes
from email.message import Message

import pytest

from tests import servers
from tests.walk import desks

MOST_ROUNDS = 12  # far more than an exchange that ends by itself takes
DESK, OTHER = "abuse@example.org", "abuse@slipstream.example"
PERSON, LIST, NOBODY = "ann@quarry.example", "users@lists.example", "gone@far.example"
COMPLAINT = """\
From: {sender}
To: {to}
Subject: Spam from your server ({number})
Message-ID: <complaint-{number}@{domain}>

Your server sent me this spam. Please make it stop. This is complaint {number}.

Received: from line7 (line7.slipstream.example [198.51.100.7])
\tby mail.example.org (Postfix) with SMTP id 1920{number:06X}
Message-ID: <spam-{number}@riches.example>
From: winner@riches.example
Subject: Be rich by Friday

Be rich by Friday.
"""
BOUNCE = """\
From: MAILER-DAEMON@far.example
To: {to}
Subject: Undelivered Mail Returned to Sender
Message-ID: <bounce-{number}@far.example>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b

Nobody of this name is here.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; far.example

Final-Recipient: rfc822; gone@far.example
Action: failed
Status: 5.1.1
--b
Content-Type: text/rfc822-headers

{head}
--b--
"""
Answers = Callable[[servers.Caught, Message, int], list[tuple[str, str]]]

pytestmark = [pytest.mark.timeout(600), pytest.mark.django_db(transaction=True)]


@pytest.fixture
def desk(tmp_path):
    with desks.desk(tmp_path / "ours", "example.org", prefix="192.0.2", lines=24) as running:
        yield running


@pytest.fixture
def other(tmp_path):
    with desks.desk(
        tmp_path / "theirs", "slipstream.example", prefix="198.51.100", lines=24
    ) as running:
        yield running


def complaint(sender: str, number: int, to: str = DESK) -> tuple[str, bytes]:
    """A person complains of a message that our log knows."""
    domain = sender.rpartition("@")[2]
    text = COMPLAINT.format(sender=sender, to=to, number=number, domain=domain)
    return sender, text.replace("\n", "\r\n").encode()


def away(marks: str = "") -> Answers:
    """A responder that answers whatever comes; without marks it says nowhere that it is one."""

    def answer(caught: servers.Caught, mail: Message, number: int) -> list[tuple[str, str]]:
        (writer,) = caught.recipients
        subject = " ".join(str(mail["Subject"]).split())
        head = (
            f"From: {writer}\nTo: {DESK}\nSubject: Re: {subject}\n{marks}"
            f"Message-ID: <away-{number}@quarry.example>\nIn-Reply-To: {mail['Message-ID']}\n"
        )
        return [(writer, f"{head}\nI am away until Monday. Spam? Write to my colleague.\n")]

    return answer


def mailing_list(marks: str) -> Answers:
    """A list of which the desk is a member: all that it gets goes to all, under its own sender."""

    def hand_out(caught: servers.Caught, mail: Message, number: int) -> list[tuple[str, str]]:
        (writer,) = caught.recipients
        head = (
            f"From: {writer}\nTo: {DESK}\nSubject: [users] {mail['Subject']}\n"
            f"Message-ID: <list-{number}@lists.example>\n{marks}"
        )
        return [(writer, f"{head}\n{mail.get_payload()}\n")]

    return hand_out


def bounce(caught: servers.Caught, mail: Message, number: int) -> list[tuple[str, str]]:
    """The server of somebody who is gone: it returns what has a sender to return to."""
    if caught.sender.strip("<>") == "":
        return []
    head = f"Message-ID: {mail['Message-ID']}\nSubject: {mail['Subject']}"
    return [("", BOUNCE.format(to=caught.sender, number=number, head=head))]


OUTSIDERS: dict[str, tuple[str, Answers]] = {
    "a vacation responder": (PERSON, away("Auto-Submitted: auto-replied\n")),
    "a responder that marks nothing": (PERSON, away()),
    "a mailing list": (LIST, mailing_list("List-Id: <users.lists.example>\nPrecedence: list\n")),
    "a list that marks nothing": (LIST, mailing_list("")),
    "a server that returns all": (NOBODY, bounce),
}


def test_whoever_answers_all_that_a_desk_writes_brings_it_to_an_end(desk):
    """One after the other on one desk: each complains, is answered, and answers that."""
    for number, (name, (sender, answers)) in enumerate(OUTSIDERS.items(), start=1):
        address = sender.replace("@", f"{number}@")
        before = len(desk.out.mails)
        desk.receive([complaint(address, number)])
        _until_it_is_quiet(desk, answers, name)
        words = len(desk.out.mails) - before
        desk.do("answer_each", domain=address.rpartition("@")[2])
        rounds = _until_it_is_quiet(desk, answers, name)
        letters = len(desk.out.mails) - before - words
        print(f"{name}: {words} words of receipt, then {letters} letters in {rounds} rounds")
        assert words <= 1, name
        assert letters == 1, name


def test_two_desks_that_acknowledge_each_other_fall_silent(desk, other):
    desk.receive([complaint(OTHER, 1)])
    other.receive([complaint(DESK, 2, to=OTHER)])
    rounds, moved = 0, True
    while moved:
        rounds += 1
        assert rounds <= MOST_ROUNDS
        for one in (desk, other):
            one.do("work")
        moved = False
        for one, to in ((desk, other), (other, desk)):
            for caught in one.new_mail():
                to.receive([(caught.sender, caught.raw)])
                moved = True
    assert [len(desk.out.mails), len(other.out.mails)] == [1, 1]


def _until_it_is_quiet(desk: desks.Desk, answers: Answers, name: str) -> int:
    """Carry what the desk writes to who answers it, and back; after how many rounds it ended."""
    for rounds in range(MOST_ROUNDS):
        desk.do("work")
        fresh = desk.new_mail()
        if not fresh:
            return rounds
        for caught in fresh:
            mail = message_from_bytes(caught.raw)
            for sender, text in answers(caught, mail, len(desk.given)):
                desk.receive([(sender, text.replace("\n", "\r\n").encode())])
    count = Counter(caught.recipients[0] for caught in desk.out.mails)
    raise AssertionError(f"{name} and the desk go on: {count}")
