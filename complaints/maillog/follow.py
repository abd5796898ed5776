"""The lines added to a log file since last time, through rotation.

A file is known by device, inode and its first line, never by its name: names move on at
rotation, and an inode is given out again.
"""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from complaints.maillog.archive import UnreadableLog, decode

FIRST_LINE_BYTES = 1024
MOST_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Chunk:
    """Whole lines read in one go, and the place to go on from."""

    lines: tuple[str, ...]
    identity: str
    offset: int
    gap: str = ""


def new_lines(path: Path, *, identity: str, offset: int) -> Iterator[Chunk]:
    """Yield what was added behind (identity, offset), oldest first, in bounded pieces.

    After a rotation the rest of the old file is read first, from its new name in the same
    folder; if it cannot be found, the first chunk of the new file says so in `gap`.
    raises   UnreadableLog if the file is not there or may not be read
    """
    try:
        current = identity_of(path)
        gap = ""
        if identity and not _same(identity, current):
            old = _moved_to(path, identity)
            if old is None:
                gap = "the log was rotated, and the lines before it are gone"
            else:
                yield from _chunks(old, identity, offset)
            offset = 0
        elif path.stat().st_size < offset:
            gap, offset = "the log was cut off: lines between two readings are gone", 0
        if gap:
            yield Chunk((), current, 0, gap)
        yield from _chunks(path, current, offset)
    except OSError as error:
        raise UnreadableLog(f"{path}: {error.strerror}") from error


def identity_of(path: Path) -> str:
    """device:inode:SHA-256 of the first line; the last part is empty while that is not whole."""
    with path.open("rb") as file:
        status = os.fstat(file.fileno())
        first, end, _ = file.read(FIRST_LINE_BYTES).partition(b"\n")
    whole = bool(end) or len(first) == FIRST_LINE_BYTES
    digest = hashlib.sha256(first).hexdigest()[:32] if whole else ""
    return f"{status.st_dev}:{status.st_ino}:{digest}"


def _same(known: str, now: str) -> bool:
    """Whether two identities are of one file; a first line that was not whole decides nothing."""
    known_file, _, known_line = known.rpartition(":")
    file, _, line = now.rpartition(":")
    return file == known_file and (not known_line or known_line == line)


def _moved_to(path: Path, identity: str) -> Path | None:
    for sibling in sorted(path.parent.glob(f"{path.name}*")):
        if sibling != path and sibling.is_file() and _same(identity, identity_of(sibling)):
            return sibling
    return None


def _chunks(path: Path, identity: str, offset: int) -> Iterator[Chunk]:
    with path.open("rb") as file:
        file.seek(offset)
        while block := file.read(MOST_BYTES):
            whole, end, _ = block.rpartition(b"\n")
            if not end:
                return  # the last line is still being written
            offset += len(whole) + 1
            file.seek(offset)
            yield Chunk(tuple(map(decode, whole.split(b"\n"))), identity, offset)
