"""Bounces and automatic answers, to be set aside. Sources: RFC 3464, RFC 3834."""

from complaints.evidence.observables import Kind, Observable, Origin, observable
from complaints.formats import automatic, wording
from complaints.formats.opened import Opened, report, set_aside
from complaints.formats.phrasehits import mentions
from complaints.formats.report import Report

BOUNCE = "bounce"
AUTO_REPLY = "auto-reply"

_DAEMONS = ("mailer-daemon", "mailerdaemon", "postmaster", "mail-daemon", "mdaemon", "mailsystem")
_DSN_TYPES = (
    "message/delivery-status",
    "message/global-delivery-status",
    "message/disposition-notification",
)


def recognises(opened: Opened) -> bool:
    """Whether a mail system reports on a mail of ours, or a program answers for a person."""
    return bool(_bounce_reason(opened) or _auto_reply_reason(opened))


def read(opened: Opened) -> Report:
    """Return the report, set aside, with the IDs of the mails that came back."""
    bounce = _bounce_reason(opened)
    found = report(
        opened,
        BOUNCE if bounce else AUTO_REPLY,
        observables=tuple(_returned_ids(opened)),
    )
    return set_aside(found, bounce or _auto_reply_reason(opened))


def _bounce_reason(opened: Opened) -> str:
    mail, headers = opened.mail, opened.headers
    if mail.report_type == "feedback-report":
        return ""
    if mail.report_type in ("delivery-status", "disposition-notification") or any(
        part.content_type in _DSN_TYPES for part in mail.parts
    ):
        return "A delivery report: multipart/report with a delivery status (RFC 3464)."
    by_daemon = (
        opened.local_part in _DAEMONS
        or headers.return_path == "<>"
        or headers.return_path.lower().startswith("mailer-daemon@")
    )
    if by_daemon and _says_in_subject(automatic.BOUNCE_SUBJECTS, opened):
        return "A delivery report: a mail system wrote it and its subject says so."
    # What stands in quotation marks is the subject of a mail that the writer complains of.
    if by_daemon and mentions(
        automatic.BOUNCE_TEXTS, wording.CITED.sub(" ", opened.shown.own_text[:3000])
    ):
        return "A delivery report: a mail system wrote it and its text says so."
    if mail.head.first("x-failed-recipients"):
        return "A delivery report: it has an X-Failed-Recipients field."
    return ""


def _auto_reply_reason(opened: Opened) -> str:
    head, headers = opened.mail.head, opened.headers
    if opened.mail.mails or opened.shown.samples or opened.mail.report_type:
        return ""
    if (
        headers.auto_submitted.startswith("auto-replied")
        or head.first("x-autoreply")
        or head.first("x-autorespond")
    ):
        return "An automatic answer: its head says so (RFC 3834)."
    if _says_in_subject(automatic.AUTO_REPLY_SUBJECTS, opened):
        return "An automatic answer: its subject says so."
    by_program = headers.auto_submitted.startswith("auto-") or headers.precedence in (
        "bulk",
        "junk",
        "auto_reply",
    )
    if by_program and mentions(automatic.TICKET, opened.said[:2000]):
        return "An automatic answer: a ticket system acknowledges a mail."
    return ""


def _says_in_subject(words: frozenset[str], opened: Opened) -> bool:
    """Whether the subject has one of the phrases: all that is said is looked through anyway."""
    return mentions(words, opened.said) and mentions(words, opened.headers.subject)


def _returned_ids(opened: Opened) -> list[Observable | None]:
    """The Message-IDs by which the returned mail can be found."""
    found = [(one.message_id, one.where) for one in opened.attached]
    found.append((opened.headers.in_reply_to, "In-Reply-To"))
    return [
        observable(Kind.MESSAGE_ID, value, where=where, origin=Origin.INFERRED)
        for value, where in found
    ]
