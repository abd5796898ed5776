"""What reading a mail costs beside mail-parser alone, on the same mails in the same process.

`make bench ARGS="-k reading"`. CPU seconds, the best of five rounds of each in turn, so that a busy
machine slows both. The mails: reports as desks get them, made here, and the shared samples where
they lie beside the checkout.
"""

import base64
import contextlib
import logging
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import mailparser
import pytest
from django.conf import settings

from complaints.formats.registry import read_report
from complaints.formats.report import UnreadableReport
from complaints.reading import child

SHARED = Path(settings.BASE_DIR).parent / "shared" / "corpus" / "complaints"
MAILS, ROUNDS, MAX_BYTES = 300, 5, 300_000
WORDS = [
    "account", "offer", "invoice", "limited", "update", "secure", "parcel", "winner", "cheap",
    "loan", "credit", "urgent", "confirm", "password", "bank", "customer", "order", "shipping",
    "bonus", "free", "trial", "click", "unsubscribe", "dear", "friend", "transfer", "million",
    "partner", "market", "alert", "notice", "payment", "overdue", "refund", "statement",
]  # fmt: skip
PEOPLE = ("Ann Archer", "Björn Berg", "山田 花子", '"Support"', "Fátima F.")
SPAM = """\
Received: from mx{n}.far.example (mx{n}.far.example [203.0.113.{octet}])
\tby mail.example.org (Postfix) with ESMTP id 4F1C{n:06X};
\tMon, 4 Mar 2024 10:{minute:02}:00 +0000 (UTC)
Received: from [198.51.100.{octet}] (line7.dial.example [198.51.100.{octet}])
\tby mx{n}.far.example with ESMTPSA id 77ABC{n}; Mon, 4 Mar 2024 09:{minute:02}:00 +0000
From: {person} <winner{n}@riches.example>
To: friend{n}@mailbox.example
Subject: {subject}
Date: Mon, 4 Mar 2024 09:{minute:02}:00 +0000
Message-ID: <spam-{n}@riches.example>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

{body}
http://www.riches.example/{n}
"""
HEAD = """\
Received: from mailbox.example (out.mailbox.example [192.0.2.9])
\tby mail.example.org with ESMTP id BBB{n:05}; Mon, 4 Mar 2024 11:{minute:02}:30 +0000
From: {person} <reports{n}@mailbox.example>
To: abuse@example.org
Date: Mon, 4 Mar 2024 11:{minute:02}:00 +0000
Subject: {subject}
Message-ID: <report-{n}@mailbox.example>
MIME-Version: 1.0
"""
SHAPES = {
    "feedback": (
        'Content-Type: multipart/report; report-type=feedback-report; boundary="b{n}"\n\n'
        "--b{n}\nContent-Type: text/plain\n\nThis is a report about a mail from 198.51.100.7.\n"
        "--b{n}\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\n"
        "User-Agent: Loop/1.0\nVersion: 1\nSource-IP: 198.51.100.{octet}\n"
        "Original-Mail-From: <winner{n}@riches.example>\nArrival-Date: Mon, 4 Mar 2024 10:00:00 "
        "+0000\n\n--b{n}\nContent-Type: message/rfc822\n\n{spam}\n--b{n}--\n"
    ),
    "attached": (
        'Content-Type: multipart/mixed; boundary="b{n}"\n\n--b{n}\nContent-Type: text/plain\n\n'
        "Hello, please stop this spam. It came through your server.\n"
        "--b{n}\nContent-Type: message/rfc822\n\n{spam}\n--b{n}--\n"
    ),
    "inline": (
        "Content-Type: text/plain; charset=utf-8\n\nYour server sent me this spam, please act.\n\n"
        "-------- Original Message --------\n{spam}"
    ),
    "quoted": "Content-Type: text/plain; charset=utf-8\n\nI got this:\n\n{quoted}",
    "prose": (
        "Content-Type: text/plain; charset=utf-8\n\nSehr geehrte Damen und Herren,\n\nam 4. März "
        "2024 um 10:{minute:02} Uhr kam von Ihrem Server 198.51.100.{octet} unerwünschte Werbung "
        "an meine Adresse. Bitte unterbinden Sie das bis Freitag, sonst sperren wir Ihre Mail.\n"
    ),
    "picture": (
        'Content-Type: multipart/mixed; boundary="b{n}"\n\n--b{n}\nContent-Type: text/plain\n\n'
        "This spam came from you.\n--b{n}\nContent-Type: image/png\nContent-Transfer-Encoding: "
        'base64\nContent-Disposition: attachment; filename="screen.png"\n\n{picture}\n--b{n}--\n'
    ),
}


def generated() -> Iterator[bytes]:
    chance = random.Random(7)
    picture = base64.encodebytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + chance.randbytes(6000)).decode()
    for n in range(MAILS):
        body = "\n".join(
            " ".join(chance.choices(WORDS, k=9)) for _ in range(chance.choice((9, 60)))
        )
        facts = {
            "n": n, "octet": n % 250 + 1, "minute": n % 60, "person": chance.choice(PEOPLE),
            "subject": " ".join(chance.choices(WORDS, k=4)), "body": body, "picture": picture,
        }  # fmt: skip
        spam = SPAM.format(**facts)
        quoted = "".join(f"> {line}\n" for line in spam.splitlines())
        shape = chance.choice(list(SHAPES.values()))
        yield (HEAD + shape).format(**facts, spam=spam, quoted=quoted).encode()


def shared() -> list[bytes]:
    paths = sorted(path for path in SHARED.rglob("*") if path.suffix in (".eml", ".mail", ".txt"))
    return [path.read_bytes() for path in paths if path.stat().st_size < MAX_BYTES]


def seconds(read: Callable[[bytes], object], mails: list[bytes]) -> float:
    began = time.process_time()
    for raw in mails:
        with contextlib.suppress(
            UnreadableReport, mailparser.exceptions.MailParserError, ValueError
        ):
            read(raw)
    return time.process_time() - began


@pytest.mark.parametrize("which", ["generated", "shared"])
def test_reading_beside_mail_parser_alone(which: str, capsys: pytest.CaptureFixture[str]) -> None:
    mails = list(generated()) if which == "generated" else shared()
    if not mails:
        pytest.skip("shared samples are not beside this checkout")
    logging.disable(logging.CRITICAL)
    child._warm_up()
    seconds(read_report, mails)  # the phrases and their words are learned once
    rounds = [
        (seconds(mailparser.parse_from_bytes, mails), seconds(read_report, mails))
        for _ in range(ROUNDS)
    ]
    alone, ours = (min(times) / len(mails) for times in zip(*rounds, strict=True))
    with capsys.disabled():
        print(
            f"\n{which}: {len(mails)} mails, {ours * 1e3:.2f} ms a mail, "
            f"mail-parser alone {alone * 1e3:.2f} ms, {ours / alone:.2f} times as much"
        )
