"""Lives: messages that a log tells plainly, by columns, and the block of the log they stand in."""

from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass, field, fields
from datetime import datetime
from itertools import compress
from typing import Any, NamedTuple, cast

from complaints.maillog import postfix
from complaints.maillog.columns import Block, Places
from complaints.maillog.entry import RawLine, Writer
from complaints.maillog.passage import Passage


@dataclass(slots=True)
class Lives:
    """Plain lives of messages of one host by columns, in the order in which they began.

    clients  (name, address, login) of each
    numbers  of the lines of each, in its block
    children the queue ID of a bounce that each begot, or nothing
    counts   how many deliveries each has: so many of the columns behind it, one life after another
    relays   (name, address) of each delivery
    """

    queue_ids: list[str]
    queued_at: list[datetime]
    removed_at: list[datetime]
    clients: list[tuple[str, str, str]]
    message_ids: list[str]
    senders: list[str]
    sizes: list[int]
    recipient_counts: list[int]
    children: list[str]
    numbers: list[list[int]]
    counts: list[int]
    recipients: list[str]
    original_recipients: list[str]
    relays: list[tuple[str, str]]
    dsns: list[str]
    statuses: list[str]
    replies: list[str]
    next_queue_ids: list[str]
    delivered_at: list[datetime]
    source: "Source"

    def __len__(self) -> int:
        return len(self.queue_ids)

    def lines(self, place: int) -> list[str]:
        """The lines of one of them, as they stand in the log."""
        return self.source.lines(self.numbers[place])

    def passage(self, place: int) -> Passage:
        """One of them as those who read line by line hand it on."""
        lines = [self.source.raw_line(line) for line in self.lines(place)]
        made = postfix.plain(self.queue_ids[place], lines)
        if made is None:
            raise AssertionError(f"not a plain life: {lines}")
        return made

    def only(self, chosen: Sequence[bool]) -> "Lives":
        """Those that are chosen."""
        of_each = [
            mark for mark, count in zip(chosen, self.counts, strict=True) for _ in range(count)
        ]
        kept: list[Any] = [
            list(compress(getattr(self, name), of_each if place >= A_LIFE else chosen))
            for place, name in enumerate(COLUMNS)
        ]
        return Lives(*[*kept, self.source])


COLUMNS = [field.name for field in fields(Lives)][:-1]
A_LIFE = COLUMNS.index("recipients")


class Origin(NamedTuple):
    """Where a block stands: its file, and the place in that in bytes, unpacked."""

    path: str
    offset: int


class Owner(NamedTuple):
    """Whose lines a head leads: a number, the head's Writer, and queue IDs to be left alone."""

    number: int
    writer: Writer
    busy: tuple[Set[str], ...]


@dataclass(slots=True)
class Source:
    """The block that lives were cut out of, and what is known of its lines.

    `stored_as` is the key under which the block itself was stored, once it was.
    """

    block: Block
    heads: dict[bytes, Owner]
    stamp_length: int
    moment: Callable[[str], datetime | None]
    origin: Origin
    moments: list[datetime | None] = field(default_factory=list)
    stored_as: int | None = None

    def busy(self, number: int) -> list[Set[str]]:
        """The queue IDs of an owner that are to be left alone."""
        return next(list(one.busy) for one in self.heads.values() if one.number == number)

    def times(self, stamps: Places) -> list[datetime]:
        """The times of stamps by their numbers, all of which have one."""
        moments = self.moments
        return [cast(datetime, moments[stamp]) for stamp in stamps.tolist()]

    def lines(self, numbers: Iterable[int]) -> list[str]:
        """Lines by their numbers."""
        starts, ends = self.block.starts, self.block.ends
        return [self.block.text[starts[number] : ends[number]] for number in numbers]

    def raw_line(self, line: str) -> RawLine:
        """A line of a life, as it is gathered where lines are read one by one."""
        head, _, text = line.split(": ", 2)
        program, bracket, process_id = head[self.stamp_length :].partition("[")
        of = self.heads[f"{program}{bracket}".encode("ascii")].writer
        at = self.moment(line[: self.stamp_length])
        if at is None:
            raise AssertionError(f"no time: {line}")
        return at, text, line, Writer(of.host, of.program, process_id[:-1], of.dialect)
