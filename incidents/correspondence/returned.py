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
_FORWARD = re.compile(r"\s*(?:fwd?|wg|tr|rv|enc|i|転送)\s*[:：]", re.IGNORECASE)
# A head without any of these refers to nothing: most mail, for which nothing more is read.
_REFERS = re.compile(
    rb"^(?:In-Reply-To|References):|I-\d{4}-\d{4}|^Subject:.{0,400}=\?", re.I | re.M
)
MOST_THREAD = 50


@dataclass(frozen=True, slots=True)
class Returned:
    """A received mail that refers to letters of ours.

    headers     its own head
    tokens      genuine tokens of letters it refers to, the nearest first
    thread      the Message-IDs it refers to, the nearest first
    tags        what may be signed tags of letters in its subject; numbers: bare ones of incidents
    is_forward  its subject says that somebody passes a mail on
    is_report   a mail server wrote it, about the delivery of a letter
    has_failed  that report says, or does not deny, that the letter was not delivered
    why         what the report says of it
    """

    headers: MailHeaders
    tokens: tuple[str, ...]
    thread: tuple[str, ...]
    tags: tuple[str, ...]
    numbers: tuple[str, ...]
    is_forward: bool
    is_automatic: bool
    is_report: bool
    has_failed: bool
    why: str


def read(raw: bytes) -> Returned | None:
    """What a mail refers to; None if it refers to nothing that could be a letter of ours.

    The fields that name a thread count (In-Reply-To, References), then its subject; in a delivery
    report, which returns the letter itself, its text does. Looks at the first 256 KiB and raises
    nothing.
    """
    peeked = raw[:PEEKED_BYTES]
    mail = bounded(peeked)
    if not (_REFERS.search(mail.head) or tokens.tokens_in(peeked.decode("latin-1"))):
        return None
    head = read_head(mail.head)
    headers = headers_of(head)
    is_report = _is_report(headers, head.first("content-type").lower())
    thread = tuple(dict.fromkeys([headers.in_reply_to, *reversed(headers.references)]))
    where = " ".join(thread) + (f" {mail.body.decode('latin-1')}" if is_report else "")
    named = tuple(tokens.tokens_in(where))
    subject = headers.subject[:998]
    numbers = tuple(dict.fromkeys(tokens.NUMBER.findall(subject)))
    if not (named or any(thread) or numbers):
        return None
    actions = {action.decode("ascii").lower() for action in _ACTION.findall(mail.body)}
    return Returned(
        headers=headers if len(head.from_) == 1 else _without_sender(headers),
        tokens=named,
        thread=tuple(filter(None, thread))[:MOST_THREAD],
        tags=tuple(found.group() for found in tokens.TAG.finditer(subject)),
        numbers=numbers,
        is_forward=bool(_FORWARD.match(subject)),
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
