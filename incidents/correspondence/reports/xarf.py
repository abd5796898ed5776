"""PURE: XARF 4, one JSON report about mail from one source. Source: the schemas of xarf.org, v4.

Mail by SMTP has to name the source's port there. Where the log has none, the protocol is given as
`other` and the description says so: no port is made up.
"""

import base64
import hashlib
import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from complaints.cleantext import clean_line
from incidents.correspondence.reports.evidence import Evidence, counted

VERSION = "4.0.0"
MOST_EVIDENCE_BYTES = 1024 * 1024


def report(evidence: Evidence) -> str:
    """The report as JSON; its ID is always the same for the same evidence."""
    return json.dumps(document(evidence), ensure_ascii=True, indent=2)


def document(evidence: Evidence) -> dict[str, Any]:
    """The report as it is written."""
    us = {
        "org": clean_line(evidence.organisation, 200),
        "contact": evidence.contact,
        "domain": evidence.domain,
    }
    source = evidence.sources[0]
    by_smtp = evidence.port is not None and "@" in evidence.sender
    found: dict[str, Any] = {
        "xarf_version": VERSION,
        "report_id": _uuid(evidence),
        "timestamp": _when(evidence.first_at),
        "reporter": us,
        "sender": us,
        "source_identifier": source.address,
        "category": "messaging",
        "type": "spam",
        "evidence_source": "user_complaint" if evidence.headers else "automated_filter",
        "protocol": "smtp" if by_smtp else "other",
        "description": _description(evidence, source.count, by_smtp=by_smtp),
        "evidence": [_log(evidence)],
    }
    if evidence.recipients:
        found["recipient_count"] = evidence.recipients
    if evidence.port is not None:
        found["source_port"] = evidence.port
    if "@" in evidence.sender:
        found["smtp_from"] = evidence.sender
    if evidence.subject:
        found["subject"] = clean_line(evidence.subject, 500)
    if evidence.message_id:
        found["message_id"] = clean_line(f"<{evidence.message_id}>", 200)
    return found


def _description(evidence: Evidence, count: int, *, by_smtp: bool) -> str:
    words = (
        f"{evidence.host or evidence.domain} was handed {counted(count, 'message')} between "
        f"{_when(evidence.first_at)} and {_when(evidence.last_at)}. Reference {evidence.incident}."
    )
    if not by_smtp:
        words += " They came by SMTP; our log does not have the port of the source."
    return clean_line(words, 1000)


def _log(evidence: Evidence) -> dict[str, Any]:
    content = evidence.log.encode()[:MOST_EVIDENCE_BYTES]
    return {
        "content_type": "text/plain",
        "description": f"Mail log, times UTC{evidence.utc_offset}; addresses as RFC 6590 tokens",
        "payload": base64.b64encode(content).decode(),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "size": len(content),
    }


def _uuid(evidence: Evidence) -> str:
    """A UUID of version 4's form, from what is reported."""
    words = f"{evidence.domain} {evidence.incident} {evidence.sources[0].address} {evidence.log}"
    return str(UUID(bytes=hashlib.sha256(words.encode()).digest()[:16], version=4))


def _when(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
