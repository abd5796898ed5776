"""Two desks that write to each other: one incident each, every reply in its thread, and no loop.

Between them is what mail goes through: it comes shuffled, some of it twice, past ticket systems
that put their number into the subject or keep nothing but the subject; and strangers quote it.
"""

import os
import random
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.policy import compat32

import pytest

from tests.walk import desks

# A hundred letters; the thousand of the acceptance: MEYASU_TEST_LETTERS=1000
LETTERS = int(os.environ.get("MEYASU_TEST_LETTERS", "100"))
LEGS = 4  # a letter, its answer, a further letter, its answer
THREADS = LETTERS // LEGS
SEED = 1998
STRANGER = "mallory@evil.example"
MOST_ROUNDS = 20
WIRE = compat32.clone(linesep="\r\n", max_line_length=0)

pytestmark = [pytest.mark.timeout(3000), pytest.mark.django_db(transaction=True)]


@pytest.fixture
def ours(tmp_path):
    with desks.desk(tmp_path / "ours", "example.org", prefix="192.0.2", lines=THREADS) as desk:
        yield desk


@pytest.fixture
def theirs(tmp_path):
    with desks.desk(
        tmp_path / "theirs", "slipstream.example", prefix="198.51.100", lines=THREADS
    ) as desk:
        yield desk


@dataclass
class Between:
    """What mail goes through on its way, and what is true of each mail that went.

    thread_of  by Message-ID, which letter of the first leg it comes from
    answers    by Message-ID, the letter that it names, if it still does when it arrives
    """

    dice: random.Random
    thread_of: dict[str, int] = field(default_factory=dict)
    answers: dict[str, str | None] = field(default_factory=dict)
    strange: set[str] = field(default_factory=set)

    def carry(self, sender: desks.Desk, to: desks.Desk) -> int:
        """Bring what one has written to the other; how many letters."""
        fresh = [one for one in sender.new_mail() if one.recipients == [to.address]]
        mails = [message_from_bytes(one.raw, policy=WIRE) for one in fresh]
        way: list[tuple[str, bytes]] = []
        for mail in mails:
            self._note(mail)
            arrives = self._through_a_ticket_system(mail, sender.domain)
            way.append((sender.address, arrives))
            if self.dice.random() < 1 / 3:
                way.append((sender.address, arrives))
            if self.dice.random() < 1 / 3:
                way.append((sender.address, arrives + b"\r\n-- \r\nfooter of a list\r\n"))
            way += [(STRANGER, raw) for raw in self._strangers(mail, to)]
        self.dice.shuffle(way)
        to.receive(way)
        return len(mails)

    def _note(self, mail: Message) -> None:
        name, named = _bare(mail["Message-ID"]), _bare(mail["In-Reply-To"])
        new = len(set(self.thread_of.values()))
        self.thread_of[name] = self.thread_of[named] if named else new
        self.answers[name] = named or None

    def _through_a_ticket_system(self, mail: Message, domain: str) -> bytes:
        subject = " ".join(mail["Subject"].split())
        way = self.dice.randrange(4) if mail["In-Reply-To"] else 0
        if way:
            number = self.dice.randrange(100_000)
            mail.replace_header("Subject", f"[{domain} #{number}] {subject}")
        if way == 2:  # nothing is left but the subject
            del mail["In-Reply-To"], mail["References"]
            self.answers[_bare(mail["Message-ID"])] = None
        if way == 3:
            del mail["In-Reply-To"]
            mail.replace_header("References", f"<rt-{domain}@desk.example> {mail['References']}")
        return mail.as_bytes(policy=WIRE)

    def _strangers(self, mail: Message, to: desks.Desk) -> list[bytes]:
        """Somebody who has seen the mail, and quotes what would join an answer to it."""
        subject = " ".join(mail["Subject"].split())
        quoted = {"In-Reply-To": mail["In-Reply-To"] or mail["Message-ID"], "Subject": "Re: spam"}
        ways = [{"Subject": subject}, {"Subject": "About your case I-2026-0001"}, quoted]
        return [self._strange(fields, to) for fields in ways[: self.dice.randrange(4)]]

    def _strange(self, fields: dict[str, str], to: desks.Desk) -> bytes:
        number = len(self.strange)
        name = f"strange-{number}@evil.example"
        self.strange.add(name)
        head = {"From": STRANGER, "To": to.address, "Message-ID": f"<{name}>"} | fields
        lines = [f"{key}: {' '.join(value.split())}" for key, value in head.items()]
        text = f"I have heard of your case, and want to know more. Question {number}.\r\n"
        return "\r\n".join([*lines, "", text]).encode()


def test_every_reply_is_in_its_thread_and_each_desk_has_one_incident(ours, theirs):
    between = Between(random.Random(SEED))
    (before,) = ours.do("tell")["incidents"]
    lines = [f"198.51.100.{number}/32" for number in range(1, THREADS + 1)]
    ours.do(
        "write_to_each",
        contacts=[
            {"name": f"Slipstream, {line}", "email": theirs.address, "networks": [line]}
            for line in lines
        ],
    )
    assert _leg(between, ours, theirs) == THREADS
    theirs.do("answer_each", domain=ours.domain)
    assert _leg(between, theirs, ours) == THREADS
    ours.do("write_on")
    assert _leg(between, ours, theirs) == THREADS
    theirs.do("write_on")
    assert _leg(between, theirs, ours) == THREADS

    here, there = ours.do("tell"), theirs.do("tell")
    misjoined = _misjoined(between, here) + _misjoined(between, there)
    joined = len(here["replies"]) + len(there["replies"])
    print(
        f"{LEGS * THREADS} letters, {len(ours.given) + len(theirs.given)} mails handed over, "
        f"{len(between.strange)} of them strange: {joined} replies joined, "
        f"{len(misjoined)} misjoined, incidents {here['incidents']} and {there['incidents']}"
    )
    assert misjoined == []
    assert joined == here["reply_rows"] + there["reply_rows"] == (LEGS - 1) * THREADS
    assert here["incidents"] == [before]
    assert len(there["incidents"]) == 1
    theirs_to_us = [mail for mail in there["mails"].values() if mail[1] == ours.address]
    assert sum(mail[2] == there["incidents"] for mail in theirs_to_us) == THREADS
    assert {state for one in (here, there) for state in one["letters"].values()} == {"sent"}
    for desk in (
        ours,
        theirs,
    ):  # to the stranger a word of receipt, once a day; all else is letters
        told = [one.recipients for one in desk.out.mails if one.recipients == [STRANGER]]
        assert len(told) <= 1
        assert len(desk.out.mails) - len(told) == LEGS // 2 * THREADS


def _leg(between: Between, sender: desks.Desk, to: desks.Desk) -> int:
    """All that one has to send is sent, carried and worked on; nothing comes back by itself."""
    sender.do("work")
    letters = between.carry(sender, to)
    to.do("work")
    return letters


def _misjoined(between: Between, desk) -> list[str]:
    """Mails that are filed with a letter of another thread, or of another leg than they name."""
    return [
        name
        for name, (letter, _kind, _why) in desk["replies"].items()
        if between.thread_of.get(name) != between.thread_of[_bare(letter)]
        or between.answers[name] not in (None, _bare(letter))
    ]


def _bare(message_id: str | None) -> str:
    return (message_id or "").strip().strip("<>")
