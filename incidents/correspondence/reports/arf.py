"""PURE: a feedback report about the mail of one source, as a part of a mail. Source: RFC 5965."""

from datetime import datetime
from email.utils import format_datetime

from incidents.correspondence.reports.evidence import Evidence, counted

CONTENT_TYPE = 'multipart/report; report-type=feedback-report; boundary="{boundary}"'


def content_type(evidence: Evidence) -> str:
    """The type of the part, with the boundary between its three parts."""
    return CONTENT_TYPE.format(boundary=_boundary(evidence))


def report(evidence: Evidence) -> str:
    """The three parts: a text for people, the report, and the head of the reported mail.

    Lines end in CR LF. It is 7-bit: what is not ASCII is shown as `?`.
    """
    boundary = _boundary(evidence)
    parts = [
        ("text/plain; charset=us-ascii", _text(evidence)),
        ("message/feedback-report", _fields(evidence)),
        ("text/rfc822-headers", _head(evidence)),
    ]
    lines = [
        line
        for kind, content in parts
        for line in (f"--{boundary}", f"Content-Type: {kind}", "", *content.split("\n"), "")
    ]
    text = "\r\n".join([*lines, f"--{boundary}--", ""])
    return text.encode("ascii", "replace").decode("ascii")


def _boundary(evidence: Evidence) -> str:
    return f"report-{evidence.incident}-{evidence.sources[0].address.replace(':', '_')}"


def _text(evidence: Evidence) -> str:
    source = evidence.sources[0]
    return (
        f"This is a report about mail that {source.address} handed to the mail server\n"
        f"{evidence.host or evidence.domain} between {_when(evidence.first_at)} and\n"
        f"{_when(evidence.last_at)}: {counted(source.count, 'message')}. Our reference is\n"
        f"{evidence.incident}. Addresses of third persons are replaced by tokens (RFC 6590)."
    )


def _fields(evidence: Evidence) -> str:
    source = evidence.sources[0]
    fields = [
        ("Feedback-Type", "abuse"),
        ("User-Agent", "Meyasu/1"),
        ("Version", "1"),
        ("Original-Mail-From", f"<{evidence.sender}>"),
        ("Arrival-Date", _when(evidence.first_at)),
        ("Reporting-MTA", f"dns; {evidence.host}" if evidence.host else ""),
        ("Source-IP", source.address),
        ("Source-Port", str(evidence.port or "")),
        ("Incidents", str(source.count)),
    ]
    return "\n".join(f"{name}: {_plain(value)}" for name, value in fields if value)


def _head(evidence: Evidence) -> str:
    """The head as a reporter showed it, else what the log knows of it."""
    known = [("Message-ID", f"<{evidence.message_id}>" if evidence.message_id else "")]
    fields = evidence.headers or [*known, ("Subject", evidence.subject)]
    return "\n".join(f"{name}: {_plain(value)}" for name, value in fields if value)


def _plain(value: str) -> str:
    """One line, without anything that could begin another field or part."""
    return " ".join(value.split())[:900]


def _when(at: datetime) -> str:
    return format_datetime(at)
