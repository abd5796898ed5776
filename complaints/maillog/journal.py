"""The formats of journalctl that have several lines an entry: `-o export` and `-o verbose`.

Each entry becomes one line in the framing of `-o short-iso-precise`. Source: systemd,
"Journal Export Formats": `NAME=value`, or NAME, the length in eight bytes, and the value.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import IO

from complaints.maillog.wrapped import at_microsecond

# An entry holds what a program wrote: no mail server writes more.
LONGEST_FIELD = 1024 * 1024
TOLD = (
    b"__REALTIME_TIMESTAMP", b"_SOURCE_REALTIME_TIMESTAMP", b"_HOSTNAME", b"SYSLOG_IDENTIFIER",
    b"_COMM", b"SYSLOG_PID", b"_PID", b"MESSAGE",
)  # fmt: skip
Entry = dict[bytes, bytes]


def reader_for(start: bytes) -> "type[Export | Verbose] | None":
    """Who reads a file that begins with these bytes; None if it is of one line an entry."""
    if start.startswith((b"__CURSOR=", b"__REALTIME_TIMESTAMP=")):
        return Export
    first, _, rest = start.partition(b"\n")
    if first.endswith(b"]") and b" [s=" in first and rest[:4] == b"    ":
        return Verbose
    return None


class Export:
    """`journalctl -o export`: fields, and an empty line behind each entry."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def lines(self) -> Iterator[bytes]:
        """Yield a line for each entry that a program wrote."""
        entry: Entry = {}
        while line := self._file.readline(LONGEST_FIELD):
            if line == b"\n":
                yield from one_line(entry)
                entry = {}
                continue
            name, equals, value = line.partition(b"=")
            if not equals:
                name, value = line.rstrip(b"\n"), self._binary()
            if name in TOLD:
                entry[name] = value.rstrip(b"\n")
        yield from one_line(entry)

    def _binary(self) -> bytes:
        """A value of a length told before; of one too long, the beginning."""
        size = int.from_bytes(self._file.read(8), "little")
        value = self._file.read(min(size, LONGEST_FIELD))
        size -= len(value)
        while size > 0 and (skipped := self._file.read(min(size, LONGEST_FIELD))):
            size -= len(skipped)
        self._file.readline(2)
        return value


class Verbose:
    """`journalctl -o verbose`: a line with the time and cursor, then indented fields."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def lines(self) -> Iterator[bytes]:
        """Yield a line for each entry that a program wrote."""
        entry: Entry = {}
        while line := self._file.readline(LONGEST_FIELD):
            if line[:1] != b" " and b" [s=" in line:
                yield from one_line(entry)
                entry = {b"__REALTIME_TIMESTAMP": _of_cursor(line)}
                continue
            name, equals, value = line.strip().partition(b"=")
            if equals and name in TOLD and name not in entry:
                entry[name] = value
        yield from one_line(entry)


def _of_cursor(line: bytes) -> bytes:
    """The time in the cursor, `t=` and microseconds in hexadecimal: it has no zone."""
    digits = line.rpartition(b";t=")[2].partition(b";")[0]
    try:
        return str(int(digits, 16)).encode()
    except ValueError:
        return b""


def one_line(entry: Entry) -> Iterator[bytes]:
    """`2026-03-02T09:00:01.000000+00:00 host program[process-id]: text`, if it can be told."""
    stamp = entry.get(b"_SOURCE_REALTIME_TIMESTAMP") or entry.get(b"__REALTIME_TIMESTAMP", b"")
    at: datetime | None = at_microsecond(stamp.decode("ascii", "replace"))
    program = entry.get(b"SYSLOG_IDENTIFIER") or entry.get(b"_COMM", b"")
    if at is None or not program:
        return
    process_id = entry.get(b"SYSLOG_PID") or entry.get(b"_PID", b"")
    tag = b"%s[%s]" % (program, process_id) if process_id else program
    text = entry.get(b"MESSAGE", b"").replace(b"\n", b"\\n")
    host = entry.get(b"_HOSTNAME") or b"localhost"
    moment = at.astimezone(UTC).isoformat(timespec="microseconds").encode()
    yield b"%s %s %s: %s" % (moment, host.replace(b" ", b"_"), tag.replace(b" ", b"_"), text)
