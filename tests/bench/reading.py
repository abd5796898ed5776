"""What reading a mail costs beside mail-parser alone, on the same mails in the same process.

`make bench ARGS="-k reading"`. CPU seconds of this thread; of each mail the least of five rounds,
in which both read it in turn, so that a busy machine slows both alike. The mails: reports as desks
get them, made here; a world that the shared simulator makes; the shared labelled samples, each as
the mail that its scorer makes of it. The latter two where they lie beside the checkout.
"""

import base64
import contextlib
import importlib.util
import json
import logging
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import mailparser
import pytest
from django.conf import settings

from complaints.formats.registry import read_report
from complaints.formats.report import UnreadableReport
from complaints.reading import child

SHARED = Path(os.environ.get("MEYASU_SHARED", Path(settings.BASE_DIR).parent / "shared"))
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


def of_a_world(folder: Path) -> list[bytes]:
    """Six hundred mails of a simulated desk."""
    command = ("build", "--out", str(folder), "--seed", "7409", "--complaints", "400")
    subprocess.run(
        [sys.executable, "-B", "-m", "world", *command, "--noise", "0.5", "--campaigns", "40"],
        cwd=SHARED,
        check=True,
        capture_output=True,
    )
    return [path.read_bytes() for path in sorted((folder / "mailbox").iterdir())]


def of_the_corpus() -> Iterator[bytes]:
    """The labelled samples; what is no mail by itself comes in one, as the scorer wraps it."""
    spec = importlib.util.spec_from_file_location("score", SHARED / "corpus" / "score.py")
    assert spec is not None
    assert spec.loader is not None
    scorer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(scorer)
    labels = SHARED / "corpus" / "complaints" / "labels.jsonl"
    for line in labels.read_text(encoding="utf-8").splitlines():
        label = json.loads(line)
        content = (labels.parent / label["path"]).read_bytes()
        if len(content) < MAX_BYTES:
            yield scorer.wrapped(label, content)


def least_seconds(mails: list[bytes]) -> tuple[float, float]:
    """What mail-parser alone and what reading takes for all mails, the least of each mail."""
    least = [[float("inf")] * len(mails), [float("inf")] * len(mails)]
    readers: tuple[Callable[[bytes], object], ...] = (mailparser.parse_from_bytes, read_report)
    for _ in range(ROUNDS):
        for number, raw in enumerate(mails):
            for times, read in zip(least, readers, strict=True):
                began = time.thread_time()
                with contextlib.suppress(UnreadableReport, ValueError, AttributeError):
                    read(raw)
                times[number] = min(times[number], time.thread_time() - began)
    alone, ours = map(sum, least)
    return alone, ours


@pytest.mark.parametrize("which", ["generated", "world", "corpus"])
def test_reading_beside_mail_parser_alone(
    which: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if which != "generated" and not SHARED.is_dir():
        pytest.skip("shared samples are not beside this checkout")
    if which == "generated":
        mails = list(generated())
    else:
        mails = of_a_world(tmp_path / "world") if which == "world" else list(of_the_corpus())
    logging.disable(logging.CRITICAL)
    child._warm_up()
    for raw in mails:  # the phrases and their words are learned once
        with contextlib.suppress(UnreadableReport):
            read_report(raw)
    alone, ours = (seconds / len(mails) for seconds in least_seconds(mails))
    with capsys.disabled():
        print(
            f"\n{which}: {len(mails)} mails, {ours * 1e3:.2f} ms a mail, "
            f"mail-parser alone {alone * 1e3:.2f} ms, {ours / alone:.2f} times as much"
        )
