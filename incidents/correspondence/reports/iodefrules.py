"""PURE: whether an incident report keeps the rules of its schema. Source: RFC 7970.

Only the classes that our reports are made of have rules here; a document with any other is refused,
so that what passes is valid, and what is valid may be refused. Where the text of a section and the
schema differ, the stricter one holds.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from xml.etree.ElementTree import Element

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from incidents.playbooks.playbook import gettext_noop

NAMESPACE = "urn:ietf:params:xml:ns:iodef-2.0"
MOST_BYTES = 8 * 1024 * 1024
MOST_FAULTS = 20
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_EXTENDED = "ext-value"

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_ZONE = re.compile(r"Z|[+-](0\d|1[0-4]):[0-5]\d")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_MAIL = re.compile(r"[^@\s]+@[^@\s]+")
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")
_CHILD = re.compile(r"([A-Za-z-]+)([?*+]?)")
_LEAST = {"": 1, "?": 0, "*": 0, "+": 1}
_MANY = ("*", "+")


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is against the rules.

    where    the way to it, like Incident/Contact
    words    in English, to be translated, with `%(what)s` for `what`
    section  of RFC 7970
    """

    where: str
    words: str
    what: str
    section: str


@dataclass(frozen=True, slots=True)
class _Class:
    """The rules of one class.

    attributes  names; ! behind one that has to be there
    children    names in their order, with the signs of a DTD for how many
    holds       whether its text is what it has to be; None for a class without text
    """

    section: str
    attributes: str
    children: str = ""
    holds: Callable[[str], bool] | None = None


def _is_time(text: str) -> bool:
    if not _TIME.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _is_text(text: str) -> bool:
    return bool(text.strip())


def _words(value: str) -> frozenset[str]:
    return frozenset(value.split())


_SHARED = "restriction ext-restriction"
_TEXT = _Class("2.4", f"{LANG} translation-id", holds=_is_text)
_TIMES = "DetectTime? StartTime? EndTime? RecoveryTime? ReportTime?"
_MOMENT = _Class("2.8", "", holds=_is_time)

CLASSES: Mapping[str, _Class] = {
    "IODEF-Document": _Class(
        "3.1",
        f"version! {LANG}! format-id private-enum-name private-enum-id",
        "Incident+ AdditionalData*",
    ),
    "Incident": _Class(
        "3.2",
        f"purpose! ext-purpose status ext-status {LANG} {_SHARED} observable-id",
        f"IncidentID AlternativeID? RelatedActivity* {_TIMES} GenerationTime Description* "
        "Discovery* Assessment* Method* Contact+ EventData* IndicatorData? History? "
        "AdditionalData*",
    ),
    "IncidentID": _Class("3.4", f"name! instance {_SHARED}", holds=_is_text),
    "Contact": _Class(
        "3.9",
        f"role! ext-role type! ext-type {_SHARED}",
        "ContactName* ContactTitle* Description* RegistryHandle* PostalAddress* Email* "
        "Telephone* Timezone? Contact* AdditionalData*",
    ),
    "Email": _Class("3.9.3", "type ext-type", "EmailTo Description*"),
    "EmailTo": _Class("3.9.3", "", holds=lambda text: bool(_MAIL.fullmatch(text))),
    "Timezone": _Class("2.9", "", holds=lambda text: bool(_ZONE.fullmatch(text))),
    "Assessment": _Class(
        "3.12",
        f"occurrence {_SHARED} observable-id",
        "IncidentCategory* SystemImpact+ Counter* MitigatingFactor* Cause* Confidence? "
        "AdditionalData*",
    ),
    "SystemImpact": _Class("3.12.1", "severity completion type! ext-type", "Description*"),
    "History": _Class("3.13", _SHARED, "HistoryItem+"),
    "HistoryItem": _Class(
        "3.13.1",
        f"action! ext-action {_SHARED} observable-id",
        "DateTime IncidentID? Contact? Description* DefinedCOA* AdditionalData*",
    ),
    "EventData": _Class(
        "3.14",
        f"{_SHARED} observable-id",
        f"Description* {_TIMES} Contact* Discovery* Assessment? Method* Flow* Expectation* "
        "Record? EventData* AdditionalData*",
    ),
    "Flow": _Class("3.16", "", "System+"),
    "System": _Class(
        "3.17",
        "category ext-category interface spoofed virtual ownership ext-ownership "
        f"{_SHARED} observable-id",
        "Node NodeRole* Service* OperatingSystem* Counter* AssetID* Description* AdditionalData*",
    ),
    "Node": _Class("3.18", "", "Address+ PostalAddress? Location* Counter*"),
    "Address": _Class(
        "3.18.1", "category! ext-category vlan-name vlan-num observable-id", holds=_is_text
    ),
    "NodeRole": _Class("3.18.2", "category! ext-category", "Description*"),
    "Counter": _Class(
        "3.18.3",
        "type! ext-type unit! ext-unit meaning duration ext-duration",
        holds=lambda text: bool(_NUMBER.fullmatch(text)),
    ),
    "Record": _Class("3.22", _SHARED, "RecordData+"),
    "RecordData": _Class(
        "3.22.1",
        f"{_SHARED} observable-id",
        "DateTime? Description* Application? RecordPattern* RecordItem* URL* FileData* "
        "WindowsRegistryKeysModified* CertificateData* AdditionalData*",
    ),
    "RecordItem": _Class(
        "3.22.1",
        f"name dtype! ext-dtype meaning formatid {_SHARED} observable-id",
        holds=_is_text,
    ),
    "ContactName": _TEXT,
    "Description": _TEXT,
    "DateTime": _MOMENT,
    **dict.fromkeys(_TIMES.replace("?", "").split(), _MOMENT),
    "GenerationTime": _MOMENT,
}

