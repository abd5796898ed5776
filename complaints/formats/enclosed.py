"""The files that a mail carries, unpacked: in its parts, in archives, in mails attached to it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from complaints.formats import unpack
from complaints.formats.parts import BEGINNING_BYTES, Mail, Part

MAX_FILES = 50
MAX_FILES_BYTES = 32 * 1024 * 1024

_DSN_TYPES = ("message/delivery-status", "message/disposition-notification")


@dataclass(frozen=True, slots=True)
class Enclosed:
    """One file: how its part is declared, its name, what is in it, and what was cut."""

    content_type: str
    name: str
    content: bytes
    notes: tuple[str, ...]


def files_like(mail: Mail, is_wanted: Callable[[bytes], bool]) -> tuple[Enclosed, ...]:
    """Return the files whose beginning is wanted, whole, in the order of the mail.

    is_wanted  sees the first `BEGINNING_BYTES` of a file
    At most `MAX_FILES` and `MAX_FILES_BYTES` of them.
    """
    found: list[Enclosed] = []
    left = MAX_FILES_BYTES
    for part in _parts(mail):
        if len(found) >= MAX_FILES or left <= 0:
            break
        if not _has(part, is_wanted):
            continue
        for one in unpack.unpack(part.content, part.name):
            if is_wanted(one.content[:BEGINNING_BYTES]) and len(one.content) <= left:
                left -= len(one.content)
                found.append(Enclosed(part.content_type, one.name, one.content, one.notes))
    return tuple(found[:MAX_FILES])


def has_file_like(mail: Mail, is_wanted: Callable[[bytes], bool]) -> bool:
    """Whether the mail carries such a file; only the beginnings are looked at."""
    return any(_has(part, is_wanted) for part in _parts(mail))


def is_returned(mail: Mail) -> bool:
    """Whether this is a delivery report: what is in it, we sent ourselves."""
    return any(part.content_type in _DSN_TYPES for part in mail.parts)


def parts_of(mail: Mail) -> Iterator[Part]:
    """Yield the parts of a mail, then those of the mails attached to it."""
    yield from mail.parts
    for inner in mail.mails:
        yield from inner.parts


def _parts(mail: Mail) -> Iterator[Part]:
    """The parts that can be files. A mail that came back carries what we sent ourselves."""
    if is_returned(mail):
        return
    yield from (part for part in parts_of(mail) if part.mail is None)


def _has(part: Part, is_wanted: Callable[[bytes], bool]) -> bool:
    return any(map(is_wanted, part.beginnings))
