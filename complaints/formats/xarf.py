"""X-ARF, all its versions, in all its wrappings: one mail with one or several reports.

Sources: X-ARF 0.2, XARF 3 and XARF 4 (github.com/xarf). What a document means is told in
`xarfplain` (0.1, 0.2) and `xarfjson` (3, 4); here it is found, and made a Report.
"""

import binascii
import re
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

from complaints.cleantext import clean_line
from complaints.evidence.dates import stated_time
from complaints.evidence.observables import Kind, normal_value
from complaints.evidence.text import ips, links
from complaints.formats import event, feedback, jsontext, unpack, xarfjson, xarfplain
from complaints.formats.event import Event
from complaints.formats.opened import Opened
from complaints.formats.parts import Mail, Part
from complaints.formats.report import Report, UnreadableReport
from complaints.formats.xarfjson import XarfReport

NAME = "xarf"
MAX_REPORTS = 100
MAX_MAILS = 20
HUMAN_TEXT_CHARS = 64 * 1024

_MARK = re.compile(rb'"(?:xarf[_-]?version|report[_-]?type)"', re.IGNORECASE)
_READ_TYPES = ("application/json", "application/octet-stream", "message/feedback-report")
_PACKED_BASE64 = re.compile(rb"[A-Za-z0-9+/=\s]{40,}")
_NAMED_ADDRESS = re.compile(
    r"(?:\bIP(?:[- ]?addres\w{0,5})?(?: is|:)?|\S {1,2}(?=\[)|\bhosted (?:at|on))\s{0,2}\[?"
    r"((?:\d{1,3}\.){3}\d{1,3}|[0-9A-Fa-f]{1,4}:[0-9A-Fa-f:]{2,40})",
    re.IGNORECASE,
)
_MASK_IN_ADDRESS = re.compile(r"\b(?:\d{1,3}\.){2,3}x{1,3}\b", re.IGNORECASE)


def recognises(opened: Opened) -> bool:
    """Whether a part, an attached mail or the text holds a report of X-ARF."""
    return next(_found(opened), None) is not None


def read(opened: Opened) -> Report:
    """Return the report: one original for each document, completed by the mail around it.

    raises   UnreadableReport if a document names neither a type nor anybody
    """
    found = list(_distinct(_found(opened)))[:MAX_REPORTS]
    events = [each.event for each in found]
    if not any(each.type_name or _accuses(each.event) for each in found):
        raise UnreadableReport("The X-ARF report names no type and no source.")
    if len(events) == 1:
        events = [_completed(events[0], opened)]
    first = found[0]
    said = event.report_of(opened, NAME, events, notes=tuple(_notes(events, opened)))
    return replace(
        said,
        feedback_type=clean_line(first.type_name, 50),
        format_version=clean_line(first.version, 30),
        category=first.category,
        reporter_kind="person" if first.reporter_is_person else said.reporter_kind,
    )


def _found(opened: Opened) -> Iterator[XarfReport]:
    """Yield the reports of the mail, JSON before the older form, the outer mail before inner."""
    if opened.mail.report_type in ("delivery-status", "disposition-notification"):
        return
    # What a feedback report or a bounce copies is what is complained about, not the complaint.
    is_report = opened.mail.report_type == "feedback-report"
    mails = [opened.mail] if is_report else list(feedback.all_mails(opened.mail))[:MAX_MAILS]
    in_json = False
    for mail in mails:
        for one in _in_json(mail):
            in_json = True
            yield one
    for mail in mails if not in_json else ():
        yield from _in_yaml(mail)


def _in_json(mail: Mail) -> Iterator[XarfReport]:
    for number, part in enumerate(mail.parts, start=1):
        if part.mail is None and (source := _json_source(part)):
            where = f"XARF report {part.name}".strip() if part.name else f"XARF in part {number}"
            for document in _documents(source):
                if xarfjson.is_xarf(document):
                    yield xarfjson.read(document, clean_line(where, 100))


def _documents(source: str) -> Iterator[dict[str, object]]:
    """The JSON of a part: all of it, what stands in its text, or the fields of a broken one."""
    found = [*jsontext.documents(source)] or [*jsontext.passages(source)]
    yield from found or [jsontext.fields(source)]


