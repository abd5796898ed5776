"""A log source is tried: can its file be read, and what is understood of its newest lines?"""

import os
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

from complaints.intake.maillog import zone_of
from complaints.maillog import archive, dialects
from complaints.maillog.dialects import Tally
from complaints.maillog.framing import Framing
from complaints.models import LogSource

TAIL_BYTES = 512 * 1024
MOST_LINES = 5_000
MOST_SHAPES = 5


@dataclass(frozen=True, slots=True)
class LogTrial:
    """What came of it.

    read, understood  lines; those that tell nothing of a message and are known count as understood
    unknown           (shape, lines), the most frequent first
    last_at           time of the newest line, in UTC; None where no line had one
    size_bytes        of the file
    """

    read: int
    understood: int
    unknown: tuple[tuple[str, int], ...]
    last_at: datetime | None
    size_bytes: int


def try_source(source: LogSource, *, now: datetime) -> LogTrial:
    """Read the newest lines as the follower would; nothing is stored, and no place is moved.

    raises   UnreadableLog, NotAMailLog: worded for the person who set it up
    """
    path = Path(source.path)
    try:
        size = path.stat().st_size
        lines = _newest(path, size)
    except OSError as error:
        raise archive.UnreadableLog(f"{path}: {error.strerror or error}") from error
    tally = Tally()
    framing = Framing(zone=zone_of(source.host), not_after=now)
    for _entry in dialects.read_lines(
        lines, framing=framing, tally=tally, dialect=source.dialect, whole_file=True
    ):
        pass
    return LogTrial(
        read=tally.read,
        understood=tally.understood,
        unknown=tuple(tally.unknown.most_common(MOST_SHAPES)),
        last_at=tally.last_at,
        size_bytes=size,
    )


def _newest(path: Path, size: int) -> list[str]:
    """The last whole lines of a plain file; the first ones of a packed one."""
    with path.open("rb") as file:
        if file.read(6).startswith((archive.ZSTANDARD, *archive.PACKED)):
            return list(islice(archive.lines_of(path), MOST_LINES))
        start = max(0, size - TAIL_BYTES)
        file.seek(start, os.SEEK_SET)
        data = file.read(TAIL_BYTES)
    whole = data.partition(b"\n")[2] if start else data
    return archive.decode(whole.rstrip(b"\n"))[-MOST_LINES:]
