"""Lists in CSV, by the names in their header row: a row is one event. Linear, bounded.

Source: RFC 4180. Who makes the list does not matter, nor which further columns it has.
"""

import csv
import re
from dataclasses import dataclass
from datetime import UTC, tzinfo

from complaints.evidence.dates import StatedTime, stated_time
from complaints.evidence.observables import normal_ip
from complaints.formats import charset
from complaints.formats.event import MAX_EVENTS, Event

MAX_BYTES = 16 * 1024 * 1024
MAX_COLUMNS = 500
MAX_CELL_CHARS = 200
MAX_HEADER_CHARS = 8 * 1024
LINES_BEFORE_HEADER = 200
LEAST_COLUMNS = 3

# What lists call the address that they accuse; in a list with several the first column counts.
ADDRESS = (
    "ip", "src_ip", "source_ip", "srcip", "sourceip", "ip_address", "ipaddress", "ipv4", "ipv6",
    "attacker_ip", "attacker", "offender", "dst_ip", "http_referer_ip", "source_address", "src",
    "source", "address", "cidr", "remote_ip", "client_ip", "infected_ip", "host_ip",
)  # fmt: skip
TIME = (
    "timestamp", "time", "datetime", "date_time", "event_time", "last_seen", "lastseen", "seen",
    "date", "event_date", "detected", "detected_at", "reported", "observed", "first_seen", "start",
    "source_time", "time_utc", "timestamp_utc", "date_utc",
)  # fmt: skip
DAY = ("event_date", "date", "day")
URL = ("url", "uri", "link", "phishing_url", "malware_url")
HOST = ("http_host", "host", "hostname", "src_hostname", "domain", "fqdn", "rdns")
ASN = ("asn", "src_asn", "as", "as_number", "source_asn")
HASH = ("md5", "md5hash", "sha1", "sha256", "sha256hash", "hash", "file_hash")
KIND = ("report_type", "type_of_report", "category", "incident_type", "classification")

_NAME = re.compile(r"[A-Za-z][\w .()/-]{0,50}")
_HOST = re.compile(r"(?=.{4,253}$)(?:[A-Za-z0-9_-]{1,63}\.){1,10}[A-Za-z][A-Za-z0-9-]{1,62}")


@dataclass(frozen=True, slots=True)
class Table:
    """A list.

    names  of the columns: lower case, blanks as underscores
    rows   at most `MAX_EVENTS`
    count  how many rows there are
    """

    name: str
    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    count: int
    note: str = ""

    @property
    def has_addresses(self) -> bool:
        """Whether a column is one of addresses, by its name."""
        return any(name in ADDRESS for name in self.names)

    def cell(self, row: tuple[str, ...], wanted: tuple[str, ...]) -> str:
        """The first cell that is not empty, of the columns so called; in their order there."""
        for name in wanted:
            if name in self.names and (value := _at(row, self.names.index(name))):
                return value
        return ""

    def kind(self) -> str:
        """What the list says of itself in a column, the same in its first row as in all."""
        return self.cell(self.rows[0], KIND) if self.rows else ""


def header_of(line: str) -> tuple[tuple[str, ...], str]:
    """Return the names in a header row and what stands between them; ((), "") if it is none."""
    if len(line) > MAX_HEADER_CHARS:
        return (), ""
    mark = max(",;\t|", key=line.count)
    cells = line.strip().lstrip("\ufeff").strip(mark).split(mark)
    names = [cell.strip().strip("\"'").strip() for cell in cells]
    if not LEAST_COLUMNS <= len(names) <= MAX_COLUMNS:
        return (), ""
    if not all(_NAME.fullmatch(name) for name in names if name) or len(set(names)) < len(names):
        return (), ""
    return tuple(name.lower().replace(" ", "_") for name in names), mark


def is_list(names: tuple[str, ...]) -> bool:
    """Whether a header row names a time and an address, or links: a list of events."""
    has = set(names)
    return bool(has & set(TIME)) and bool(has & {*ADDRESS, *URL, *HASH})


def read(content: bytes, name: str) -> Table | None:
    """Return the list in a file; None if its first line is no header row."""
    return in_text(charset.decode(content[:MAX_BYTES]), name, lines_before=1)


