"""Whatever is done to a machine's report, it is read or refused, in time that its size explains."""

import base64
import contextlib
import gzip
import json
import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from complaints.formats.registry import read_report
from complaints.formats.report import UnreadableReport
from complaints.reading import child
from tests.growth import ALLOWED, growth

SAMPLES = Path(__file__).parents[2] / "data" / "complaints"
FORMATS = ("arf", "arf-auth-failure", "dmarc-aggregate", "tls-rpt", "iodef")
PATHS = sorted(path for name in FORMATS for path in (SAMPLES / name).glob("*.eml"))
HEAD = b"From: a@b.example\nMessage-ID: <1@b.example>\nSubject: report\n"


@pytest.mark.parametrize("path", PATHS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_report_with_bytes_changed_is_read_or_refused(path: Path) -> None:
    chance = random.Random(path.stem)
    raw = path.read_bytes()
    for _ in range(25):
        changed = bytearray(raw)
        for _ in range(chance.choice((1, 3, 30))):
            place = chance.randrange(len(changed) + 1)
            changed[place : place + chance.choice((0, 1, 40))] = chance.randbytes(
                chance.choice((0, 1, 3))
            )
        with contextlib.suppress(UnreadableReport):
            assert read_report(bytes(changed)).format


@settings(deadline=None, max_examples=100)
@given(st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["policies", "policy", "summary", "date-range", "failure-details", "x"]),
        inner, max_size=4,
    ),
    max_leaves=20,
))  # fmt: skip
def test_json_of_any_shape_is_no_error_in_a_tls_report(document: object) -> None:
    head = HEAD + b"Content-Type: application/tlsrpt+json\n\n"
    assert read_report(head + json.dumps({"policies": document}).encode()).format == "tls-rpt"


def part(content_type: bytes, content: bytes) -> bytes:
    return HEAD + b"Content-Type: " + content_type + b"\n\n" + content


def feedback(content: bytes) -> bytes:
    return part(
        b"multipart/report; report-type=feedback-report; boundary=q",
        b"--q\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nUser-Agent: a\n"
        b"Version: 1\n" + content + b"\n--q--\n",
    )


ROW = b"<record><row><source_ip>192.0.2.1</source_ip><count>1</count></row></record>"
INCIDENT = b"<Incident><IncidentID/><System><Address>192.0.2.1</Address></System></Incident>"
GROWING: dict[str, Callable[[int], bytes]] = {
    "recipients": lambda n: feedback(b"Original-Rcpt-To: a@b.example\n" * n),
    "one recipient line": lambda n: feedback(b"Original-Rcpt-To: " + b"a@b.example, " * n),
    "fields on one line": lambda n: feedback(b"Source-IP: 192.0.2.1 " * n),
    "links": lambda n: feedback(b"Reported-URI: http://x.example/%d\n" % n * n),
    "blank lines": lambda n: feedback(b"\n" * n),
    "text": lambda n: part(b"text/plain", b"Feedback-Type: abuse\n" * n),
    "base64": lambda n: part(b"message/feedback-report", b"QUFB" * n),
    "rows": lambda n: part(b"text/xml", b"<feedback><report_metadata/>" + ROW * n),
    "packed rows": lambda n: part(
        b"application/gzip", gzip.compress(b"<feedback><record>" + b"<row></row>" * n)
    ),
    "policies": lambda n: part(
        b"application/json", b'{"policy-type": "", "policies": [' + b"{}," * n
    ),
    "incidents": lambda n: part(b"text/xml", b"<IODEF-Document>" + INCIDENT * n),
    "incidents in incidents": lambda n: part(
        b"text/xml", b"<IODEF-Document>" + b"<Incident><System>" * 25 + b"<Address>1</Address>" * n
    ),
    "rows in rows": lambda n: part(
        b"text/xml", b"<feedback>" + b"<record>" * 50 + b"<report_metadata/>" * n
    ),
    "deep json": lambda n: part(b"application/tlsrpt+json", b'{"date-range":' + b"[" * n),
}  # fmt: skip


@pytest.mark.parametrize("what", GROWING)
def test_twice_the_mail_takes_about_twice_the_time(what: str) -> None:
    found = growth(GROWING[what], read_report, small=1_500, refusals=(UnreadableReport,))
    assert found < ALLOWED


BOMBS = {
    "dmarc-aggregate": b"<feedback><record>" + b"<a/>" * 300_000,
    "iodef": b"<IODEF-Document><Incident><System>" + b"<Address>1</Address>" * 200_000,
    "tls-rpt": b'{"date-range": {}, "policies": [' + b"[]," * 600_000,
}


@pytest.mark.parametrize("name", BOMBS)
def test_twenty_bombs_in_a_mail_are_read_in_the_time_that_a_mail_has(name: str) -> None:
    packed = base64.encodebytes(gzip.compress(BOMBS[name]))
    one = b"--q\nContent-Type: application/gzip\nContent-Transfer-Encoding: base64\n\n" + packed
    raw = part(b"multipart/mixed; boundary=q", one * 20)
    started = time.process_time()

    report = read_report(raw)

    assert report.format == name
    assert time.process_time() - started < child.CPU_SECONDS
