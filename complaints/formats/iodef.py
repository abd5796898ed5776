"""IODEF documents: incidents as response teams hand them to each other, one or several in a mail.

Sources: RFC 5070 (version 1) and RFC 7970 (version 2). Blamed is what a document calls a source or
an intermediate; targets and sensors are listed as seen.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from complaints.cleantext import clean_line
from complaints.evidence.dates import StatedTime, stated_time
from complaints.evidence.observables import Kind, Observable, Origin, normal_ip, observable
from complaints.formats import charset, elements, enclosed, mime, original
from complaints.formats.elements import Element
from complaints.formats.opened import Opened, report
from complaints.formats.report import Original, Report, UnreadableReport

NAME = "iodef"
ROOT = "iodef-document"
MAX_INCIDENTS = 200
MAX_CLUES = 300

BLAMED = ("source", "intermediate")
# Impact/@type of RFC 5070 and SystemImpact/@type of RFC 7970, as far as they say what was done.
CATEGORIES = {
    "recon": "port-scan", "social-engineering": "phishing", "takeover-account": "login-attack",
}  # fmt: skip
ADDRESS_KINDS = {
    "ipv4-addr": Kind.IP, "ipv6-addr": Kind.IP, "asn": Kind.ASN, "e-mail": Kind.HEADER_FROM,
    "url": Kind.URL, "site-uri": Kind.URL,
}  # fmt: skip

_TIMES = ("detecttime", "starttime", "endtime", "reporttime", "generationtime")
_TAG = re.compile(rb"<(?:[a-z0-9_.-]{1,40}:)?iodef-document[\s>/]")


def recognises(opened: Opened) -> bool:
    """Whether the mail carries an IODEF document, as a file or in its text."""
    return enclosed.has_file_like(opened.mail, _is_iodef)


def read(opened: Opened) -> Report:
    """Return the incidents of the documents, one reported mail or event each.

    raises   UnreadableReport if no document has an incident
    """
    incidents: list[Element] = []
    notes: list[str] = []
    version = ""
    files = enclosed.files_like(opened.mail, _is_iodef)
    roots = elements.parse_all(elements.document_in(file.content, ROOT) for file in files)
    for file, (root, note) in zip(files, roots, strict=True):
        incidents += root.outermost("incident")
        notes += [*file.notes, note]
        version = version or root.attributes.get("version", "")
    incidents = _each_once(incidents)
    if not incidents:
        raise UnreadableReport(
            "The IODEF document has no Incident element (RFC 7970, section 3.2)."
        )
    if len(incidents) > MAX_INCIDENTS:
        notes.append(f"It has {len(incidents)} incidents; {MAX_INCIDENTS} were read.")
    kept = incidents[:MAX_INCIDENTS]
    found = report(
        opened,
        NAME,
        originals=tuple(map(_original, kept)),
        observables=tuple(clue for incident in kept for clue in _clues(incident)),
        notes=tuple(filter(None, notes)),
        text="\n\n".join(filter(None, (_own_text(opened), *map(_told, kept)))),
    )
    return replace(
        found,
        format_version=clean_line(version, 30),
        feedback_type=clean_line(kept[0].attributes.get("purpose", ""), 50),
        category=_category(kept),
        reporter_kind="csirt",
    )


def _is_iodef(beginning: bytes) -> bool:
    return bool(_TAG.search(beginning.replace(b"\0", b"").lower()))


def _each_once(incidents: list[Element]) -> list[Element]:
    """The incidents by their ID: a document may stand in the text and be attached too."""
    by_id: dict[str, Element] = {}
    for number, incident in enumerate(incidents):
        by_id.setdefault(_id(incident) or str(number), incident)
    return list(by_id.values())


def _id(incident: Element) -> str:
    own = incident.child("incidentid")
    return clean_line(f"{own.attributes.get('name', '')} {own.text}".strip(), 200)


def _where(incident: Element) -> str:
    return f"IODEF incident {_id(incident)}".strip()


def _own_text(opened: Opened) -> str:
    """What the writer says around a document that stands in the text."""
    text = opened.shown.own_text
    document = elements.document_in(text.encode("utf-8", "replace"), ROOT)
    if not _is_iodef(document[: len(ROOT) + 60]):
        return text
    before, _, behind = text.partition(charset.decode(document))
    return "\n\n".join(filter(None, (before.partition("<?xml")[0].strip(), behind.strip())))


def _told(incident: Element) -> str:
    """An incident in words: its ID and its descriptions."""
    said = dict.fromkeys(one.text for one in incident.all("description") if one.text)
    return "\n".join([f"{_where(incident)}:", *list(said)[:20]])


def _original(incident: Element) -> Original:
    shown = _copy(incident) or Original(where=_where(incident))
    when = _when(incident)
    blamed = list(_blamed(incident))
    first = dict(reversed(blamed))
    urls = [
        clean_line(value, original.MAX_LINK_CHARS) for kind, value in blamed if kind == Kind.URL
    ]
    return replace(
        shown,
        where=_where(incident),
        source_ip=normal_ip(first.get(Kind.IP, "")) or shown.source_ip,
        subject=shown.subject or clean_line(incident.said("emailsubject"), 998),
        header_from=shown.header_from or first.get(Kind.HEADER_FROM, ""),
        arrived_at=when.at if when else shown.arrived_at,
        zone_stated=when.zone_stated if when else shown.zone_stated,
        urls=tuple(urls) or shown.urls,
        body_text=shown.body_text,
    )


def _copy(incident: Element) -> Original | None:
    """The mail that a record of the incident shows, whole or its head."""
    records = ("emailmessage", "emailheaders", "recorditem", "additionaldata")
    for name in records:
        for one in incident.all(name):
            source = one.text.encode("utf-8", "replace")
            if mime.looks_like_mail(source):
                return original.of_mail(mime.read(source), _where(incident))
    return None


def _when(incident: Element) -> StatedTime | None:
    """When it was seen, else when it began, ended, or was reported."""
    return stated_time(incident.said(*_TIMES))


def _blamed(incident: Element) -> Iterator[tuple[Kind, str]]:
    """What the systems that the incident blames are known by."""
    systems = list(incident.outermost("system"))
    for system in systems:
        if _role(system) in BLAMED or len(systems) == 1:
            yield from _known_by(system)


def _role(system: Element) -> str:
    return system.attributes.get("category", "source").lower()


def _known_by(system: Element) -> Iterator[tuple[Kind, str]]:
    """The addresses, links and names of a system, at most `MAX_CLUES`."""
    yield from islice(_all_known_by(system), MAX_CLUES)


def _all_known_by(system: Element) -> Iterator[tuple[Kind, str]]:
    for address in system.all("address"):
        stated = address.attributes.get("category", "ipv4-addr").lower()
        if stated == "ext-value":
            stated = address.attributes.get("ext-category", "").lower()
        kind = ADDRESS_KINDS.get(stated) or (Kind.IP if normal_ip(address.text) else None)
        if kind and address.text:
            yield kind, clean_line(address.text, 1000)
    for url in system.all("url"):
        yield Kind.URL, clean_line(url.text, 1000)
    for name in ("nodename", "name"):  # version 1; DomainData of version 2
        for one in system.all(name):
            yield Kind.DOMAIN, clean_line(one.text, 255)


def _clues(incident: Element) -> Iterator[Observable | None]:
    where, when = _where(incident), _when(incident)
    if when:
        yield observable(Kind.DATE, when.at.isoformat(), where=where, origin=Origin.REPORTED)
    for system in list(incident.outermost("system"))[:MAX_CLUES]:
        role = _role(system)
        origin = Origin.REPORTED if role in BLAMED else Origin.INFERRED
        for kind, value in _known_by(system):
            yield observable(kind, value, where=f"{where}, {role}", origin=origin)
    for hashed in incident.all("digestvalue"):
        place = f"{where}, file"
        yield observable(Kind.FILE_HASH, hashed.text, where=place, origin=Origin.REPORTED)


def _category(incidents: list[Element]) -> str:
    """What was done, if all incidents that say so agree; "" leaves it to the words."""
    stated = {
        CATEGORIES.get(impact.attributes.get("type", "").lower(), "")
        for incident in incidents
        for name in ("impact", "systemimpact")
        for impact in incident.all(name)
    }
    return stated.pop() if len(stated) == 1 else ""
