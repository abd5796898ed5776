"""What an archive holds, by its table of contents: names and sizes. Nothing is unpacked.

Sources: APPNOTE.TXT (zip), POSIX pax (tar), RFC 1952 (gzip).
"""

import io
import struct
import tarfile
import zipfile
from dataclasses import dataclass

from complaints.cleantext import clean_line

MAX_ENTRIES = 5000
MAX_LISTED = 20
MAX_NAME_CHARS = 100

_ZIP, _GZIP, _TAR = b"PK", b"\x1f\x8b\x08", b"ustar"
_ENCRYPTED = 0x1
_DEFECTS = (
    zipfile.BadZipFile, tarfile.TarError, ValueError, OSError, EOFError, NotImplementedError,
    RuntimeError, LookupError, OverflowError, struct.error,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """One file in an archive, as its table of contents has it; the size is in bytes."""

    name: str
    size_bytes: int
    is_encrypted: bool = False


def entries_of(content: bytes) -> tuple[Entry, ...]:
    """Return what an archive holds, at most `MAX_ENTRIES`; () if it is none that can be listed."""
    try:
        if content[:2] == _ZIP:
            return _in_zip(content)
        if content[:3] == _GZIP:
            return _in_gzip(content)
        if content[257:262] == _TAR:
            return _in_tar(content)
    except _DEFECTS:
        return ()
    return ()


def in_words(name: str, entries: tuple[Entry, ...]) -> str:
    """Return a sentence that says what an archive holds."""
    shown = [f"{one.name} ({one.size_bytes} bytes)" for one in entries[:MAX_LISTED]]
    more = len(entries) - len(shown)
    locked = ", locked with a password" if any(one.is_encrypted for one in entries) else ""
    tail = f", and {more} more" if more else ""
    return f"{name} is an archive of {len(entries)} files{locked}: {', '.join(shown)}{tail}."


def _in_zip(content: bytes) -> tuple[Entry, ...]:
    # What the end record states is a claim: the directory is read by its size.
    if content.count(b"PK\x01\x02") > MAX_ENTRIES:
        return ()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return tuple(
            Entry(_name(one.filename), one.file_size, bool(one.flag_bits & _ENCRYPTED))
            for one in archive.infolist()[:MAX_ENTRIES]
        )


def _in_gzip(content: bytes) -> tuple[Entry, ...]:
    """The one file of a gzip: its name, if the header has one, and its size modulo 4 GiB."""
    flags, name = content[3], ""
    if flags & 0x08 and not flags & 0x04:
        name = content[10 : 10 + 1000].partition(b"\0")[0].decode("latin-1")
    return (Entry(_name(name) or "(no name)", struct.unpack("<I", content[-4:])[0]),)


def _in_tar(content: bytes) -> tuple[Entry, ...]:
    found: list[Entry] = []
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:") as archive:
        for one in archive:
            found.append(Entry(_name(one.name), one.size))
            if len(found) >= MAX_ENTRIES:
                break
    return tuple(found)


def _name(name: str) -> str:
    return clean_line(name, MAX_NAME_CHARS)
