"""A received mail as a sample for the tests: masked, and with what is read in it now."""

import json
from dataclasses import dataclass
from typing import Any

from complaints import rawstore
from complaints.formats.report import Report, UnreadableReport
from complaints.masking import masked
from complaints.models import Complaint
from complaints.reading import pool

_SAID_OF_AN_ORIGINAL = (
    "message_id", "subject", "envelope_from", "recipient", "source_ip", "queue_id", "urls",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sample:
    """A masked mail and its reading.

    mail      the bytes of the sample, as `masking.masked` makes them
    expected  what the readers say of it now, as JSON of the form that tests/data has: to be
              put right by hand where the mail is misread
    problem   why it cannot be read, for a sample of a mail that waits in quarantine
    """

    mail: bytes
    expected: str
    problem: str = ""


def sample_of(complaint: Complaint) -> Sample:
    """Return the mail of a complaint as a sample; changes nothing.

    raises   rawstore.RawMessageMissing
    """
    mail = masked(rawstore.read(complaint.raw_sha256))
    try:
        report = pool.read(mail)
    except (pool.ReadingFailed, UnreadableReport) as failure:
        return Sample(mail, _as_json({"format": ""}), str(failure))
    return Sample(mail, _as_json(_said(report)))


def _said(report: Report) -> dict[str, Any]:
    return {
        "format": report.format,
        "feedback_type": report.feedback_type,
        "format_version": report.format_version,
        "category": report.category,
        "language": report.language,
        "is_complaint": report.is_complaint,
        "reporter_kind": report.reporter_kind,
        "threatens_block": report.threatens_block,
        "originals": [
            {name: getattr(one, name) for name in _SAID_OF_AN_ORIGINAL} for one in report.originals
        ],
        "observables": [[one.kind, one.value, one.origin] for one in report.observables],
    }


def _as_json(said: dict[str, Any]) -> str:
    return json.dumps(said, ensure_ascii=False, indent=1) + "\n"
