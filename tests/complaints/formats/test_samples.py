"""Every sample under tests/data/complaints is read as its .json says."""

import json
from pathlib import Path
from typing import Any

import pytest

from complaints.formats.registry import read_report
from complaints.formats.report import Report

SAMPLES = Path(__file__).parents[2] / "data" / "complaints"
FORMATS = (
    "arf", "arf-auth-failure", "attached", "inline", "pasted-headers", "csirt", "follow-up",
    "plain", "bounce", "auto-reply", "other", "dmarc-aggregate", "tls-rpt",
    "iodef",
    "xarf", "shadowserver", "spamcop", "acns",
)  # fmt: skip
PLAIN_KEYS = (
    "format", "feedback_type", "format_version", "category", "language", "is_complaint",
    "reporter_kind", "threatens_block", "threat",
)  # fmt: skip


@pytest.mark.parametrize(
    "path", sorted(SAMPLES.glob("*/*.eml")), ids=lambda path: f"{path.parent.name}/{path.stem}"
)
def test_a_sample_is_read_as_its_json_says(path: Path) -> None:
    expected = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))

    report = read_report(path.read_bytes())

    assert {key: getattr(report, key) for key in PLAIN_KEYS if key in expected} == {
        key: expected[key] for key in PLAIN_KEYS if key in expected
    }
    _same_originals(report, expected)
    _same_observables(report, expected)
    _same_words(report, expected)


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_has_a_sample(name: str) -> None:
    assert list((SAMPLES / name).glob("*.eml"))


def _same_originals(report: Report, expected: dict[str, Any]) -> None:
    if "originals" not in expected:
        return
    assert len(report.originals) == len(expected["originals"])
    for original, wanted in zip(report.originals, expected["originals"], strict=True):
        assert {name: _plain(getattr(original, name)) for name in wanted} == wanted


def _same_observables(report: Report, expected: dict[str, Any]) -> None:
    found = {(str(one.kind), one.value, str(one.origin)) for one in report.observables}
    assert {tuple(one) for one in expected.get("observables", ())} <= found
    assert not {kind for kind, _, _ in found} & set(expected.get("no_observables", ()))
    assert not {value for _, value, _ in found} & set(expected.get("no_values", ()))


def _same_words(report: Report, expected: dict[str, Any]) -> None:
    for words in expected.get("text_has", ()):
        assert words in report.text
    for words in expected.get("text_has_not", ()):
        assert words not in report.text
    for words in expected.get("notes", ()):
        assert any(words in note for note in report.notes)
    assert expected.get("reason_has", "") in report.set_aside_reason
    for name, value in expected.get("headers", {}).items():
        assert getattr(report.headers, name) == value
    for name in expected.get("attachments", ()):
        assert name in [file.name for file in report.attachments]


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return list(value)
    return value.isoformat() if hasattr(value, "isoformat") else value
