"""Shadowserver's reports and their like: CSV lists of hosts seen, of whatever report type.

Source: the Shadowserver report types (shadowserver.org/what-we-do/network-reporting). Told by
the header row: a time, an address, its network. Times are UTC. What a list is about stands in
the name of its file; a list of devices is an inventory and accuses nobody.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from complaints.cleantext import clean_line
from complaints.evidence.observables import normal_ip
from complaints.formats import csvlist, enclosed, event
from complaints.formats.csvlist import Table
from complaints.formats.event import Event
from complaints.formats.opened import Opened, set_aside
from complaints.formats.report import Report

NAME = "shadowserver"

NETWORK = frozenset(("asn", "src_asn", "dst_asn", "naics", "geo", "src_geo"))
OWN = frozenset(("ip", "src_ip", "dst_ip", "md5hash", "md5", "http_referer_ip"))
INVENTORY = ("device_id", "population_")
CATEGORIES = {
    "brute_force": "login-attack", "brute-force": "login-attack", "login": "login-attack",
    "darknet": "port-scan", "honeypot_http_scan": "port-scan", "_scanner": "port-scan",
    "ics_scan": "port-scan", "rdp_scan": "port-scan", "smb_scan": "port-scan",
    "sinkhole": "malware", "drone": "malware", "botnet": "malware", "infect": "malware",
    "malware": "malware", "compromised": "malware", "ransomware": "malware", "sandbox": "malware",
    "phish": "phishing", "spam": "spam", "open_relay": "open-relay", "smtp_open": "open-relay",
}  # fmt: skip

_FILE = re.compile(
    r"(?:\d{4}-\d\d-\d\d[-_])?(?:\d{1,12}[-_])?(?P<type>[a-z][a-z0-9]{1,20}(?:_[a-z0-9]{1,20}){0,5})"
    r"(?=[-.]|$)"
)
_DATED_FILE = re.compile(r"\b\d{4}-\d\d-\d\d-[a-z0-9_]{3,60}-[\w-]{1,80}\.csv\b")
_LINK = re.compile(r"://dl\.shadowserver\.org(?:/|%2F)", re.IGNORECASE)
_HEX_NAME = re.compile(r"^[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}")


def recognises(opened: Opened) -> bool:
    """Whether a file is such a list, or the text names one behind Shadowserver's own link."""
    return enclosed.has_file_like(opened.mail, _is_wanted) or _only_a_link(opened)


def read(opened: Opened) -> Report:
    """Return the report: one original for each row, the earliest first."""
    tables = list(_tables(opened))
    events, notes = _events(tables, opened)
    kind = next(filter(None, (*map(_type, tables), _type_in_text(opened))), "")
    kinds = [kind, *(table.kind() for table in tables)]
    if not tables:
        events = [Event("a list behind a link")]
        notes.append("The list itself is behind a link, which is never followed.")
    found = event.report_of(opened, NAME, events, notes=tuple(notes))
    found = replace(
        found,
        feedback_type=clean_line(kind or next(filter(None, kinds), ""), 50),
        category=_category(" ".join(kinds), tables),
        reporter_kind="service" if found.reporter_kind == "person" else found.reporter_kind,
    )
    if kind.startswith(INVENTORY):
        return set_aside(found, f"A list of devices ({kind}): it accuses nobody.")
    return found


def _is_wanted(start: bytes) -> bool:
    line = start.lstrip(b"\xef\xbb\xbf\r\n ").partition(b"\n")[0]
    if line.count(b",") + line.count(b";") + line.count(b"\t") < 3:
        return False
    names, _ = csvlist.header_of(line.decode("utf-8", "replace").rstrip("\r"))
    is_own = names[:1] == ("timestamp",) and bool(OWN & set(names))
    return is_own or (csvlist.is_list(names) and bool(NETWORK & set(names)))


def _tables(opened: Opened) -> Iterator[Table]:
    for file in enclosed.files_like(opened.mail, _is_wanted):
        name = clean_line(file.name.rpartition("/")[2], 80) or "the list"
        table = csvlist.read(file.content.lstrip(b"\r\n"), name)
        if table:
            notes = filter(None, (*file.notes, table.note))
            yield replace(table, note=" ".join(notes))


def _events(tables: list[Table], opened: Opened) -> tuple[list[Event], list[str]]:
    """The events of all lists. A list that only tells again of the hosts of others is left out."""
    events: list[Event] = []
    notes = [table.note for table in tables if table.note]
    for table in sorted(tables, key=lambda one: "timestamp" not in one.names):
        is_standard = "timestamp" in table.names
        # Shadowserver's times are UTC, though no row says so; others write in their own zone.
        zone = {} if is_standard else {"zone": opened.zone}
        found = csvlist.events(table, zone_known=is_standard, **zone)
        known = {one.source_ip for one in events}
        if known and all(one.source_ip in known for one in found):
            notes.append(f"{table.name} tells again of hosts in another list of this mail.")
            continue
        events += found
        if table.count > len(table.rows):
            notes.append(f"{table.name} has {table.count} rows; {len(table.rows)} were read.")
        if any(not one.source_ip and _has_network(table) for one in found):
            notes.append(f"{table.name} has rows without a single address.")
    return events, notes


def _has_network(table: Table) -> bool:
    return any(
        value and not normal_ip(value)
        for row in table.rows
        for value in (table.cell(row, csvlist.ADDRESS),)
    )


def _type(table: Table) -> str:
    """The report type in the name of a file: "2024-03-01-scan_ntp-tenant-geo.csv" is scan_ntp."""
    if _HEX_NAME.match(table.name.lower()):
        return ""
    hit = _FILE.match(table.name.lower())
    return hit.group("type") if hit and ("_" in hit.group() or hit.group()[:1].isdigit()) else ""


def _type_in_text(opened: Opened) -> str:
    hit = _DATED_FILE.search(opened.text[:64_000])
    named = _FILE.match(hit.group()) if hit else None
    return named.group("type") if named else ""


def _only_a_link(opened: Opened) -> bool:
    words = opened.text[:64_000]
    return bool(_LINK.search(words)) and not opened.mail.mails


def _category(kinds: str, tables: list[Table]) -> str:
    named = kinds.lower().replace(" ", "_")
    if told := next((word for part, word in CATEGORIES.items() if part in named), ""):
        return told
    return "malware" if any("infection" in table.names for table in tables) else "other"
