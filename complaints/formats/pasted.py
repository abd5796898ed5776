"""Header or Received lines pasted into prose, followed perhaps by the text of the mail."""

from complaints.formats import prose
from complaints.formats.opened import Opened, report
from complaints.formats.report import Report

NAME = "pasted-headers"


def recognises(opened: Opened) -> bool:
    """Whether the text shows header lines of another mail."""
    return bool(opened.shown.samples)


def read(opened: Opened) -> Report:
    """Return the report with one original for each header section in the text."""
    stated = tuple(one for one in prose.observables_of(opened) if one is not None)
    return report(opened, NAME, originals=opened.in_text, observables=stated)
