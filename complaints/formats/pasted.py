"""Header or Received lines pasted into prose, followed perhaps by the text of the mail."""

from complaints.formats import prose, topics
from complaints.formats.opened import Opened, report
from complaints.formats.phrasehits import mentions
from complaints.formats.report import Report

NAME = "pasted-headers"
ABOUT_A_HOST = "plain"

_RELAYS = topics.RELAY - topics.RELAYED


def recognises(opened: Opened) -> bool:
    """Whether the text shows header lines of another mail."""
    return bool(opened.shown.samples)


def read(opened: Opened) -> Report:
    """Return the report with one original for each header section in the text."""
    stated = tuple(one for one in prose.observables_of(opened) if one is not None)
    name = ABOUT_A_HOST if _is_relay_notice(opened) else NAME
    return report(opened, name, originals=opened.in_text, observables=stated)


def _is_relay_notice(opened: Opened) -> bool:
    """Whether a host is reported that relays for anybody, with trace lines of a test as proof."""
    return (
        all(sample.is_trace for sample in opened.shown.samples)
        and mentions(_RELAYS, opened.said)
        and not mentions(topics.SPAM_WORDS, opened.said)
    )