def _json_source(part: Part) -> str:
    """The text of a part that may hold XARF; decoded once more where a gateway encoded it."""
    kind, content = part.content_type, part.content
    is_named = part.name.lower().endswith((".json", ".json.gz", ".zip"))
    if not (kind.startswith("text/") or kind in _READ_TYPES or "json" in kind or is_named):
        return ""
    if is_named and unpack.is_packed(content):
        content = next(iter(unpack.unpack(content, part.name))).content
    elif content[:2] in (b"ey", b"ew") and _PACKED_BASE64.match(content):
        content = _from_base64(content)
    if b'"' not in content or not _MARK.search(content):
        return ""
    return part.text if content is part.content else content.decode("utf-8", "replace")


def _from_base64(content: bytes) -> bytes:
    try:
        return binascii.a2b_base64(content)
    except (binascii.Error, ValueError):
        return content


def _in_yaml(mail: Mail) -> Iterator[XarfReport]:
    copies = mail.mails
    for part in mail.parts:
        if part.mail is not None or not _may_be_yaml(part):
            continue
        where = clean_line(f"X-ARF report {part.name}".strip(), 100)
        for fields in xarfplain.reports(part.text):
            yield _of_fields(fields, where, copies)


def _may_be_yaml(part: Part) -> bool:
    is_text = part.content_type.startswith("text/") or "yaml" in part.content_type
    is_named = part.name.lower().endswith((".txt", ".yaml", ".yml"))
    return (is_text or is_named) and b"eport" in part.content


def _of_fields(fields: xarfplain.Fields, where: str, copies: tuple[Mail, ...]) -> XarfReport:
    named = xarfjson.identified(fields.get("source", ""))
    links_ = (fields.get(name, "") for name in ("download-link", "url", "uri", "reported-uri"))
    address = named.source_ip or fields.get("source-ip", "") or fields.get("ip", "")
    said = Event(
        where=where,
        source_ip=address,
        at=stated_time(fields.get("date", "")),
        urls=tuple(dict.fromkeys(filter(None, (*named.urls, *links_)))),
        domains=tuple(dict.fromkeys(filter(None, (*named.domains, fields.get("domain", ""))))),
        asn=fields.get("asn", ""),
        record="\n".join(f"{name}: {value[:500]}" for name, value in fields.items()),
        copy=event.copy_of(copies[0]) if copies else None,
    )
    kind, service = fields.get("report-type", ""), fields.get("service", "")
    category = xarfjson.category_of(kind, fields.get("category", ""), service)
    version = fields.get("version", "0.2")
    return XarfReport(version, kind, category, False, said)


def _distinct(found: Iterator[XarfReport]) -> Iterator[XarfReport]:
    """Leave out what is there twice: in the text and attached, in a mail and in its forward."""
    seen = set()
    for each in found:
        said = each.event
        key = (each.type_name.lower(), said.source_ip, said.at, said.urls, said.domains)
        if key not in seen:
            seen.add(key)
            yield each


def _accuses(said: Event) -> bool:
    return bool(said.source_ip or said.urls or said.domains or said.copy)


def _completed(said: Event, opened: Opened) -> Event:
    """The event with what only the text around it says: more links of that site, its address."""
    words = opened.text[:HUMAN_TEXT_CHARS]
    hosts = {_host(url) for url in said.urls} | {one.lower() for one in said.domains}
    hosts.discard("")
    further = [url for url in links(words) if _host(url) in hosts]
    known = dict.fromkeys(normal_value(Kind.URL, url) for url in (*said.urls, *further))
    address = said.source_ip or (_address_in(words) if said.urls or said.domains else "")
    copy = said.copy
    if copy is None and (inner := opened.mail.mails):
        copy = event.copy_of(inner[0])
    return replace(said, urls=tuple(known), source_ip=address, copy=copy)


def _address_in(words: str) -> str:
    """The address of the site that the text names: the only one called so, or the only one."""
    called = ips("\n".join(hit.group(1) for hit in _NAMED_ADDRESS.finditer(words)))
    if len(called) == 1:
        return called[0]
    named = ips(words)
    return named[0] if len(named) == 1 and not _MASK_IN_ADDRESS.search(words) else ""


def _host(url: str) -> str:
    try:
        return (urlsplit(url if "://" in url else f"//{url}").hostname or "").lower()
    except ValueError:
        return ""


def _notes(events: list[Event], opened: Opened) -> Iterator[str]:
    """What the mail around the report says otherwise."""
    named = ips(opened.headers.subject)
    stated = {normal_value(Kind.IP, one.source_ip) for one in events} - {""}
    if named and stated and not stated & set(named):
        yield f"The subject names {named[0]}; the report names {', '.join(sorted(stated)[:5])}."
