"""A person or program forwards the original: as an attachment, or in the text of the mail."""

from complaints.formats import prose
from complaints.formats.opened import Opened, report
from complaints.formats.report import Report

ATTACHED = "attached"
INLINE = "inline"


def recognises(opened: Opened) -> bool:
    """Whether a mail is attached, or shown in the text as a mail program forwards it."""
    return bool(opened.mail.mails) or _is_inline(opened)


def read(opened: Opened) -> Report:
    """Return the report with one original for each mail attached or shown."""
    stated = tuple(prose.observables_of(opened)) if not opened.shown.samples else ()
    if opened.mail.mails:
        return report(opened, ATTACHED, originals=opened.attached, observables=stated)
    return report(opened, INLINE, originals=opened.in_text, observables=stated)


def _is_inline(opened: Opened) -> bool:
    """Quoted with marks, below a separator, in a box of labels or in HTML: by a program."""
    samples = opened.shown.samples
    is_html = bool(opened.mail.html_sources) and opened.mail.first_part("text/plain") is None
    return any(sample.is_quoted or sample.is_forwarded or is_html for sample in samples)
