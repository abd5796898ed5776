"""The reading child: a report in bounded time or the reason why not, and then the next mail."""

import contextlib
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from complaints.formats.report import UnreadableReport
from complaints.reading import pool
from complaints.reading.pool import Reader, ReadingFailed

SAMPLES = Path(__file__).parents[2] / "data" / "complaints"
HONEST = (SAMPLES / "attached" / "two-messages.eml").read_bytes()
HEAD = b"From: a@b.example\nTo: c@d.example\nSubject: x\nMessage-ID: <1@b.example>\n"


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    reader = Reader()
    yield reader
    reader.close()


def child_that(*statements: str, wall_seconds: float = 10) -> Reader:
    """A reader whose child is a real process that says it is ready and then does this."""
    script = "; ".join(("import os, sys, time", "os.write(1, b'ready\\n')", *statements))
    return Reader((sys.executable, "-c", script), wall_seconds=wall_seconds)


def nested(levels: int) -> bytes:
    opened = b"".join(
        b"--b%d\nContent-Type: multipart/mixed; boundary=b%d\n\n" % (n, n + 1)
        for n in range(levels)
    )
    return HEAD + b"Content-Type: multipart/mixed; boundary=b0\n\n" + opened + b"your spam\n"


HOSTILE = {
    "1,200 nested multiparts": nested(1200),
    "60 nested multiparts": nested(60),
    "100,000 parameters": HEAD
    + b"Content-Type: text/plain"
    + b"".join(b"; a%d=b" % n for n in range(100_000))
    + b"\n\nspam\n",
    "60,000 semicolons in an open quote": HEAD
    + b'Content-Type: text/plain; x="'
    + b";" * 60_000
    + b"\n\nspam\n",
    "the same in a part": HEAD
    + b'Content-Type: multipart/mixed; boundary=q\n\n--q\nContent-Type: text/plain; x="'
    + b";" * 60_000
    + b"\n\nspam\n--q--\n",
    "240,000 combining marks": HEAD
    + b"Content-Type: text/plain; charset=utf-8\n\nspam "
    + "\u0301\u0323".encode() * 120_000,
    "punycode": HEAD + b"Content-Type: text/plain; charset=punycode\n\n" + b"abc-\xff" * 200_000,
    "an undefined charset": HEAD + b"Content-Type: text/plain; charset=undefined\n\n\xff spam\n",
    "a NUL in a charset": b"X-A: =?utf-8\0?q?abc?=\n" + HEAD + b"\nspam\n",
    "an index of 5,000 digits": HEAD + b"Content-Type: a/b; name*" + b"9" * 5000 + b"*=a\n\nx\n",
    "100,000 encoded words": b"Subject: "
    + b"=?utf-8?q?a?= " * 100_000
    + b"\n"
    + HEAD
    + b"\nspam\n",
    "50,000 recipients": b"To: " + b"a@b.example, " * 50_000 + b"\n" + HEAD + b"\nspam\n",
    "20,000 parts": HEAD
    + b"Content-Type: multipart/mixed; boundary=q\n\n"
    + b"--q\n\nx\n" * 20_000,
    "600 messages in messages": b"Content-Type: message/rfc822\n\n" * 600 + b"spam",
    "a Received line of brackets": b"Received: from " + b"([ " * 70_000 + b"\n" + HEAD + b"\nx\n",
    "100,000 pasted Received lines": HEAD + b"\n" + b"Received: from a by b\n" * 100_000,
    "a million openers of tags": HEAD + b"Content-Type: text/html\n\n" + b"<a href=" * 130_000,
    "one line of 20 MB": HEAD + b"\n" + b"x" * 20_000_000,
    "half addresses": HEAD + b"\n" + b"1.a@" * 100_000,
    "nothing": b"",
    "NULs": b"\0" * 1_000_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_mail_is_read_or_refused_and_the_next_one_read(reader: Reader, name: str) -> None:
    with contextlib.suppress(ReadingFailed, UnreadableReport):
        assert reader.read(HOSTILE[name]).format

    assert reader.read(HONEST).format == "attached"


def test_what_was_cut_is_noted(reader: Reader) -> None:
    report = reader.read(HOSTILE["60 nested multiparts"])
    assert "Parts deeper than 50 levels were not read." in report.notes


@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.binary(max_size=2000),
    st.sampled_from(["", "text/html", "multipart/report", "message/rfc822"]),
)
def test_any_bytes_end_in_a_report(reader: Reader, body: bytes, declared: str) -> None:
    head = f"From: a@b.example\nContent-Type: {declared}\n\n".encode() if declared else b""
    report = reader.read(head + body)
    assert report.format


