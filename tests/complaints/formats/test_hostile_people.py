"""Whatever stands in a mail that a person wrote, its size explains the time that reading takes."""

import contextlib
import random
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from complaints.formats.registry import read_report
from complaints.formats.report import UnreadableReport
from complaints.reading import child, wire
from tests.growth import ALLOWED, growth

SAMPLES = Path(__file__).parents[2] / "data" / "complaints"
FORMATS = (
    "attached", "inline", "pasted-headers", "plain", "csirt", "follow-up", "bounce", "auto-reply",
    "other",
)  # fmt: skip
PATHS = sorted(path for name in FORMATS for path in (SAMPLES / name).glob("*.eml"))
HEAD = b"From: a@b.example\nTo: abuse@c.example\nMessage-ID: <1@b.example>\nSubject: spam\n"


@pytest.mark.parametrize("path", PATHS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_mail_with_bytes_changed_is_read_or_refused(path: Path) -> None:
    chance = random.Random(path.stem)
    raw = path.read_bytes()
    for _ in range(10):
        changed = bytearray(raw)
        for _ in range(chance.choice((1, 3, 30))):
            place = chance.randrange(len(changed) + 1)
            changed[place : place + chance.choice((0, 1, 40))] = chance.randbytes(
                chance.choice((0, 1, 3))
            )
        with contextlib.suppress(UnreadableReport):
            assert read_report(bytes(changed)).format


def text(content: str | bytes) -> bytes:
    raw = content.encode() if isinstance(content, str) else content
    return HEAD + b"Content-Type: text/plain; charset=utf-8\n\n" + raw


def parted(content: bytes) -> bytes:
    return HEAD + b"Content-Type: multipart/mixed; boundary=q\n\n" + content


GROWING: dict[str, Callable[[int], bytes]] = {
    "words": lambda n: text("your account has been limited, verify it. " * n),
    "the same first word": lambda n: text("do not " * n),
    "different words": lambda n: text(" ".join(f"word{number}" for number in range(n))),
    "one long word": lambda n: text("a" * 10 * n),
    "dots": lambda n: text("a." * 5 * n),
    "signs": lambda n: text("@" * 5 * n),
    "addresses": lambda n: text("a@b.example " * n),
    "digits": lambda n: text("1" * 10 * n),
    "numbers": lambda n: text("1 " * 5 * n),
    "clocks": lambda n: text("10:11:12 " * n),
    "dates": lambda n: text("4 March 2024 " * n),
    "colons": lambda n: text(": " * 5 * n),
    "brackets": lambda n: text("[" * 10 * n),
    "addresses of machines": lambda n: text("from 192.0.2.1 " * n),
    "links": lambda n: text("http://a.example/x " * n),
    "half links": lambda n: text("http://" * n),
    "quotation marks": lambda n: text('"' * 5 * n),
    "citations": lambda n: text("subject “Copper kettles” " * n),
    "open marks": lambda n: text("subject „" * n),
    "senders": lambda n: text("from a@b.example " * n),
    "half addresses": lambda n: text("sender a@" * n),
    "words far from digits": lambda n: text(("1" + " word" * 60) * (n // 20)),
    "quotes": lambda n: text("> spam\n" * n),
    "deep quotes": lambda n: text(">" * 10 * n),
    "separators": lambda n: text("-----Original Message-----\n" * n),
    "boxes": lambda n: text("-----Original Message-----\nFrom: a@b.example\nSubject: s\n" * n),
    "labels": lambda n: text("Von: a@b.example\n" * n),
    "who wrote": lambda n: text("On 4 March 2024 a@b.example wrote:\n" * n),
    "received lines": lambda n: text("Received: from a by b; Mon, 4 Mar 2024 10:00:00 +0000\n" * n),
    "torn lines": lambda n: text("> Subject: " + "word " * 9 + "\n" + "word\n> " * n),
    "numbered items": lambda n: text("".join(f"{at}. IP: 192.0.2.1\n" for at in range(1, n))),
    "log lines": lambda n: text("Mar 12 06:00:11 gate sshd[7]: 192.0.2.1\n" * n),
    "paragraphs": lambda n: text("we will block\n\n" * n),
    "threats": lambda n: text("we will block " * n),
    "limits": lambda n: text("within 3 until " * n),
    "accents": lambda n: text("e\u0301" * 5 * n),
    "mixed letters": lambda n: text("p\u0430ypal " * n),
    "kanji": lambda n: text("迷惑メール" * n),
    "blank lines": lambda n: text("\n" * 10 * n),
    "signed": lambda n: text("-----BEGIN PGP SIGNED MESSAGE-----\n" * n + "- x\n" * n),
    "header fields": lambda n: HEAD + b"X-A: b\n" * n + b"\nspam\n",
    "one field": lambda n: HEAD + b"X-A: " + b"=?utf-8?q?a?= " * n + b"\n\nspam\n",
    "recipients": lambda n: HEAD + b"Cc: " + b"a@b.example, " * n + b"\n\nspam\n",
    "parts": lambda n: parted(b"--q\n\nspam\n" * n + b"--q--\n"),
    "attached mails": lambda n: parted(
        (b"--q\nContent-Type: message/rfc822\n\n" + HEAD + b"\nx\n") * (n // 20) + b"--q--\n"
    ),
    "no end": lambda n: parted(b"--q\nContent-Type: multipart/mixed; boundary=q\n\n" * n),
    "tags": lambda n: HEAD + b"Content-Type: text/html\n\n<html>" + b"<b>x</b>" * n,
    "open tags": lambda n: HEAD + b"Content-Type: text/html\n\n<html>" + b"<a href=" * n,
    "hidden": lambda n: HEAD + b"Content-Type: text/html\n\n<html>" + b"<style><!--" * n,
}  # fmt: skip


@pytest.mark.parametrize("what", GROWING)
def test_twice_the_mail_takes_about_twice_the_time(what: str) -> None:
    found = growth(GROWING[what], read_report, small=1_000, refusals=(UnreadableReport,))
    assert found < ALLOWED


# What the readers of machines' reports look for, and what holds mails together.
PIECES = st.sampled_from([
    b"Content-Type: multipart/report; report-type=feedback-report; boundary=q\n", b"\n", b"\n\n",
    b"--q\n", b"--q--\n", b"Content-Type: message/feedback-report\n\n", b"Feedback-Type: abuse\n",
    b"User-Agent: x\nVersion: 1\n", b"Source-IP: 192.0.2.1\n", b"Content-Type: message/rfc822\n\n",
    b"Received: from a ([192.0.2.1]) by b with SMTP id 4F1C2A9B31; Mon, 4 Mar 2024 10:00 +0000\n",
    b"Content-Type: text/plain; charset=iso-2022-jp\n", b"Content-Transfer-Encoding: base64\n\n",
    b"Content-Type: application/json; name=xarf.json\n\n",
    b'{"xarf_version": "4", "type": "spam", ', b'"source_identifier": "192.0.2.1"}',
    b'{"Version": "3", "Report": {"ReportType": "Spam"}}',
    b"---\nReported-From: a@b.example\nReport-Type: spam\nSource: 192.0.2.1\n",
    b"category: abuse\n", b"Content-Type: text/csv\n\n", b"timestamp,ip,asn\n",
    b"2024-03-01 00:00:01,192.0.2.1,1\n", b"[ SpamCop V5.1 ]\n",
    b"Email from 192.0.2.1 / Mon, 4 Mar 2024 10:00:00 +0000\n", b"[ Offending message ]\n",
    b"<Infringement><Source><IP_Address>192.0.2.1</IP_Address>", b"</Source></Infringement>",
    b"<IODEF-Document><Incident>", b"<feedback><record><row>", b"<source_ip>192.0.2.1</source_ip>",
    b'{"policies": [], "date-range": {}}', b"\x1f\x8b\x08\0", b"PK\x03\x04", b"UEsDBBQAAAAI",
    b"MIME-Version: 1.0\n", b"Subject: =?utf-8?b?6L+3?=\n", b"\xff\0", b"1. IP: 192.0.2.1\n",
    b"banned 192.0.2.1\n", b"-----Original Message-----\nFrom: a@b.example\n",
    b"Von: a\nGesendet: 4. M\xc3\xa4rz 2024\nBetreff: x\n", b"> quoted\n",
    b"DMCA copyright owner\n",
])  # fmt: skip


@settings(deadline=None, max_examples=250)
@given(st.lists(PIECES | st.binary(max_size=20), max_size=25), st.integers(1, 4))
def test_any_heap_of_pieces_is_read_or_refused_and_makes_no_large_answer(
    pieces: list[bytes], times: int
) -> None:
    raw = HEAD + b"".join(pieces) * times
    answer = child.answer_to(raw)

    assert not answer.defect
    assert len(msgspec.msgpack.encode(answer)) < 40 * len(raw) + 4_000
    assert len(wire.encode(answer)) <= wire.MAX_ANSWER_BYTES
