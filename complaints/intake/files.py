"""Mail from files: .eml, mbox, Maildir, a folder of these, standard input."""

import mailbox
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from complaints.formats.bounds import bounded
from complaints.formats.head import read_head
from complaints.formats.opened import headers_of
from complaints.intake.raw import RawMessage
from complaints.maillog.direction import Ourselves

MBOX_START = b"From "
HEAD_BYTES = 256 * 1024
# A claimed arrival that is further in the future than this is not believed.
CLOCKS_DIFFER_BY = timedelta(days=1)

_FIRST_FIELD = re.compile(rb"\A(?:\xef\xbb\xbf)?\s{0,100}[A-Za-z][\w.-]{0,100}[ \t]{0,10}:")


class NoMail(Exception):
    """There is nothing at this path that can be taken for mail; says what was expected."""


def messages(path: Path, us: Ourselves, *, now: datetime) -> Iterator[RawMessage]:
    """Yield each mail found at a path, folders in the order of their names.

    In a folder, files that do not begin as a mail does are passed over, unless they are named
    .eml; a file that is named by itself is always taken.
    raises   NoMail if the path does not exist, cannot be read, or is a folder without mail
    """
    try:
        if not path.is_dir():
            yield from _file(path, us, now)
            return
        found = False
        for message in _folder(path, us, now):
            found = True
            yield message
    except OSError as error:
        raise NoMail(f"{error.filename or path}: {error.strerror}") from error
    if not found:
        raise NoMail(f"{path}: no mail in this folder: no .eml, mbox or Maildir.")


def one_message(raw: bytes, source_file: str, us: Ourselves, *, now: datetime) -> RawMessage:
    """The mail in these bytes, with the time at which it claims to have reached us."""
    arrived_at = _arrived_at(raw, us) or now
    if arrived_at > now + CLOCKS_DIFFER_BY:
        arrived_at = now
    return RawMessage(raw=raw, way="file", arrived_at=arrived_at, source_file=source_file)


def uploaded(path: Path, name: str, us: Ourselves, *, now: datetime) -> Iterator[RawMessage]:
    """Each mail of one file that a person brought under this name.

    raises   NoMail if it holds none
    """
    if not _begins_as_mail(path):
        raise NoMail(f"{name}: this is no mail: it does not begin with header fields.")
    for message in _file(path, us, now):
        of_many = message.source_file.removeprefix(path.name)
        yield replace(message, way="upload", source_file=f"{name}{of_many}")


def _folder(path: Path, us: Ourselves, now: datetime) -> Iterator[RawMessage]:
    """Mails of a folder and those below it; hidden ones and links to folders are left out."""
    if (path / "cur").is_dir() and (path / "new").is_dir():
        for part in ("new", "cur"):
            for file in sorted((path / part).iterdir()):
                yield one_message(file.read_bytes(), file.name, us, now=now)
        return
    for place in sorted(path.iterdir()):
        if place.name.startswith("."):
            continue
        if place.is_dir():
            yield from [] if place.is_symlink() else _folder(place, us, now)
        elif place.is_file() and (place.suffix.lower() == ".eml" or _begins_as_mail(place)):
            yield from _file(place, us, now)


def _begins_as_mail(file: Path) -> bool:
    start = _start_of(file, 300)
    return start.startswith(MBOX_START) or bool(_FIRST_FIELD.match(start))


def _file(path: Path, us: Ourselves, now: datetime) -> Iterator[RawMessage]:
    begins_as_mbox = _start_of(path, len(MBOX_START)) == MBOX_START
    # One .eml is one mail, though it begins as an mbox does and a line of its text as well.
    if path.suffix.lower() == ".eml" or not begins_as_mbox:
        raw = path.read_bytes()
        yield one_message(
            raw.partition(b"\n")[2] if begins_as_mbox else raw, path.name, us, now=now
        )
        return
    box = mailbox.mbox(path, create=False)
    try:
        for key in box.iterkeys():
            name = f"{path.name}#{key}" if len(box) > 1 else path.name
            yield one_message(box.get_bytes(key), name, us, now=now)
    finally:
        box.close()


def _start_of(path: Path, count: int) -> bytes:
    with path.open("rb") as file:
        return file.read(count)


def _arrived_at(raw: bytes, us: Ourselves) -> datetime | None:
    """When a host of ours took the mail in, by its topmost Received line that names one.

    Without one its Date is taken as a claim. Old mail so keeps its place in time.
    """
    headers = headers_of(read_head(bounded(raw[:HEAD_BYTES]).head))
    for hop in headers.hops:
        if hop.at is not None and us.has_host(hop.by):
            return hop.at.astimezone(UTC)
    return headers.date.astimezone(UTC) if headers.date else None