def test_a_report_comes_back_as_it_was_read(reader: Reader) -> None:
    from complaints.formats.registry import read_report

    assert reader.read(HONEST) == read_report(HONEST)


def test_a_refusal_is_told_in_words(reader: Reader) -> None:
    mail = (
        HEAD
        + b"Content-Type: multipart/report; report-type=feedback-report; boundary=q\n\n"
        + b"--q\nContent-Type: message/feedback-report\n\nVersion: 1\n--q--\n"
    )
    with pytest.raises(UnreadableReport, match="no Feedback-Type field"):
        reader.read(mail)


def test_a_child_that_was_killed_is_replaced(reader: Reader) -> None:
    reader.read(HONEST)
    assert reader.child_pid is not None
    os.kill(reader.child_pid, signal.SIGKILL)

    assert reader.read(HONEST).format == "attached"


def test_a_child_that_is_killed_over_every_mail_is_given_up() -> None:
    killed = child_that("sys.stdin.buffer.read(4)", "os.kill(os.getpid(), 9)")
    with pytest.raises(ReadingFailed, match="SIGKILL"):
        killed.read(HONEST)


def test_a_child_that_hangs_is_stopped() -> None:
    with pytest.raises(ReadingFailed, match="longer than"):
        child_that("time.sleep(60)", wall_seconds=0.5).read(HONEST)


def test_a_child_that_crashes_is_named_with_its_signal() -> None:
    with pytest.raises(ReadingFailed, match=r"signal 11 \(SIGSEGV\)"):
        child_that("sys.stdin.buffer.read(4)", "os.kill(os.getpid(), 11)").read(HONEST)


def test_a_child_that_burns_cpu_is_stopped_by_its_own_limit() -> None:
    burning = child_that(
        "from complaints.reading.child import _allow_cpu",
        "_allow_cpu(0)",
        "[sum(range(99999)) for _ in range(10**9)]",
        wall_seconds=30,
    )
    with pytest.raises(ReadingFailed, match="too much CPU"):
        burning.read(HONEST)


@pytest.mark.parametrize("frame", [b"\0\0\0\3abc", b"\xff\xff\xff\xff", b"\0\0\0\1\xc0"])
def test_an_answer_that_is_none_is_a_failure(frame: bytes) -> None:
    with pytest.raises(ReadingFailed):
        child_that(f"os.write(1, {frame!r})", "sys.stdin.buffer.read()").read(HONEST)


def test_a_child_that_cannot_start_says_how_to_look() -> None:
    with pytest.raises(ReadingFailed, match="does not start"):
        Reader((sys.executable, "-c", "raise SystemExit(3)")).read(HONEST)


def test_a_forked_process_starts_a_child_of_its_own(reader: Reader) -> None:
    reader.read(HONEST)
    parents_child = reader.child_pid
    inlet, outlet = os.pipe()

    if (pid := os.fork()) == 0:
        format_read = reader.read(HONEST).format
        os.write(outlet, f"{format_read} {reader.child_pid}".encode())
        reader.close()
        os._exit(0)
    os.waitpid(pid, 0)
    said, forked_child = os.read(inlet, 100).decode().split()

    assert said == "attached"
    assert int(forked_child) != parents_child
    assert reader.read(HONEST).format == "attached"
    assert reader.child_pid == parents_child


def test_the_child_gets_no_secret_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "do not tell")
    told = child_that(
        "body = os.environ.get('SECRET_KEY', '').encode()",
        "sys.exit(7 if body else 9)",
    )
    with pytest.raises(ReadingFailed, match="status 9"):
        told.read(HONEST)


def test_the_module_reads_by_the_child_of_this_process() -> None:
    assert pool.read(HONEST).format == "attached"
