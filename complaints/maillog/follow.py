"""The lines added to a log file since last time, through rotation.

A file is known by device, inode and its first line, never by its name: names move on at
rotation, and an inode is given out again.
"""

import hashlib
import lzma
import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from complaints.maillog.archive import UnreadableLog, decode, open_log

FIRST_LINE_BYTES = 1024
MOST_BYTES = 8 * 1024 * 1024
SESSION_BYTES = 256 * 1024
ROTATED = "the log was rotated, and the lines before it are gone"
CUT_OFF = "the log was cut off: lines between two readings are gone"
GAPS = (ROTATED, CUT_OFF)
BROKEN = (OSError, EOFError, zlib.error, lzma.LZMAError)


@dataclass(frozen=True, slots=True)
class Chunk:
    """Whole lines read in one go, and the place to go on from.

    `data` are the bytes of the lines without the end of the last, `start` is where they begin.
    """

    data: bytes
    identity: str
    offset: int
    gap: str = ""
    start: int = 0

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines as text."""
        return tuple(decode(self.data)) if self.data else ()


def new_lines(path: Path, *, identity: str, offset: int) -> Iterator[Chunk]:
    """Yield what was added behind (identity, offset), oldest first, in bounded pieces.

    After a rotation the rest of the old file is read first, from its new name in the same
    folder, packed or not, then what was rotated away since. The first line of the new file
    tells that the mail server writes there: until it comes, the old one is followed on. If
    the old one cannot be found, the first chunk of the new file says so in `gap`.
    raises   UnreadableLog if the file is not there or may not be read
    """
    try:
        with path.open("rb") as file:
            current = _identity(file, file)
            if identity and not _same(identity, current):
                begun = not current.endswith(":")
                yield from _rest_of_rotated(path, identity, offset, begun=begun)
                offset = 0
            elif os.fstat(file.fileno()).st_size < offset:
                offset = 0
                yield Chunk(b"", current, offset, CUT_OFF)
            yield from _chunks(file, current, offset)
    except BROKEN as error:
        raise UnreadableLog(f"{path}: {getattr(error, 'strerror', None) or error}") from error


def lines_before(path: Path, *, identity: str, offset: int) -> list[str]:
    """The last lines before a place that was read up to: a session may have begun in them.

    Empty where the file of that place is not found any more; the first may lack its beginning.
    """
    try:
        for file in (path, *path.parent.glob(f"{path.name}?*")):
            if file.is_file() and _same(identity, _readable(file)):
                with open_log(file) as unpacked:
                    start = max(offset - SESSION_BYTES, 0)
                    unpacked.seek(start)
                    return decode(unpacked.read(offset - start))
    except BROKEN:
        pass
    return []


def identity_of(path: Path) -> str:
    """device:inode:SHA-256 of the first line; the last part is empty while that is not whole."""
    with path.open("rb") as file, open_log(path) as unpacked:
        return _identity(file, unpacked)


def _identity(file: IO[bytes], unpacked: IO[bytes]) -> str:
    status = os.fstat(file.fileno())
    first, end, _ = unpacked.read(FIRST_LINE_BYTES).partition(b"\n")
    whole = bool(end) or len(first) == FIRST_LINE_BYTES
    digest = hashlib.sha256(first).hexdigest()[:32] if whole else ""
    return f"{status.st_dev}:{status.st_ino}:{digest}"


def _same(known: str, now: str) -> bool:
    """Whether two identities are of one file; a first line that was not whole decides nothing."""
    known_file, _, known_line = known.rpartition(":")
    file, _, line = now.rpartition(":")
    return file == known_file and (not known_line or known_line == line)


def _rest_of_rotated(path: Path, identity: str, offset: int, *, begun: bool) -> Iterator[Chunk]:
    """The rest of the file that had this identity; whole files that were rotated away after it.

    begun  whether the new file has a line: before that, nothing is missed yet
    """
    siblings = sorted(
        (file for file in path.parent.glob(f"{path.name}?*") if file.is_file()),
        key=lambda file: file.stat().st_mtime_ns,
    )
    identities = {file: found for file in siblings if (found := _readable(file))}
    old = _find(identities, identity)
    if old is None:
        if begun:
            yield Chunk(b"", identity_of(path), 0, ROTATED)
        return
    for file in siblings[siblings.index(old) :]:
        if file not in identities:
            continue
        with open_log(file) as rotated:
            yield from _chunks(rotated, identities[file], offset if file == old else 0)


def _readable(file: Path) -> str:
    """Its identity; empty for what cannot be unpacked: a broken old log must not stop us."""
    try:
        return identity_of(file)
    except (UnreadableLog, *BROKEN):
        return ""


def _find(identities: dict[Path, str], identity: str) -> Path | None:
    """The file itself, else a copy of it (`copytruncate`, packed): it has the same first line."""
    for file, found in identities.items():
        if _same(identity, found):
            return file
    first_line = identity.rpartition(":")[2]
    for file, found in identities.items():
        if first_line and found.endswith(f":{first_line}"):
            return file
    return None


def _chunks(file: IO[bytes], identity: str, offset: int) -> Iterator[Chunk]:
    file.seek(offset)
    while block := file.read(MOST_BYTES):
        whole, end, _ = block.rpartition(b"\n")
        if not end:
            if len(block) < MOST_BYTES:
                return  # the last line is still being written
            whole = block  # no line is that long: whatever it is, it must not stop us
        start, offset = offset, offset + len(whole) + len(end)
        file.seek(offset)
        yield Chunk(whole, identity, offset, start=start)
