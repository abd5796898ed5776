"""Whatever the bytes are, there is a report, and it can be stored."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from complaints.evidence.observables import Kind, Origin
from complaints.formats.registry import read_report
from complaints.formats.report import Report, UnreadableReport

HEAD = b"From: a@b.example\nTo: c@d.example\nMessage-ID: <1@b.example>\nSubject: "
SAMPLES = Path(__file__).parents[2] / "data" / "complaints"


def strings(value: object) -> Iterator[str]:
    """Every text in a report, at whatever depth."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from strings(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from strings(one)


def is_storable(report: Report) -> bool:
    """Whether PostgreSQL takes every text: no NUL, no lone surrogate."""
    texts = list(strings(msgspec.to_builtins(report)))
    "".join(texts).encode("utf-8")
    return not any("\0" in text for text in texts)


@settings(deadline=None, max_examples=150)
@given(st.binary(max_size=300), st.binary(max_size=1500))
def test_any_bytes_make_a_report_that_can_be_stored(subject: bytes, body: bytes) -> None:
    assert is_storable(read_report(HEAD + subject + b"\n\n" + body))


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*/*.eml")), ids=lambda path: path.stem)
def test_a_mail_full_of_control_characters_can_be_stored(path: Path) -> None:
    raw = path.read_bytes()
    for old, new in (
        (b"kettle", b"ket\0tle"),
        (b"203.0", b"\x1b[1m203.0"),
        (b"half", b"h\xed\xa0\x80f"),
    ):
        assert is_storable(read_report(raw.replace(old, new)))


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*/*.eml")), ids=lambda path: path.stem)
def test_line_ends_change_nothing(path: Path) -> None:
    raw = path.read_bytes()
    lf = read_report(raw)
    for line_end in (b"\r\n", b"\r"):
        other = read_report(raw.replace(b"\r\n", b"\n").replace(b"\n", line_end))
        assert (lf.format, lf.is_complaint, lf.text) == (
            other.format,
            other.is_complaint,
            other.text,
        )
        assert [replace(one, size_bytes=None) for one in lf.originals] == [
            replace(one, size_bytes=None) for one in other.originals
        ]


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*/*.eml")), ids=lambda path: path.stem)
def test_a_mail_cut_off_anywhere_is_still_read(path: Path) -> None:
    raw = path.read_bytes()
    for end in range(0, len(raw), max(1, len(raw) // 12)):
        try:
            found = read_report(raw[:end]).format
        except UnreadableReport as refusal:
            found = str(refusal)
        assert found


def test_the_case_of_1998_is_read_as_its_truth_says(shared: Path, tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "world", "miti", "--out", str(tmp_path)], cwd=shared, check=True
    )
    same_word = json.loads((shared / "formats.json").read_text())["world"]
    wrong = []
    for line in (tmp_path / "truth.jsonl").read_text().splitlines():
        truth = json.loads(line)
        report = read_report((tmp_path / "mailbox" / truth["file"]).read_bytes())
        wrong += [(truth["file"], problem) for problem in _differences(truth, report, same_word)]
    assert wrong == []


def _differences(
    truth: dict[str, Any], report: Report, same_word: dict[str, list[str]]
) -> Iterator[object]:
    if report.is_complaint != truth["is_complaint"]:
        yield "is_complaint", report.set_aside_reason
    if not truth["is_complaint"]:
        return
    if report.format not in [truth["format"], *same_word.get(truth["format"], [])]:
        yield "format", report.format
    for name in ("category", "language"):
        if getattr(report, name) != truth[name]:
            yield name, getattr(report, name)
    for name, found in _evidence(report).items():
        if found != set(truth["evidence"][name]):
            yield name, found


def _evidence(report: Report) -> dict[str, set[str]]:
    originals = report.originals
    stated = {
        kind: {
            o.value for o in report.observables if o.kind is kind and o.origin is Origin.REPORTED
        }
        for kind in (Kind.IP, Kind.MESSAGE_ID, Kind.URL)
    }
    ours = {"192.0.2.25"}
    found = {
        "message_ids": {o.message_id for o in originals} | stated[Kind.MESSAGE_ID],
        "source_ips": ({o.source_ip for o in originals} | stated[Kind.IP]) - ours,
        "queue_ids": {o.queue_id for o in originals},
        "urls": {url for o in originals for url in o.urls} | stated[Kind.URL],
    }
    return {name: values - {""} for name, values in found.items()}