VALUES: Mapping[str, frozenset[str]] = {
    "version": _words("2.00"),
    "purpose": _words("traceback mitigation reporting watch other"),
    "status": _words("new in-progress forwarded resolved future"),
    "restriction": _words("default public partner need-to-know private white green amber red"),
    "role": _words(
        "creator reporter admin tech provider user billing legal irt abuse cc cc-irt leo vendor "
        "vendor-services victim victim-notified"
    ),
    "Contact type": _words("person organization"),
    "Email type": _words("direct hotline"),
    "occurrence": _words("actual potential"),
    "severity": _words("low medium high"),
    "completion": _words("failed succeeded"),
    "SystemImpact type": _words(
        "takeover-account takeover-service takeover-system cps-manipulation cps-damage "
        "availability-data availability-account availability-service availability-system "
        "damaged-system damaged-data breach-proprietary breach-privacy breach-credential "
        "breach-configuration integrity-data integrity-configuration integrity-hardware "
        "traffic-redirection monitoring-traffic monitoring-host policy unknown"
    ),
    "action": _words(
        "nothing contact-source-site contact-target-site contact-sender investigate block-host "
        "block-network block-port rate-limit-host rate-limit-network rate-limit-port "
        "redirect-traffic honeypot upgrade-software rebuild-asset harden-asset remediate-other "
        "status-triage status-new-info watch-and-report training defined-coa other"
    ),
    "System category": _words("source target intermediate sensor infrastructure"),
    "spoofed": _words("yes no unknown"),
    "virtual": _words("yes no unknown"),
    # Other kinds of address are in the schema; what their text has to be is not looked at here.
    "Address category": _words("ipv4-addr ipv6-addr"),
    # Of the roles, the one that a host of ours can have.
    "NodeRole category": _words("mail"),
    "Counter type": _words("count peak average"),
    "unit": _words("byte mbit packet flow session alert message event host site organization"),
    "duration": _words("second minute hour day month quarter year"),
    "dtype": _words("string"),
}
NEVER_EXTENDED = ("version", "occurrence", "severity", "completion", "spoofed", "virtual")