def in_text(text: str, name: str, *, lines_before: int = LINES_BEFORE_HEADER) -> Table | None:
    """Return the list in a text, its header row within the first lines; None without one."""
    position = 0
    for _ in range(lines_before):
        end = text.find("\n", position)
        line = text[position : end if end >= 0 else len(text)].rstrip("\r")
        names, mark = header_of(line)
        if names and is_list(names) and end >= 0:
            ends_at_blank = lines_before > 1
            return _table(name, names, mark, text[end + 1 :], ends_at_blank=ends_at_blank)
        if end < 0:
            return None
        position = end + 1
    return None


def _table(
    name: str, names: tuple[str, ...], mark: str, rest: str, *, ends_at_blank: bool
) -> Table:
    body = rest.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    if ends_at_blank:
        body = body.partition("\n\n")[0]
    rows: list[tuple[str, ...]] = []
    count, note = 0, ""
    try:
        for row in csv.reader(body.splitlines(keepends=True), delimiter=mark):
            if not any(cell.strip() for cell in row) or row[0].startswith("#"):
                continue
            if ends_at_blank and len(row) < LEAST_COLUMNS:
                break
            count += 1
            if len(rows) < MAX_EVENTS:
                rows.append(tuple(cell.strip() for cell in row[:MAX_COLUMNS]))
    except csv.Error as defect:
        note = f"The list {name} was read up to its row {count} ({defect})."
    return Table(name, names, tuple(rows), count, note)


def events(table: Table, *, zone: tzinfo = UTC, zone_known: bool = False) -> tuple[Event, ...]:
    """Return the rows as events, the earliest first, those without a time last.

    zone        that of times which name none
    zone_known  the standard of the list fixes that zone, though no row says so
    """
    found = [
        _event(table, row, number, zone, zone_known=zone_known)
        for number, row in enumerate(table.rows, start=1)
    ]
    return tuple(sorted(found, key=lambda one: one.at.at.timestamp() if one.at else float("inf")))


def _event(
    table: Table, row: tuple[str, ...], number: int, zone: tzinfo, *, zone_known: bool
) -> Event:
    columns = [name for name in table.names if name in ADDRESS]
    addresses = (normal_ip(table.cell(row, (name,))) for name in columns)
    host = table.cell(row, HOST)
    shown = ((name, _at(row, at)) for at, name in enumerate(table.names))
    return Event(
        where=f"row {number} of {table.name}"[:100],
        source_ip=next(filter(None, addresses), ""),
        at=_time(table, row, zone, zone_known=zone_known),
        urls=_links(table, row),
        domains=(host.lower(),) if _HOST.fullmatch(host) else (),
        asn=table.cell(row, ASN),
        file_hash=table.cell(row, HASH),
        record="\n".join(f"{name}: {cell[:MAX_CELL_CHARS]}" for name, cell in shown if cell),
    )


def _time(
    table: Table, row: tuple[str, ...], zone: tzinfo, *, zone_known: bool
) -> StatedTime | None:
    """The time of a row: in one column, or the day in one and the clock in another."""
    for name in TIME:
        value = table.cell(row, (name,))
        if not value:
            continue
        day = "" if any(mark in value for mark in "-/.") else table.cell(row, DAY)
        utc = " UTC" if name.endswith("utc") and value[-1:].isdigit() else ""
        found = stated_time(f"{day} {value}{utc}".strip(), zone)
        if found:
            return StatedTime(found.at, found.zone_stated or zone_known, found.clock_stated)
    return None


def _links(table: Table, row: tuple[str, ...]) -> tuple[str, ...]:
    """The accused link. In lists with a control server's column it is that server's."""
    value = table.cell(row, URL)
    if not value or {"cc", "cc_ip", "dst_url"} & set(table.names):
        return ()
    if "://" in value:
        return (value,)
    host = table.cell(row, HOST)
    if _HOST.fullmatch(value.split("/")[0]):
        return (value,)
    return (f"http://{host}/{value.lstrip('/')}",) if _HOST.fullmatch(host) else ()


def _at(row: tuple[str, ...], index: int) -> str:
    return row[index] if index < len(row) else ""
