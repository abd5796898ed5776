"""Reports of failed authentication: RFC 6591, and DMARC failure reports, RFC 7489 and RFC 9991.

They say that somebody used our domain, more often from elsewhere than through our relay: what
failed, and for which of our names, is told beside who sent the mail.
"""

from collections.abc import Iterator
from dataclasses import replace

from complaints.cleantext import clean_line
from complaints.evidence.observables import Kind, Observable, Origin, distinct, observable
from complaints.formats import arf, feedback
from complaints.formats.feedback import Feedback
from complaints.formats.opened import Opened
from complaints.formats.report import Report

NAME = "arf-auth-failure"
TYPE = "auth-failure"

MAX_FINDINGS = 40

CLUES = {"dkim-domain": Kind.DOMAIN, "spf-domain": Kind.DOMAIN}
# Fields of RFC 6591, section 3, that tell what failed and what became of the mail.
FINDINGS = (
    "auth-failure", "delivery-result", "identity-alignment", "authentication-results",
    "dkim-domain", "dkim-identity", "dkim-selector", "spf-dns",
)  # fmt: skip


def recognises(opened: Opened) -> bool:
    """Whether the mail, or one attached to it, is a feedback report of this type."""
    return bool(opened.feedback) and opened.feedback[0].feedback_type == TYPE


def read(opened: Opened) -> Report:
    """Return what the report says, with each finding as a note."""
    reports = arf.stated(opened)
    found = arf.report_of(opened, reports, NAME)
    clues = [clue for said in reports for clue in _stated(said)]
    findings = [finding for said in reports for finding in _findings(said)]
    return replace(
        found,
        observables=distinct([*clues, *found.observables]),
        notes=(*findings[:MAX_FINDINGS], *found.notes),
    )


def _stated(said: Feedback) -> Iterator[Observable | None]:
    for name, kind in CLUES.items():
        for value in said.all(name):
            where = f"feedback report, {feedback.written(name)}"
            yield observable(kind, value, where=where, origin=Origin.REPORTED)


def _findings(said: Feedback) -> Iterator[str]:
    for name in FINDINGS:
        for value in said.all(name)[:5]:
            yield clean_line(f"{feedback.written(name)}: {value}", 500)