def faults(document: bytes) -> tuple[Fault, ...]:
    """What is against the rules, in the order of the document; at most MOST_FAULTS, () if valid."""
    if len(document) > MOST_BYTES:
        words = gettext_noop("is larger than %(what)s bytes")
        return (Fault("IODEF-Document", words, str(MOST_BYTES), "3.1"),)
    try:
        root = fromstring(document, forbid_dtd=True)
    except (ParseError, DefusedXmlException, LookupError, ValueError) as error:
        words = gettext_noop("is no XML that may be read: %(what)s")
        return (Fault("IODEF-Document", words, str(error)[:200], "8"),)
    if root.tag != f"{{{NAMESPACE}}}IODEF-Document":
        words = gettext_noop("is not of IODEF 2: %(what)s")
        return (Fault("IODEF-Document", words, root.tag[:100], "8"),)
    found = []
    for fault in _of(root, ""):
        found.append(fault)
        if len(found) == MOST_FAULTS:
            break
    return tuple(found)


def _of(element: Element, above: str) -> Iterator[Fault]:
    name = _name(element)
    where = f"{above}/{name}" if above else name
    rules = CLASSES.get(name)
    if rules is None:
        yield Fault(where, gettext_noop("is none of the classes of our reports"), name, "3")
        return
    yield from _attributes(element, rules, where)
    yield from _children(element, rules, where)
    text = (element.text or "").strip()
    beside = any((child.tail or "").strip() for child in element)
    if rules.holds is None and (text or beside):
        yield Fault(where, gettext_noop("has text of its own: %(what)s"), text[:60], rules.section)
    elif rules.holds is not None and not _holds(element, rules.holds):
        yield Fault(where, gettext_noop("does not hold “%(what)s”"), text[:60], rules.section)
    for child in element:
        yield from _of(child, where)


def _attributes(element: Element, rules: _Class, where: str) -> Iterator[Fault]:
    known = {word.rstrip("!"): word.endswith("!") for word in rules.attributes.split()}
    for name, is_needed in known.items():
        if is_needed and not element.get(name, "").strip():
            words = gettext_noop("lacks the attribute %(what)s")
            yield Fault(where, words, _short(name), rules.section)
    for name, value in element.items():
        if name not in known:
            words = gettext_noop("has an attribute that it may not have: %(what)s")
            yield Fault(where, words, _short(name)[:60], rules.section)
        elif not _may_be(_name(element), name, value, element):
            words = gettext_noop("has a value that is not on its list: %(what)s")
            yield Fault(where, words, f"{_short(name)}={value[:60]}", rules.section)


def _may_be(owner: str, name: str, value: str, element: Element) -> bool:
    """Whether an attribute may have this value; a value outside of the list needs its ext- one."""
    if name == LANG:
        return bool(_LANGUAGE.fullmatch(value))
    allowed = VALUES.get(f"{owner} {name}", VALUES.get(name))
    if allowed is None or value in allowed:
        return bool(value) and (not name.startswith("ext-") or element.get(name[4:]) == _EXTENDED)
    return value == _EXTENDED and name not in NEVER_EXTENDED and bool(element.get(f"ext-{name}"))


def _children(element: Element, rules: _Class, where: str) -> Iterator[Fault]:
    """Whether the children are those of the class, in order and as many as there may be."""
    children = [_name(child) for child in element]
    place = 0
    for name, sign in _CHILD.findall(rules.children):
        count = 0
        while place < len(children) and children[place] == name:
            place, count = place + 1, count + 1
        if count < _LEAST[sign]:
            yield Fault(
                where, gettext_noop("lacks %(what)s, or has it elsewhere"), name, rules.section
            )
        elif count > 1 and sign not in _MANY:
            yield Fault(where, gettext_noop("has %(what)s more than once"), name, rules.section)
    if place < len(children):
        words = gettext_noop("may not have %(what)s in this place")
        yield Fault(where, words, children[place][:60], rules.section)
    if _name(element) == "Contact" and not children:
        yield Fault(where, gettext_noop("says nothing of whom it is"), "", rules.section)


def _holds(element: Element, holds: Callable[[str], bool]) -> bool:
    """Whether the text is what it has to be; of an address, what its category says."""
    text = element.text or ""
    if not holds(text) or _name(element) != "Address":
        return holds(text)
    try:
        return element.get("category") == f"ipv{ip_address(text).version}-addr"
    except ValueError:
        return False


def _name(element: Element) -> str:
    """The name of a class; with its namespace, where that is not the one of IODEF 2."""
    return element.tag.removeprefix(f"{{{NAMESPACE}}}")


def _short(name: str) -> str:
    return "xml:lang" if name == LANG else name
