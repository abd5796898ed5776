"""Mail that is no complaint: notices of programs, newsletters, advertising."""

import re

from complaints.evidence import text
from complaints.formats import phrases
from complaints.formats.opened import Opened, report, set_aside
from complaints.formats.phrasehits import mentions
from complaints.formats.report import Report

NAME = "other"

_CRON_SUBJECT = re.compile(r"^(?:cron <|anacron job|logwatch for|\[cron\])", re.IGNORECASE)
_MACHINE_ACCOUNTS = ("root", "cron", "daemon", "logwatch", "nobody", "operator")


def recognises(opened: Opened) -> bool:
    """Whether the head or the files show that no person and no reporter wrote this to complain."""
    return bool(_reason(opened))


def read(opened: Opened) -> Report:
    """Return the report, set aside with the reason."""
    return not_a_complaint(opened, _reason(opened))


def not_a_complaint(opened: Opened, reason: str) -> Report:
    """Return the report of a mail that complains of nothing."""
    return set_aside(report(opened, NAME), reason)


def _reason(opened: Opened) -> str:
    headers, head = opened.headers, opened.mail.head
    if _CRON_SUBJECT.match(headers.subject) or (
        opened.local_part in _MACHINE_ACCOUNTS
        and not opened.shown.samples
        and not opened.mail.mails
    ):
        return "A notice of a program on a machine: its sender or subject says so."
    if head.first("list-unsubscribe") and not (
        opened.mail.mails
        or opened.shown.samples
        or text.ips(opened.text)
        or mentions(phrases.DEMAND, opened.said)
    ):
        return (
            "A newsletter: it has a List-Unsubscribe field, names no address and demands nothing."
        )
    return ""
