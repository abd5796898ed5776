"""What is inside a compressed attachment: gz and zip, in memory, within bounds.

Sources: RFC 1952 (gzip), APPNOTE.TXT (zip).
"""

import binascii
import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

MAX_MEMBER_BYTES = 16 * 1024 * 1024
MAX_TOTAL_BYTES = 32 * 1024 * 1024
MAX_MEMBERS = 50
MAX_DIRECTORY_ENTRIES = 5000
MAX_DEPTH = 3
MAX_RATIO = 200
FREE_BYTES = 1024 * 1024  # below this a high ratio harms nobody
CHUNK_BYTES = 64 * 1024

_ZIP_MARKS = (b"PK\x03\x04", b"PK\x05\x06")
_GZIP_MARK = b"\x1f\x8b\x08"
_BASE64_MARKS = (b"UEsDB", b"H4sI")
_READABLE = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# What zipfile raises on odd archives; its own error is the rarest of them.
_ZIP_DEFECTS = (
    zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OverflowError,
    ValueError, OSError, LookupError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Unpacked:
    """One file that was inside.

    name   as the archive has it, perhaps with a path: to be shown, never to be written to
    notes  what was cut or could not be read, each in a sentence
    """

    name: str
    content: bytes
    notes: tuple[str, ...] = ()


class _Budget:
    """What may still be unpacked out of one attachment."""

    def __init__(self, packed_bytes: int, member_bytes: int) -> None:
        self.bytes = min(MAX_TOTAL_BYTES, max(FREE_BYTES, MAX_RATIO * packed_bytes))
        self.members = MAX_MEMBERS
        self.member_bytes = member_bytes

    def share(self) -> int:
        """How many bytes the next file may have."""
        return min(self.bytes, self.member_bytes)


def unpack(
    content: bytes, name: str, *, member_bytes: int = MAX_MEMBER_BYTES
) -> tuple[Unpacked, ...]:
    """Return the files in this attachment; itself, if it is not compressed. Never raises.

    Told by content, not by name. At most `MAX_MEMBERS` files of `member_bytes`, together
    `MAX_TOTAL_BYTES` and `MAX_RATIO` times the packed size, archives in archives down to
    `MAX_DEPTH`. An archive that cannot be read is given as it came, with a note.
    """
    return tuple(
        _unpacked(_without_base64(content), name, _Budget(len(content), member_bytes), depth=0)
    )


def is_packed(content: bytes) -> bool:
    """Whether these bytes are a gz or zip archive, told by their first bytes."""
    return content.startswith((_GZIP_MARK, *_ZIP_MARKS))


def _unpacked(content: bytes, name: str, budget: _Budget, *, depth: int) -> Iterator[Unpacked]:
    if not is_packed(content):
        yield Unpacked(name, content)
        return
    found: list[Unpacked] = []
    if depth >= MAX_DEPTH:
        note = f"lies {MAX_DEPTH} archives deep and was not opened"
    elif content.startswith(_GZIP_MARK):
        found, note = _gunzipped(content, name, budget)
    else:
        found, note = _unzipped(content, budget)
    notes = (f"The archive {name or 'without a name'} {note}.",) if note else ()
    if not found:
        yield Unpacked(name, content, notes)
    for one in found:
        for inner in _unpacked(one.content, one.name, budget, depth=depth + 1):
            yield replace(inner, notes=(*notes, *one.notes, *inner.notes))
            notes = ()


def _without_base64(content: bytes) -> bytes:
    """Decode an archive that was encoded once more than its part says."""
    start = content[:64].lstrip()
    if not start.startswith(_BASE64_MARKS):
        return content
    try:
        return binascii.a2b_base64(content)
    except (binascii.Error, ValueError):
        return content


def _gunzipped(content: bytes, name: str, budget: _Budget) -> tuple[list[Unpacked], str]:
    inside = name[: name.rindex(".")] if name.lower().endswith((".gz", ".gzip")) else name
    pieces, note = _inflated(content, budget.share())
    inflated = b"".join(pieces)
    budget.bytes -= len(inflated)
    return ([Unpacked(inside, inflated)] if inflated else []), note


def _inflated(content: bytes, limit: int) -> tuple[list[bytes], str]:
    """Inflate the gzip members, one behind the other; what follows the last is no matter."""
    pieces: list[bytes] = []
    position, size, view = 0, 0, memoryview(content)
    for _ in range(MAX_MEMBERS):
        stream = zlib.decompressobj(31)
        while not stream.eof:
            waiting = stream.unconsumed_tail or view[position : position + CHUNK_BYTES]
            if not waiting:
                return pieces, "ends too early"
            if not stream.unconsumed_tail:
                position += len(waiting)
            try:
                piece = stream.decompress(waiting, max(1, limit - size))
            except zlib.error:
                return pieces, "is damaged; what came before the damage was read"
            size += len(piece)
            pieces.append(piece)
            if size >= limit and not stream.eof:
                return pieces, f"was cut at {limit} bytes"
        position -= len(stream.unused_data)
        if content[position : position + 3] != _GZIP_MARK:
            return pieces, ""
    return pieces, f"has more than {MAX_MEMBERS} members; the rest was not read"


def _unzipped(content: bytes, budget: _Budget) -> tuple[list[Unpacked], str]:
    if content.count(b"PK\x01\x02") > MAX_DIRECTORY_ENTRIES:
        return [], f"lists more than {MAX_DIRECTORY_ENTRIES} files and was not opened"
    found: list[Unpacked] = []
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            for entry in entries:
                if budget.members <= 0:
                    return found, f"has {len(entries)} files; {len(found)} were read"
                budget.members -= 1
                found.append(_member(archive, entry, budget))
    except _ZIP_DEFECTS as defect:
        return found, f"cannot be read: {defect}"
    return found, ""


def _member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, budget: _Budget) -> Unpacked:
    """Read one file of a zip archive, as far as it may be read."""
    if entry.flag_bits & 1:
        return Unpacked(entry.filename, b"", (f"The file {entry.filename} is encrypted.",))
    if entry.compress_type not in _READABLE:
        note = f"The file {entry.filename} is compressed in a way that is not read."
        return Unpacked(entry.filename, b"", (note,))
    limit, pieces, size, note = budget.share(), [], 0, ""
    try:
        with archive.open(entry) as file:
            while size <= limit and (piece := file.read(CHUNK_BYTES)):
                pieces.append(piece)
                size += len(piece)
    except _ZIP_DEFECTS as defect:
        note = f"The file {entry.filename} is damaged: {defect}."
    if size > limit:
        note = f"The file {entry.filename} was cut at {limit} bytes."
    content = b"".join(pieces)[:limit]
    budget.bytes -= len(content)
    return Unpacked(entry.filename, content, (note,) if note else ())
