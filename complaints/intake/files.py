"""Mail from files: .eml, mbox, Maildir, a folder of these, standard input."""

import mailbox
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from complaints.formats.bounds import bounded
from complaints.formats.head import read_head
from complaints.formats.opened import headers_of
from complaints.intake.raw import RawMessage
from complaints.maillog.direction import Ourselves

MBOX_START = b"From "
HEAD_BYTES = 256 * 1024


class NoMail(Exception):
    """There is nothing at this path that can be taken for mail; says what was expected."""


def messages(path: Path, us: Ourselves, *, now: datetime) -> Iterator[RawMessage]:
    """Yield each mail found at a path, folders in the order of their names.

    raises   NoMail if the path does not exist or cannot be read
    """
    try:
        if path.is_dir():
            yield from _folder(path, us, now)
        else:
            yield from _file(path, us, now)
    except OSError as error:
        raise NoMail(f"{path}: {error.strerror}") from error


def one_message(raw: bytes, source_file: str, us: Ourselves, *, now: datetime) -> RawMessage:
    """The mail in these bytes, with the time at which it claims to have reached us."""
    return RawMessage(
        raw=raw, way="file", arrived_at=_arrived_at(raw, us) or now, source_file=source_file
    )


def _folder(path: Path, us: Ourselves, now: datetime) -> Iterator[RawMessage]:
    if (path / "cur").is_dir() and (path / "new").is_dir():
        for part in ("new", "cur"):
            for file in sorted((path / part).iterdir()):
                yield one_message(file.read_bytes(), file.name, us, now=now)
        return
    for file in sorted(path.iterdir()):
        if not file.name.startswith("."):
            yield from messages(file, us, now=now)


def _file(path: Path, us: Ourselves, now: datetime) -> Iterator[RawMessage]:
    with path.open("rb") as file:
        is_mbox = file.read(len(MBOX_START)) == MBOX_START
    if not is_mbox:
        yield one_message(path.read_bytes(), path.name, us, now=now)
        return
    box = mailbox.mbox(path, create=False)
    try:
        for key in box.iterkeys():
            yield one_message(box.get_bytes(key), f"{path.name}#{key}", us, now=now)
    finally:
        box.close()


def _arrived_at(raw: bytes, us: Ourselves) -> datetime | None:
    """When a host of ours took the mail in, by its topmost Received line that names one.

    Without one its Date is taken as a claim. Old mail so keeps its place in time.
    """
    headers = headers_of(read_head(bounded(raw[:HEAD_BYTES]).head))
    for hop in headers.hops:
        if hop.at is not None and us.has_host(hop.by):
            return hop.at.astimezone(UTC)
    return headers.date.astimezone(UTC) if headers.date else None
