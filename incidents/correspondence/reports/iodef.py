"""PURE: an incident report between response teams, as XML. Source: RFC 7970 (IODEF version 2).

The order of the elements is that of its schema. The clients are sources, our server is between
them and their victims.
"""

from collections.abc import Iterator
from datetime import datetime
from ipaddress import ip_address
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from complaints.cleantext import clean_text
from incidents.correspondence.reports.evidence import Evidence, Source, how_much
from incidents.correspondence.reports.iodefrules import LANG, NAMESPACE

MOST_LOG = 200_000


def report(evidence: Evidence, *, at: datetime, language: str = "en") -> bytes:
    """The document, UTF-8. `at` is when it is made; its offset is written out."""
    root = Element("IODEF-Document", {"version": "2.00", "xmlns": NAMESPACE, LANG: language})
    status = "resolved" if evidence.fixed_at else "in-progress"
    incident = SubElement(
        root,
        "Incident",
        {"purpose": "reporting", "status": status, "restriction": "need-to-know", LANG: "en"},
    )
    _text(incident, "IncidentID", evidence.incident, name=evidence.domain)
    for name, moment in _times(evidence, at):
        if moment is not None:
            _text(incident, name, moment.isoformat(timespec="seconds"))
    _text(incident, "Description", _description(evidence))
    _assessment(incident)
    _contact(incident, evidence)
    _event(incident, evidence)
    if evidence.fixed_at is not None:
        _history(incident, evidence.fixed_at)
    indent(root)
    document: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def _times(evidence: Evidence, at: datetime) -> Iterator[tuple[str, datetime | None]]:
    yield "DetectTime", evidence.discovered_at
    yield "StartTime", evidence.first_at
    yield "EndTime", evidence.last_at
    yield "RecoveryTime", evidence.fixed_at
    yield "ReportTime", at
    yield "GenerationTime", at


def _description(evidence: Evidence) -> str:
    clock = "not measured"
    if evidence.clock is not None:
        clock = f"{evidence.clock:+.0f} seconds"
    return (
        f"The mail server {evidence.host} relayed "
        f"{how_much(evidence.messages, evidence.recipients)}, none from or for its owner. "
        f"Times of its log are UTC{evidence.utc_offset}; its clock was ahead by: {clock}."
    )


def _assessment(incident: Element) -> None:
    assessment = SubElement(incident, "Assessment", {"occurrence": "actual"})
    impact = {"type": "takeover-service", "completion": "succeeded"}
    SubElement(assessment, "SystemImpact", impact)


def _contact(incident: Element, evidence: Evidence) -> None:
    contact = SubElement(incident, "Contact", {"role": "creator", "type": "organization"})
    _text(contact, "ContactName", evidence.organisation)
    _text(SubElement(contact, "Email"), "EmailTo", evidence.contact)
    _text(contact, "Timezone", evidence.utc_offset)


def _event(incident: Element, evidence: Evidence) -> None:
    event = SubElement(incident, "EventData")
    flow = SubElement(event, "Flow")
    for source in evidence.sources:
        _system(flow, "source", source)
    if evidence.host_address:
        between = Source(evidence.host_address, evidence.host, evidence.messages)
        _system(flow, "intermediate", between)
    record = SubElement(SubElement(event, "Record"), "RecordData")
    _text(record, "Description", "Mail log; addresses of third persons as tokens (RFC 6590)")
    _text(record, "RecordItem", evidence.log[:MOST_LOG], dtype="string")


def _system(flow: Element, category: str, source: Source) -> None:
    system = SubElement(flow, "System", {"category": category})
    node = SubElement(system, "Node")
    version = ip_address(source.address).version
    _text(node, "Address", source.address, category=f"ipv{version}-addr")
    if category == "intermediate":
        SubElement(system, "NodeRole", {"category": "mail"})
    _text(system, "Counter", str(source.count), type="count", unit="message")
    if source.name:
        _text(system, "Description", source.name)


def _history(incident: Element, fixed_at: datetime) -> None:
    item = SubElement(SubElement(incident, "History"), "HistoryItem", {"action": "remediate-other"})
    _text(item, "DateTime", fixed_at.isoformat(timespec="seconds"))
    _text(item, "Description", "Relaying for strangers was ended, and that was verified.")


def _text(parent: Element, tag: str, words: str, **attributes: str) -> None:
    element = SubElement(parent, tag, attributes)
    element.text = clean_text(words, MOST_LOG)
