"""SMTP TLS reports: how many sessions with our servers were encrypted, and why others were not.

Source: RFC 8460. Statistics about our own servers, set aside: they accuse nobody.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import accumulate

from complaints.cleantext import clean_line
from complaints.evidence.dates import mail_date
from complaints.evidence.observables import Kind, Observable, Origin, observable
from complaints.formats import enclosed
from complaints.formats.opened import Opened, report, set_aside
from complaints.formats.report import Report

NAME = "tls-rpt"
REPORT_TYPE = "tlsrpt"
TYPES = ("application/tlsrpt+json", "application/tlsrpt+gzip")
MAX_JSON_BYTES = 4 * 1024 * 1024
MAX_POLICIES = 100
MAX_FAILURES = 200

_FILE_NAME = re.compile(
    r"^[^!\s]{1,255}![^!\s]{1,255}!\S{1,255}\.(?:json|json\.gz)$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Failure:
    """Sessions that failed for one reason; the addresses as the report states them."""

    result: str
    sessions: int
    sending_ip: str
    receiving_host: str
    receiving_ip: str
    reason: str


@dataclass(frozen=True, slots=True)
class Policy:
    """What was seen under one policy of one domain."""

    kind: str
    domain: str
    successful: int
    failed: int
    failures: tuple[Failure, ...]


@dataclass(frozen=True, slots=True)
class TlsReport:
    """One report."""

    reporter: str
    report_id: str
    begin: datetime | None
    end: datetime | None
    policies: tuple[Policy, ...]


def recognises(opened: Opened) -> bool:
    """Whether the mail is such a report by its type or head, or carries one."""
    mail = opened.mail
    return (
        mail.report_type == REPORT_TYPE
        or bool(mail.head.first("tls-report-domain") or mail.head.first("tls-report-submitter"))
        or any(part.content_type in TYPES or _FILE_NAME.match(part.name) for part in mail.parts)
        or enclosed.has_file_like(mail, _is_tls_report)
    )


def read(opened: Opened) -> Report:
    """Return the sums of the reports in the mail, set aside."""
    files = enclosed.files_like(opened.mail, _is_tls_report)
    sizes = accumulate(len(one.content) for one in files)
    kept = [one for one, size in zip(files, sizes, strict=True) if size <= MAX_JSON_BYTES]
    reports = tuple(filter(None, (tls_report_of(one.content) for one in kept)))
    notes = tuple(note for one in files for note in one.notes)
    if len(kept) < len(files):
        notes = (*notes, f"{len(files)} files are too much JSON; {len(kept)} were read.")
    if not reports:
        notes = (*notes, "It calls itself a TLS report, but none in it could be read.")
    found = report(
        opened,
        NAME,
        observables=tuple(clue for one in reports for clue in _clues(one)),
        notes=notes,
        text="\n\n".join(filter(None, (opened.shown.own_text, *map(summary, reports)))),
    )
    by = ", ".join(dict.fromkeys(filter(None, (one.reporter for one in reports))))
    reason = f"An SMTP TLS report{f' of {by}' if by else ''}: statistics, which accuse nobody."
    return set_aside(replace(found, format_version="1.0" if reports else ""), reason)


def tls_report_of(content: bytes) -> TlsReport | None:
    """Return what a report says; None if it is no JSON object."""
    try:
        document = json.loads(_decoded(content))
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict):
        return None
    period = _object(document.get("date-range"))
    policies = document.get("policies")
    listed = policies if isinstance(policies, list) else []
    return TlsReport(
        reporter=_words(document.get("organization-name")),
        report_id=_words(document.get("report-id")),
        begin=mail_date(_words(period.get("start-datetime"))),
        end=mail_date(_words(period.get("end-datetime"))),
        policies=tuple(_policy(_object(one)) for one in listed[:MAX_POLICIES]),
    )


def _decoded(content: bytes) -> str:
    """JSON is UTF-8 (RFC 8259, section 8.1); some write UTF-16, and some a byte order mark."""
    is_wide = content[:2] in (b"\xff\xfe", b"\xfe\xff")
    return content.decode("utf-16" if is_wide else "utf-8-sig", "replace").lstrip()


def summary(one: TlsReport) -> str:
    """Return a report in a few lines."""
    span = f", from {one.begin:%Y-%m-%d %H:%M} UTC" if one.begin else ""
    lines = [f"SMTP TLS report {one.report_id} by {one.reporter or 'nobody'}{span}."]
    for policy in one.policies:
        lines.append(
            f"{policy.domain or 'no domain'} ({policy.kind or 'no policy'}): "
            f"{policy.successful} sessions succeeded, {policy.failed} failed."
        )
        lines += [f"    {_told(failure)}" for failure in policy.failures[:20]]
    return "\n".join(lines)


def _told(failure: Failure) -> str:
    server = failure.receiving_host or failure.receiving_ip or "a server"
    reason = f" ({failure.reason})" if failure.reason else ""
    return f"{failure.sessions} {failure.result or 'failed'} at {server}{reason}"


def _is_tls_report(beginning: bytes) -> bool:
    plain = beginning.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf \t\r\n")
    words = (b'"date-range"',), (b'"policies"', b'"policy-type"')
    return plain.startswith(b"{") and any(all(w in plain for w in group) for group in words)


def _policy(entry: dict[str, object]) -> Policy:
    policy, sums = _object(entry.get("policy")), _object(entry.get("summary"))
    details = entry.get("failure-details")
    listed = details if isinstance(details, list) else [details] if details else []
    return Policy(
        kind=_words(policy.get("policy-type")),
        domain=_words(policy.get("policy-domain")).lower(),
        successful=_number(sums.get("total-successful-session-count")),
        failed=_number(sums.get("total-failure-session-count")),
        failures=tuple(_failure(_object(one)) for one in listed[:MAX_FAILURES]),
    )


def _failure(entry: dict[str, object]) -> Failure:
    return Failure(
        result=_words(entry.get("result-type")),
        sessions=_number(entry.get("failed-session-count")),
        sending_ip=_words(entry.get("sending-mta-ip")),
        receiving_host=_words(entry.get("receiving-mx-hostname")),
        receiving_ip=_words(entry.get("receiving-ip")),
        reason=_words(entry.get("failure-reason-code") or entry.get("failure-error-code")),
    )


def _object(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _words(value: object) -> str:
    return clean_line(value, 300) if isinstance(value, str) else ""


def _number(value: object) -> int:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 13:
        return int(value)
    return value if isinstance(value, int) and 0 <= value < 10**12 else 0


def _clues(one: TlsReport) -> Iterator[Observable | None]:
    where = f"TLS report of {one.reporter or 'nobody'}"
    begin = one.begin.isoformat() if one.begin else ""
    yield observable(Kind.DATE, begin, where=f"{where}, begin", origin=Origin.REPORTED)
    for policy in one.policies:
        yield observable(Kind.DOMAIN, policy.domain, where=where, origin=Origin.REPORTED)
        for failure in policy.failures:
            told = f"{where}, {failure.sessions} {failure.result}"
            for name, address in (
                ("sender", failure.sending_ip),
                ("receiver", failure.receiving_ip),
            ):
                place = f"{told}, {name}"
                yield observable(Kind.IP, address, where=place, origin=Origin.REPORTED)
