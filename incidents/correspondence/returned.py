"""What came back on a letter, told by its header section: an answer, a machine's, a bounce.

Source: RFC 3834 for automatic replies, RFC 3464 for delivery reports.
"""

import re
from dataclasses import dataclass

from complaints.formats.bounds import bounded
from complaints.formats.head import read_head
from complaints.formats.opened import headers_of
from complaints.formats.report import MailHeaders
from incidents.correspondence import tokens

PEEKED_BYTES = 256 * 1024
_ACTION = re.compile(rb"^Action:[ \t]*([a-z]{1,20})", re.IGNORECASE | re.MULTILINE)
_WHY = re.compile(rb"^(?:Diagnostic-Code|Status):[ \t]*([^\r\n]{1,300})", re.I | re.M)
_FINAL = ("failed",)


@dataclass(frozen=True, slots=True)
class Returned:
    """A received mail that refers to letters of ours.

    headers     its own head
    tokens      genuine tokens of letters it refers to, the nearest first
    is_report   a mail server wrote it, about the delivery of a letter
    has_failed  that report says, or does not deny, that the letter was not delivered
    why         what the report says of it
    """

    headers: MailHeaders
    tokens: tuple[str, ...]
    is_automatic: bool
    is_report: bool
    has_failed: bool
    why: str


def read(raw: bytes) -> Returned | None:
    """What a mail refers to; None if it refers to no letter of ours.

    Only fields that name a thread count (In-Reply-To, References); in a delivery report, which
    returns the letter itself, its text does. Looks at the first 256 KiB and raises nothing.
    """
    peeked = raw[:PEEKED_BYTES]
    if not tokens.tokens_in(peeked.decode("latin-1")):
        return None
    mail = bounded(peeked)
    head = read_head(mail.head)
    headers = headers_of(head)
    content_type = head.first("content-type").lower()
    is_report = _is_report(headers, content_type)
    thread = " ".join([headers.in_reply_to, *reversed(headers.references)])
    where = f"{thread} {mail.body.decode('latin-1')}" if is_report else thread
    named = tuple(tokens.tokens_in(where))
    if not named:
        return None
    actions = {action.decode("ascii").lower() for action in _ACTION.findall(mail.body)}
    return Returned(
        headers=headers if len(head.from_) == 1 else _without_sender(headers),
        tokens=named,
        is_automatic=_is_automatic(headers),
        is_report=is_report,
        has_failed=is_report and (not actions or not actions.isdisjoint(_FINAL)),
        why=" ".join(line.decode("ascii", "replace") for line in _WHY.findall(mail.body)[:2]),
    )


def _is_report(headers: MailHeaders, content_type: str) -> bool:
    if content_type.startswith("multipart/report"):
        return "delivery-status" in content_type
    local = headers.from_address.partition("@")[0].lower()
    return local == "mailer-daemon" or (headers.return_path == "<>" and local == "postmaster")


def _is_automatic(headers: MailHeaders) -> bool:
    said = headers.auto_submitted.strip().lower()
    return (
        said not in ("", "no")
        or headers.return_path == "<>"
        or headers.precedence.strip().lower() in ("auto_reply", "bulk", "junk", "list")
    )


def _without_sender(headers: MailHeaders) -> MailHeaders:
    """A mail that claims several writers, or none, comes from nobody we wrote to."""
    return MailHeaders(
        message_id=headers.message_id,
        subject=headers.subject,
        in_reply_to=headers.in_reply_to,
        references=headers.references,
        return_path=headers.return_path,
        date=headers.date,
    )
