"""Copyright notices with XML of the Automated Copyright Notice System, ACNS 1 and 2.

Source: the ACNS schema 1.2 (acns.net). The XML stands in the text, between marks or not, signed
or quoted, or is attached, or both; one mail may hold many. Read by element names, well-formed or
not.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from complaints.cleantext import clean_line
from complaints.evidence.dates import stated_time
from complaints.evidence.observables import normal_ip
from complaints.formats import elements, enclosed, event
from complaints.formats.elements import Element
from complaints.formats.event import Event
from complaints.formats.opened import Opened
from complaints.formats.report import Report, UnreadableReport

NAME = "acns"
MAX_NOTICES = 500
MAX_NOTICE_BYTES = 1024 * 1024

_START = re.compile(rb"<(?:[\w.-]{1,40}:)?infringement(?=[\s>])", re.IGNORECASE)
_START_IN_TEXT = re.compile(_START.pattern.decode(), re.IGNORECASE | re.ASCII)
_END = re.compile(rb"</(?:[\w.-]{1,40}:)?infringement\s{0,9}>", re.IGNORECASE)
_VERSION = re.compile(rb"acns[^\s\"'>]{0,60}?v(\d{1,2}[._]\d{1,2})", re.IGNORECASE)
_DASHED_CLOCK = re.compile(r"T(\d\d)-(\d\d)-(\d\d)(?=\D|$)")
_NO_LINK = ("incoming", "dht", "n/a", "none", "unknown")


def recognises(opened: Opened) -> bool:
    """Whether the text or a file holds such XML."""
    if opened.mail.report_type:
        return False
    return _START_IN_TEXT.search(opened.text) is not None or enclosed.has_file_like(
        opened.mail, _is_in
    )


def read(opened: Opened) -> Report:
    """Return the report: one original for each case.

    raises   UnreadableReport if no notice names an address, a link or a title
    """
    found: dict[str, tuple[Event, ...]] = {}
    notes: dict[str, None] = {}
    version, kind = "", ""
    for source in _sources(opened):
        root, note = elements.parse(source)
        if note:
            notes[clean_line(note, 200)] = None
        case = root.first("case").said("id", "refid")
        events = tuple(_events(root, f"notice {case}".strip()))
        key = case or repr([(one.source_ip, one.at, one.urls) for one in events])
        found.setdefault(key, events)
        hit = _VERSION.search(source[:2000])
        version = version or (hit.group(1).decode("ascii").replace("_", ".") if hit else "")
        kind = kind or root.first("source").said("type")
    events_ = [one for events in found.values() for one in events]
    if not any(one.source_ip or one.urls or one.record for one in events_):
        raise UnreadableReport("The copyright notice names no address, no link and no work.")
    report = event.report_of(opened, NAME, events_, notes=tuple(notes)[:20])
    return replace(
        report,
        category="copyright",
        reporter_kind="rights-holder",
        format_version=version,
        feedback_type=clean_line(kind, 50),
    )


def _is_in(content: bytes) -> bool:
    return bool(_START.search(content))


def _sources(opened: Opened) -> Iterator[bytes]:
    """Yield the source of each notice, the attached ones first: gateways do not wrap those."""
    contents = [file.content for file in enclosed.files_like(opened.mail, _is_in)]
    contents.append(opened.text.encode("utf-8", "replace"))
    count = 0
    for content in contents:
        starts = [hit.start() for hit in _START.finditer(content)]
        for start, limit in pairwise([*starts, len(content)]):
            count += 1
            if count > MAX_NOTICES:
                return
            piece = content[start : min(limit, start + MAX_NOTICE_BYTES)]
            end = _END.search(piece)
            yield piece[: end.end()] if end else piece


def _events(root: Element, where: str) -> Iterator[Event]:
    """Yield an event for each source of a notice; one for all where none is named."""
    for source in list(root.all("source")) or [root]:
        yield _event(root, source, where)


def _event(root: Element, source: Element, where: str) -> Event:
    content = root.first("content")
    item = content.first("item")
    link = source.said("url", "uri")
    host = source.said("dns_name", "domain")
    time = _DASHED_CLOCK.sub(r"T\1:\2:\3 ", source.said("timestamp") or item.said("timestamp"))
    return Event(
        where=clean_line(where, 100),
        source_ip=normal_ip(source.said("ip_address", "ipaddress", "ip")),
        at=stated_time(time),
        urls=(link,) if "://" in link and link.lower() not in _NO_LINK else (),
        domains=(host,) if "." in host else (),
        record="\n".join(_lines(root, source, content)),
        file_hash=item.said("hash"),
    )


def _lines(root: Element, source: Element, content: Element) -> Iterator[str]:
    """What a person wants to see of a notice: whose right, which file, which port."""
    for label, value in (
        ("Rights holder", root.first("complainant").said("entity")),
        ("Port", source.said("port")),
        ("Protocol", source.said("type")),
        ("Account", source.said("username", "login")),
        ("Time", source.said("timestamp")),
    ):
        if value:
            yield f"{label}: {clean_line(value, 300)}"
    for number, item in enumerate(content.all("item")):
        if number >= 20:
            return
        names = (item.said(name) for name in ("title", "filename", "hash"))
        yield "Work: " + ", ".join(clean_line(name, 300) for name in names if name)
