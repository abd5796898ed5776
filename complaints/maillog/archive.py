"""The lines of a mail log, plain or compressed, streamed; only LF ends a line.

str.splitlines knows nine further line ends, each of which a sender could smuggle into a
log line to forge another.
"""

import bz2
import gzip
import lzma
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

BLOCK_BYTES = 1024 * 1024
OPENERS: dict[str, Any] = {
    ".gz": gzip.open,
    ".bz2": bz2.open,
    ".xz": lzma.open,
}


class UnreadableLog(Exception):
    """The file cannot be opened or unpacked; says which and why."""


def lines_of(path: Path) -> Iterator[str]:
    """Yield each whole line without its end; bytes that are not UTF-8 as backslash escapes."""
    try:
        with _open(path) as file:
            yield from _lines(file)
    except (OSError, EOFError, lzma.LZMAError) as error:
        raise UnreadableLog(f"{path}: {error}") from error


def decode(raw: bytes) -> str:
    """One line as text, with what a database column refuses made visible."""
    return raw.decode("utf-8", "backslashreplace").replace("\x00", "\\x00").rstrip("\r")


def _open(path: Path) -> IO[bytes]:
    opener = OPENERS.get(path.suffix)
    file: IO[bytes] = opener(path, "rb") if opener else path.open("rb")
    return file


def _lines(file: IO[bytes]) -> Iterator[str]:
    rest = b""
    while block := file.read(BLOCK_BYTES):
        *whole, rest = (rest + block).split(b"\n")
        yield from map(decode, whole)
    if rest:
        yield decode(rest)
