"""DMARC failure reports in prose: lines that say what failed, then perhaps the head of the mail.

Exim writes them so, in the manner of a bounce and without a feedback-report part (its function
dmarc_send_forensic_report). Told by the labels of the lines.
"""

import re
from dataclasses import replace

from complaints.evidence.dates import stated_time
from complaints.evidence.observables import Kind, Origin, normal_ip, observable
from complaints.formats import authfailure, mime, original
from complaints.formats.opened import Opened, report
from complaints.formats.report import Original, Report

NAME = authfailure.NAME
FINDINGS = ("spf alignment", "dkim alignment", "dmarc results", "dmarc result")
LEAST_FINDINGS = 2
LOOKED_AT_CHARS = 16 * 1024

_LINE = re.compile(
    r"^[ \t>*-]{0,9}([A-Za-z][A-Za-z ]{2,40}?)[ \t]{0,9}:[ \t]{0,9}(\S.{0,500})$", re.M
)
_MAY_TELL = re.compile(r"[Aa]lignment|ALIGNMENT|[Rr]esult|RESULT")
_RULE = re.compile(r"^-{3,80}[^\n]{0,200}$", re.M)
WHERE = "what the report says"


def recognises(opened: Opened) -> bool:
    """Whether lines of the text tell how SPF and DKIM aligned, in a mail that is no answer."""
    if opened.headers.in_reply_to or opened.mail.mails or not _MAY_TELL.search(opened.text):
        return False
    facts = _facts(opened.text)
    return sum(name in facts for name in FINDINGS) >= LEAST_FINDINGS


def read(opened: Opened) -> Report:
    """Return what the lines say, with the mail whose head they show."""
    facts = _facts(opened.text)
    shown = _copy(opened.text) or Original(where=WHERE)
    when = stated_time(facts.get("received date", ""))
    source_ip = normal_ip(facts.get("sender ip address", "") or facts.get("source ip", ""))
    domain = facts.get("sender domain", "") or facts.get("domain", "")
    shown = replace(
        shown,
        source_ip=source_ip or shown.source_ip,
        arrived_at=when.at if when else shown.arrived_at,
        zone_stated=when.zone_stated if when else shown.zone_stated,
    )
    at = when.at.isoformat() if when else ""
    found = report(
        opened,
        NAME,
        originals=(shown,),
        observables=tuple(
            observable(kind, value, where=WHERE, origin=Origin.REPORTED)
            for kind, value in ((Kind.IP, source_ip), (Kind.DOMAIN, domain), (Kind.DATE, at))
        ),
        notes=tuple(f"{name}: {facts[name]}" for name in FINDINGS if name in facts),
    )
    return replace(found, feedback_type=authfailure.TYPE, reporter_kind="provider")


def _facts(text: str) -> dict[str, str]:
    """The labelled lines by their label in lower case; the first of each."""
    found: dict[str, str] = {}
    for hit in _LINE.finditer(text[:LOOKED_AT_CHARS]):
        found.setdefault(hit.group(1).lower(), hit.group(2).strip())
    return found


def _copy(text: str) -> Original | None:
    """The mail whose source or head stands behind a ruled line."""
    for rule in _RULE.finditer(text[:LOOKED_AT_CHARS]):
        source = text[rule.end() :].lstrip().encode("utf-8", "replace")
        if mime.looks_like_mail(source):
            return original.of_mail(mime.read(source), "message 1 in the text")
    return None
