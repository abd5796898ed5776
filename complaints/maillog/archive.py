"""The lines of a mail log, plain or packed (gz, bz2, xz, zst), streamed; only LF ends a line.

str.splitlines knows nine further line ends, each of which a sender could smuggle into a
log line to forge another.
"""

import bz2
import gzip
import io
import lzma
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, NamedTuple, cast

from complaints.cleantext import clean_text
from complaints.maillog import journal
from complaints.maillog.zstandardfile import ZstandardFile

BLOCK_BYTES = 2 * 1024 * 1024
# What programs write the log is told by its first lines.
FIRST_BLOCK_BYTES = 256 * 1024
LONGEST_LINE = 16_384
LONGEST_LINE_BYTES = 4 * LONGEST_LINE
PEEKED = 1024
# By their first bytes: rotated logs are renamed.
PACKED: dict[bytes, Callable[..., Any]] = {
    b"\x1f\x8b": gzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ\x00": lzma.open,
}
# All of ASCII that is not printable, but the line feed.
CONTROLS = [bytes([code]) for code in (*range(10), *range(11, 32), 127)]
ZSTANDARD = b"\x28\xb5\x2f\xfd"


class UnreadableLog(Exception):
    """The file cannot be opened or unpacked; says which and why."""


def lines_of(path: Path) -> Iterator[str]:
    """Yield each line without its end, as text that may be stored, cut at 16 384 characters."""
    for block in blocks_of(path):
        yield from decode(block.data)


class Piece(NamedTuple):
    """Whole lines of a file without the end of the last, and where they stand in it, in bytes."""

    path: str
    offset: int
    data: bytes


def blocks_of(path: Path) -> Iterator[Piece]:
    """Yield the lines of a file, as many at once as stand in a block of it.

    raises   UnreadableLog
    """
    try:
        with open_log(path) as file:
            reader = journal.reader_for(cast(io.BufferedReader, file).peek(PEEKED)[:PEEKED])
            if reader:
                yield from (Piece(str(path), 0, line) for line in reader(file).lines())
                return
            rest, offset, dropped = b"", 0, 0
            size = FIRST_BLOCK_BYTES
            while block := file.read(size):
                size = BLOCK_BYTES
                whole, end, rest = (rest + block).rpartition(b"\n")
                if end:
                    yield Piece(str(path), offset, whole)
                    offset, dropped = offset + len(whole) + 1 + dropped, 0
                dropped += max(len(rest) - LONGEST_LINE_BYTES, 0)
                rest = rest[:LONGEST_LINE_BYTES]
            if rest:
                yield Piece(str(path), offset, rest)
    except OSError as error:
        raise UnreadableLog(f"{path}: {error.strerror or error}") from error
    except (EOFError, zlib.error, lzma.LZMAError) as error:
        raise UnreadableLog(f"{path}: cannot be unpacked: {error}") from error


def written_at(path: Path) -> datetime:
    """When the file was last written, in UTC: no line in it is later."""
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except OSError as error:
        raise UnreadableLog(f"{path}: {error.strerror}") from error


def open_log(path: Path) -> IO[bytes]:
    """The bytes of a log as its program wrote them, unpacked if the file is packed."""
    with path.open("rb") as file:
        start = file.read(6)
    if start.startswith(ZSTANDARD):
        return cast(IO[bytes], io.BufferedReader(ZstandardFile(path), BLOCK_BYTES))
    for magic, opener in PACKED.items():
        if start.startswith(magic):
            packed: IO[bytes] = opener(path, "rb")
            return packed
    return path.open("rb")


def decode(whole: bytes) -> list[str]:
    """Lines as text; bytes that are not UTF-8 and control characters are made visible."""
    text = whole.decode("utf-8", "backslashreplace")
    lines = text.split("\n")
    # Nearly every block is printable ASCII: a look at its bytes for each control character
    # takes less than one at each line.
    if (
        whole.isascii()
        and max(map(len, lines)) <= LONGEST_LINE
        and not any(control in whole for control in CONTROLS)
    ):
        return lines
    return [_clean(line) for line in lines]


def _clean(line: str) -> str:
    if len(line) <= LONGEST_LINE and line.isprintable():
        return line
    return clean_text(line.rstrip("\r").replace("\r", "\\r"), LONGEST_LINE)
