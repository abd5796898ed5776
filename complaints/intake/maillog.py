"""The lines of mail logs: whole files, and what was added to followed ones; safe to read twice."""

import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import islice
from pathlib import Path

from django.db import transaction
from django.db.models import Q

from complaints import organisation
from complaints.intake import bulk, passages
from complaints.intake.hosts import host_of
from complaints.intake.lineage import Parent
from complaints.maillog import archive, dialects, follow
from complaints.maillog.dialects import Tally
from complaints.maillog.direction import Ourselves
from complaints.maillog.framing import Framing
from complaints.maillog.gather import Gatherer
from complaints.maillog.lives import Origin
from complaints.models import LogSource, MailHost

LINES_AT_ONCE = 60_000
LINES_A_TRANSACTION = 150_000
LOOKED_AT_FOR_A_TIME = 1_000
LEASE = timedelta(minutes=5)
CHUNKS_AT_ONCE = 20


@dataclass(slots=True)
class Imported:
    """What an import did: lines read and understood, messages and refusals that are new."""

    tally: Tally = field(default_factory=Tally)
    messages: int = 0
    relayed: int = 0
    refused: int = 0

    def add(self, saved: "passages.Saved | Imported") -> None:
        """Count rows that were saved, not lines."""
        self.messages += saved.messages
        self.relayed += saved.relayed
        self.refused += saved.refused


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read log files that somebody names.

    zone          of classic stamps
    not_after     no line is later than this: gives yearless stamps their year
    by_file_time  nor is a line later than the file it stands in
    """

    zone: tzinfo
    not_after: datetime
    by_file_time: bool = False
    dialect: str = "auto"

    def framing(self, path: Path) -> Framing:
        """The framing of one file."""
        not_after = self.not_after
        if self.by_file_time:
            not_after = min(not_after, archive.written_at(path))
        return Framing(zone=self.zone, not_after=not_after)


@contextmanager
def _no_cycle_collection() -> Iterator[None]:
    """Reading makes millions of objects and no cycles: to look for some costs a quarter more."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@_no_cycle_collection()
def import_logs(
    paths: Iterable[Path],
    host: MailHost,
    reading: Reading,
    *,
    progress: Callable[[Tally], None] | None = None,
) -> Imported:
    """Read log files in any order, and save what they say.

    host      whose they are; lines in which another host of ours names itself are that one's
    progress  called after each stretch that was saved
    raises    UnreadableLog, NotAMailLog; what was read until then is saved
    """
    imported, us = Imported(), organisation.ourselves()
    gatherer = Gatherer(tally=imported.tally, host_of=host_of(host), dialect=reading.dialect)
    bulk.expect_many()
    childless: dict[MailHost, dict[str, Parent]] = {}
    for path in sorted(paths, key=lambda path: _first_moment(path, reading.framing(path))):
        stretches = _stretches(path, reading, gatherer)
        at_end = False
        while not at_end:
            with transaction.atomic():  # many stretches: an index page is written once for all
                at_end = _save_some(stretches, gatherer, imported, us, childless, reading)
            if progress:
                progress(imported.tally)
        next(stretches, None)  # what ended the file early is told when all before it is saved
    return imported


def _save_some(
    stretches: Iterator[bool],
    gatherer: Gatherer[MailHost],
    imported: Imported,
    us: Ourselves,
    childless: dict[MailHost, dict[str, Parent]],
    reading: Reading,
) -> bool:
    """Save stretches of a file, as many as one transaction takes; whether it has ended."""
    read = imported.tally.read
    for at_end in stretches:
        for writer, assembler in gatherer.assemblers.items():
            lives = assembler.take_lives()
            gathered = assembler.take(imported.tally, ended=not at_end)
            waiting = childless.setdefault(writer, {})
            saved = passages.save(
                writer, *gathered, us, lives=lives, childless=waiting, dialect=reading.dialect
            )
            imported.add(saved)
        if at_end or imported.tally.read - read >= LINES_A_TRANSACTION:
            return at_end
    return True


