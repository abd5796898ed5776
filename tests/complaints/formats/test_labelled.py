"""All labelled sample complaints, as the reader alone reads them: what is reached is held.

`tests/walk/test_labelled_complaints.py` takes some formats through the whole way and its export;
here each sample of every format is read and scored, which takes a few seconds.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from complaints.evidence.observables import Origin
from complaints.formats.registry import read_report
from complaints.formats.report import Report, UnreadableReport

LEAST = {"precision": 0.99, "recall": 0.97}
SURE = {"format": 0.98, "complaint?": 0.98}


def once(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(filter(None, values)))


def reported(report: Report) -> dict[str, Any]:
    """What is blamed or stated, as the export has it, but for who we are."""
    mails = report.originals
    stated: dict[str, list[str]] = {}
    for one in report.observables:
        if one.origin is Origin.REPORTED:
            stated.setdefault(str(one.kind), []).append(one.value)
    times = (one.arrived_at.isoformat() for one in mails if one.arrived_at)
    to = (*(one.recipient for one in mails), *stated.get("envelope-to", ()))
    return {
        "message_ids": once(one.message_id for one in mails),
        "source_ips": once(one.source_ip for one in mails) or stated.get("ip", []),
        "urls": once(url for one in mails for url in one.urls) or stated.get("url", []),
        "domains": stated.get("domain", []),
        "senders": stated.get("envelope-from")
        or once(one.header_from or one.envelope_from for one in mails),
        "recipients": once(to),
        "arrived_at": next(times, None),
        "count": max(len(mails), 1),
    }


def case(name: str, raw: bytes) -> dict[str, Any]:
    try:
        report = read_report(raw)
    except UnreadableReport:
        return {"source_file": name, "status": "quarantined"}
    return {
        "source_file": name,
        "status": "complaint" if report.is_complaint else "not-complaint",
        "format": report.format,
        "reported": reported(report),
    }


@pytest.mark.timeout(180)
def test_the_labelled_samples_are_read_as_well_as_before(scorer: ModuleType, shared: Path) -> None:
    source = shared / "corpus" / "complaints" / "labels.jsonl"
    labels = [json.loads(line) for line in source.read_text(encoding="utf-8").splitlines()]
    cases = [
        case(
            scorer.flat(label["path"]),
            scorer.wrapped(label, (source.parent / label["path"]).read_bytes()),
        )
        for label in labels
    ]
    rows, _ = scorer.score(labels, cases, "format")
    reached = {name: scorer.figures(cell) for name, cell in rows["all"].items()}
    low = [
        (name, kind, figures[kind])
        for name, figures in reached.items()
        for kind, least in LEAST.items()
        if (figures[kind] or 0) < SURE.get(name, least)
    ]
    assert len(labels) > 500
    assert low == []
