"""PURE: whose an address of the Internet is, by a table of networks that the desk may keep.

The table has a line for each range: first address, last address, AS number, country, AS name,
between tabs, as the public tables "IP to ASN" are handed out; plain or gzip. Without a table
nothing is known, and nothing is asked of anybody.
"""

import gzip
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path

MOST_LINES = 2_000_000
NOT_ROUTED = 0


@dataclass(frozen=True, slots=True)
class Origin:
    """An autonomous system: its number, its name, and the country it is registered in."""

    number: int
    country: str
    name: str


@dataclass(slots=True)
class Origins:
    """Ranges of addresses in order, per version of IP: where each begins, ends, and whose it is."""

    _starts: dict[int, list[int]] = field(default_factory=lambda: {4: [], 6: []})
    _ranges: dict[int, list[tuple[int, Origin]]] = field(default_factory=lambda: {4: [], 6: []})

    def of(self, address: str) -> Origin | None:
        """Whose an address is, or None where the table does not say."""
        if not address:
            return None
        wanted = ip_address(address)
        starts = self._starts[wanted.version]
        place = bisect_right(starts, int(wanted)) - 1
        if place < 0:
            return None
        last, origin = self._ranges[wanted.version][place]
        return origin if int(wanted) <= last else None

    def add(self, lines: Iterable[str]) -> None:
        """Read lines of a table, in any order. Raises ValueError with the line that is none."""
        rows: dict[int, list[tuple[int, int, Origin]]] = {4: [], 6: []}
        known: dict[Origin, Origin] = {}
        for number, line in enumerate(lines, start=1):
            if number > MOST_LINES:
                raise ValueError(f"more than {MOST_LINES} lines")
            if line.strip():
                version, first, last, origin = _row(line, number)
                if origin.number != NOT_ROUTED:
                    rows[version].append((first, last, known.setdefault(origin, origin)))
        for version, ranges in rows.items():
            ranges.sort(key=lambda each: each[0])
            self._starts[version] = [first for first, _, _ in ranges]
            self._ranges[version] = [(last, origin) for _, last, origin in ranges]


def read_origins(path: Path | None) -> Origins:
    """The table in a file; an empty one if there is none.

    raises   OSError, ValueError: worded for the operator
    """
    origins = Origins()
    if path is None:
        return origins
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8", errors="replace") as lines:
        try:
            origins.add(lines)
        except ValueError as wrong:
            raise ValueError(f"{path}: {wrong}") from None
    return origins


def _row(line: str, number: int) -> tuple[int, int, int, Origin]:
    try:
        first, last, as_number, country, name = line.rstrip("\r\n").split("\t")[:5]
        start, end = ip_address(first), ip_address(last)
        origin = Origin(int(as_number), country[:2].upper(), name[:200])
    except ValueError:
        expected = "first address, last address, AS number, country and name between tabs"
        raise ValueError(f"line {number} is none of {expected}: {line[:60]!r}") from None
    return start.version, int(start), int(end), origin