def _stretches(path: Path, reading: Reading, gatherer: Gatherer[MailHost]) -> Iterator[bool]:
    """Feed the lines of a file; yield when enough are gathered, and True when it has ended.

    Stretches are bounded: memory does not grow with the log.
    """
    fed = saved = 0
    try:
        for fed in gatherer.feed_file(archive.blocks_of(path), reading.framing(path)):
            if fed - saved >= LINES_AT_ONCE or gatherer.has_lives:
                yield False
                saved = fed
    except dialects.NotAMailLog as refusal:
        raise dialects.NotAMailLog(f"{path}: {refusal}") from refusal
    except archive.UnreadableLog:
        yield True  # what was read until here is saved
        raise
    yield True


def _first_moment(path: Path, framing: Framing) -> datetime:
    """When a log begins: files are read in this order, whatever they are called."""
    for line in islice(archive.lines_of(path), LOOKED_AT_FOR_A_TIME):
        stamped = framing.split(line)
        if stamped:
            return stamped.at
    return datetime.max.replace(tzinfo=UTC)


@_no_cycle_collection()
def read_new_lines(source: LogSource, *, now: datetime) -> Imported:
    """Save what was added to a followed log, and how far it was read, in one transaction each.

    A lease keeps two readers apart; who does not get it reads nothing.
    """
    imported = Imported()
    if not _lease(source, now):
        return imported
    problem = ""
    try:
        chunks = follow.new_lines(Path(source.path), identity=source.identity, offset=source.offset)
        gatherer = Gatherer(
            tally=imported.tally, host_of=host_of(source.host), dialect=source.dialect
        )
        begun = False
        for chunk in islice(chunks, CHUNKS_AT_ONCE):  # the rest next time: the lease runs out
            if chunk.data and not begun:
                gatherer.remember(_lines_before(source), _framing(source, now))
                begun = True
            _save_chunk(source, chunk, gatherer, imported, now=now)
            problem = problem or (f"{now:%Y-%m-%d %H:%M} UTC: {chunk.gap}" if chunk.gap else "")
    except archive.UnreadableLog as refusal:
        problem = str(refusal)
    if problem or not source.last_error.endswith(follow.GAPS):  # what is lost stays on show
        source.last_error = problem[:500]
    source.last_read_at, source.lease_until = now, None
    source.save(update_fields=["last_error", "last_read_at", "lease_until"])
    return imported


def _lines_before(source: LogSource) -> list[str]:
    """The lines that were read last: a poll may fall between a session and its message."""
    if not source.identity:
        return []
    path = Path(source.path)
    return follow.lines_before(path, identity=source.identity, offset=source.offset)


def _framing(source: LogSource, now: datetime) -> Framing:
    return Framing(zone=zone_of(source.host), not_after=now)


def _lease(source: LogSource, now: datetime) -> bool:
    free = Q(lease_until=None) | Q(lease_until__lte=now)
    taken = LogSource.objects.filter(free, pk=source.pk).update(lease_until=now + LEASE)
    if taken:
        source.refresh_from_db()
    return bool(taken)


def _save_chunk(
    source: LogSource,
    chunk: follow.Chunk,
    gatherer: Gatherer[MailHost],
    imported: Imported,
    *,
    now: datetime,
) -> None:
    """Save the rows and the place to go on from together: no line is lost or read twice."""
    tally = imported.tally
    read, unknown = tally.read, tally.read - tally.understood
    if chunk.data:
        origin = Origin(source.path, chunk.start)
        gatherer.feed_block(chunk.data, _framing(source, now), origin)
    us = organisation.ourselves()
    with transaction.atomic():
        for writer, assembler in gatherer.assemblers.items():
            lives = assembler.take_lives()
            gathered = assembler.take(tally)
            saved = passages.save(writer, *gathered, us, lives=lives, dialect=source.dialect)
            imported.add(saved)
        source.identity, source.offset = chunk.identity, chunk.offset
        source.lines_read += tally.read - read
        source.lines_unknown += tally.read - tally.understood - unknown
        source.last_line_at = tally.last_at or source.last_line_at
        source.save(
            update_fields=["identity", "offset", "lines_read", "lines_unknown", "last_line_at"]
        )


def zone_of(host: MailHost) -> tzinfo:
    """The zone of a host's log, from its UTC offset (`+09:00`)."""
    return organisation.zone_of_offset(host.log_utc_offset)
