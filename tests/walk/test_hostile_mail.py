"""Mangled, huge and deeply nested mail: each comes to an end, and honest mail beside it is read."""

import hashlib

import pytest

from complaints import audit, rawstore
from complaints.intake.raw import RawMessage
from complaints.intake.store import keep_message
from complaints.models import Complaint
from incidents import pipeline
from incidents.pipeline import STEPS, Stage
from tests import make
from tests.make import at

NOW = at("1998-01-20 16:05")
HEAD = b"From: ann@far.example\nTo: abuse@example.org\nSubject: Spam from your server\n"
TEXT = b"\nPlease stop this spam, it came from your server 192.0.2.25.\n"


def _in_parts(count: int) -> bytes:
    part = b"--b\nContent-Type: text/plain\n\nx\n"
    return HEAD + b"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n" + part * count


def _nested(depth: int) -> bytes:
    opened = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (level, level)
        for level in range(depth)
    )
    return HEAD + b"MIME-Version: 1.0\n" + opened + TEXT


def _mails_in_mails(depth: int) -> bytes:
    return HEAD + b"MIME-Version: 1.0\n" + b"Content-Type: message/rfc822\n\n" * depth + HEAD + TEXT


def _word(encoded: bytes) -> bytes:
    return b"=?utf-8?q?" + encoded + b"?="


HOSTILE = {
    "nothing": b"",
    "line ends": b"\r\n" * 50_000,
    "lone returns": HEAD.replace(b"\n", b"\r") + TEXT.replace(b"\n", b"\r"),
    "every byte": bytes(range(256)) * 400,
    "NUL and other controls": HEAD + b"X-Odd: a\x00b\x01\x85\n" + TEXT + b"\x00\x1b[2J\x9b",
    "lone surrogates": HEAD + b"X-Odd: \xed\xa0\x80\n" + TEXT + b"\xed\xb2\x80",
    "a header line of 10 MB": HEAD + b"X-Long: " + b"a" * 10_000_000 + b"\n" + TEXT,
    "100,000 header fields": HEAD + b"X-Many: a\n" * 100_000 + TEXT,
    "100,000 parameters": HEAD + b"Content-Type: text/plain" + b"; a=b" * 100_000 + b"\n" + TEXT,
    "an open quote": HEAD + b'Content-Type: text/plain; a="' + b";" * 60_000 + b"\n" + TEXT,
    "50,000 recipients": HEAD + b"Cc: " + b"a@far.example, " * 50_000 + b"\n" + TEXT,
    "20,000 encoded words": b"Subject: " + (_word(b"a") + b"\n ") * 20_000 + b"\n" + TEXT,
    "half an encoded word": b"Subject: " + b"=?utf-8?q?" * 50_000 + b"\n" + TEXT,
    "a line end in a subject": b"Subject: " + _word(b"x=0D=0ABcc: b@c.example") + b"\n" + TEXT,
    "a NUL in a charset": b"Subject: =?utf\x00-8?q?a?=\n" + TEXT,
    "a Message-ID of 12 KB": HEAD + b"Message-ID: <" + b"a" * 12_000 + b"@x>\n" + TEXT,
    "20,000 references": HEAD + b"References: " + b"<a@b>\n " * 20_000 + b"\n" + TEXT,
    "a date beyond all": HEAD + b"Date: Fri, 31 Dec 9999 23:59:59 -2359\n" + TEXT,
    "a date of digits": HEAD + b"Date: " + b"9" * 5000 + b"\n" + TEXT,
    "20,000 parts": _in_parts(20_000),
    "1,200 levels": _nested(1200),
    "600 mails in each other": _mails_in_mails(600),
    "a part that never ends": _in_parts(1).replace(b"--b\n", b"--b\nContent-Type: text/html; "),
    "240,000 combining marks": HEAD
    + b"Content-Type: text/plain; charset=utf-8\n\n"
    + "à\u0316\u0301".encode() * 80_000,
    "an address of brackets": b"From: " + b"<" * 100_000 + b"\n" + TEXT,
    "comments in comments": b"From: " + b"(" * 5000 + b"a@far.example\n" + TEXT,
    "Received lines without end": b"Received: from a by b; x\n" * 5000 + HEAD + TEXT,
    "a text of dots and digits": HEAD + b"\n" + b"1." * 100_000,
    "50,000 open tags": HEAD + b"Content-Type: text/html\n\n" + b"<div>" * 50_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_it_comes_to_an_end_and_the_next_mail_is_read(db, data_dir, name):
    make.organisation()
    hostile = _received(HOSTILE[name])
    honest = _received(HEAD + b"Message-ID: <honest@far.example>\n" + TEXT)

    for complaint in (hostile, honest):
        pipeline.finish(complaint, now=NOW)

    assert hostile.stage not in STEPS
    if hostile.stage == Stage.QUARANTINED:
        assert hostile.problem
    assert hashlib.sha256(rawstore.read(hostile.raw_sha256)).hexdigest() == hostile.raw_sha256
    assert rawstore.read(hostile.raw_sha256) == HOSTILE[name]
    # The other may say the very same, or lie in an incident of its own.
    assert honest.stage in (Stage.OPEN, Stage.GROUPED, Stage.DUPLICATE)
    assert honest.observables.filter(kind="ip", value="192.0.2.25").exists()
    assert Complaint.objects.get(pk=hostile.pk).stage == hostile.stage
    assert list(audit.verify()) == []


def _received(raw: bytes) -> Complaint:
    return keep_message(RawMessage(raw, "file", NOW), now=NOW).complaint
