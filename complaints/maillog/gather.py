"""Lines gathered by host and queue ID before they are understood: the hot path of reading.

Most lines of a log are of two kinds: of a message, and of a connection that tells nothing of
one. Both are known by their first characters. What a message's lines say is read when they
are taken together, and by its dialect's `plain` where nothing is unusual.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from datetime import datetime
from types import ModuleType
from typing import Generic, NamedTuple, TypeVar

from complaints.maillog import columns, postfix
from complaints.maillog.archive import LONGEST_LINE, Piece, decode
from complaints.maillog.assemble import Assembler
from complaints.maillog.columns import Block
from complaints.maillog.dialects import DIALECTS, LOOKED_AT, Tally, not_a_mail_log, read_lines
from complaints.maillog.entry import Event, RawLine, Stamped, Writer
from complaints.maillog.framing import Framing, own_length
from complaints.maillog.lives import Origin, Owner, Source
from complaints.maillog.plainlives import plain_lives

# Process IDs come round; whoever writes again is known again at once.
MOST_WRITERS = 20_000
SIGN_INS = tuple(mark for dialect in DIALECTS.values() for mark in getattr(dialect, "SIGN_INS", ()))
# The program that stamps its lines itself names neither a host nor itself in them.
OWN = "  exim"
# How no syslogged line begins: with the client that is refused.
TOLD_AT_ONCE = "H="
# Of fewer bytes columns are no gain.
SMALL_BYTES = 128 * 1024
MOST_HEADS = 64
UNKNOWN = Origin("", 0)
Host = TypeVar("Host", bound=Hashable)
CLASSIC_STAMP = len("Jan 20 13:05:10")


class Known(NamedTuple):
    """What is done with the lines of one process.

    raw     of its host: lines by queue ID; always empty if its dialect keeps none for later
    begins  its dialect's test whether a line is the first of a message
    quiet   beginnings of lines that tell nothing of a message, by their first letter
    """

    raw: dict[str, list[RawLine]]
    begins: Callable[[str, str], bool]
    quiet: dict[str, tuple[str, ...]]
    writer: Writer
    assembler: Assembler


class Gatherer(Generic[Host]):
    """Takes the lines of logs and hands each to the Assembler of its host.

    host_of  the host that calls itself by this name: whose queue IDs its lines name
    dialect  a name of DIALECTS, or `auto`: recognised by the program that wrote a line

    `recognised` tells whether a line of a mail server was seen in this file.
    """

    def __init__(
        self, *, tally: Tally, host_of: Callable[[str], Host], dialect: str = "auto"
    ) -> None:
        self.assemblers: dict[Host, Assembler] = {}
        self._tally = tally
        self._host_of = host_of
        self._forced = DIALECTS.get(dialect)
        self.recognised = bool(self._forced)
        self._dialects: dict[str, ModuleType] = {}
        self._programs: dict[str, Known] = {}
        self._writers: dict[str, Known] = {}
        self._stamp_length = CLASSIC_STAMP
        self._own_stamps = 0

    @property
    def has_lives(self) -> bool:
        """Whether lives were cut out of a block; lines of the next may belong to the same."""
        return any(assembler.lives for assembler in self.assemblers.values())

    def feed_file(self, blocks: Iterable[Piece], framing: Framing) -> Iterator[int]:
        """Take in a file; yield the number of its lines so far, after each block of them.

        raises   NotAMailLog if none of its first 1000 lines is recognised
        """
        self.recognised = bool(self._forced)
        self._dialects.clear()
        self._programs.clear()
        self._writers.clear()
        self._own_stamps = 0
        fed = 0
        for block in blocks:
            if fed >= LOOKED_AT:
                fed += self.feed_block(block.data, framing, Origin(block.path, block.offset))
            else:
                fed += self._feed_first_lines(decode(block.data), framing, LOOKED_AT - fed)
            yield fed
        if fed and not self.recognised:
            raise not_a_mail_log(fed)

    def _feed_first_lines(self, lines: Sequence[str], framing: Framing, count: int) -> int:
        """Take in lines, and refuse them if so many tell of no mail server; how many they are."""
        for some in (lines[:count], lines[count:]):
            self.feed(some, framing)
            if len(some) >= count and not self.recognised:
                raise not_a_mail_log(LOOKED_AT)
        return len(lines)

    def feed_block(self, data: bytes, framing: Framing, origin: Origin = UNKNOWN) -> int:
        """Take in whole lines, without the end of the last; how many they are.

        What is told plainly is cut out by columns (`lives`), the rest is read line by line.
        """
        begun = data.find(b"\n", SMALL_BYTES // 2) if not self._programs else -1
        if begun > 0 and len(data) >= SMALL_BYTES:  # the first lines tell who writes the log
            rest = Origin(origin.path, origin.offset + begun + 1)
            first = self.feed_block(data[:begun], framing, origin)
            return first + self.feed_block(data[begun + 1 :], framing, rest)
        heads = self._heads()
        if len(data) < SMALL_BYTES or not framing.knows_each_alone or not heads:
            lines = decode(data)
            self.feed(lines, framing)
            return len(lines)
        block = columns.block_of(data, LONGEST_LINE)
        found = plain_lives(Source(block, heads, self._stamp_length, framing.moment, origin))
        count, left = len(block.starts), found.left.tolist()
        self._tally.read += count - len(left)
        self._tally.understood += count - len(left)
        lines = [_text(block, number) for number in left]
        self.feed(lines, framing)
        self._tally.last_at = found.last_at or self._tally.last_at

        def place_of() -> dict[str, int]:
            return {_text(block, number): number for number in range(count - 1, -1, -1)}

        assemblers = list(self.assemblers.values())
        for number, lives in found.lives.items():
            assemblers[number].take_in_lives(lives, place_of, self._tally)
        return count

    def _heads(self) -> dict[bytes, Owner]:
        """How the lines of Postfix begin behind the stamp, of the programs that are known."""
        if self._own_stamps:
            return {}
        heads = {}
        numbers = {assembler: number for number, assembler in enumerate(self.assemblers.values())}
        for program, known in self._programs.items():
            head = f"{program}[".encode("utf-8", "replace")
            if known.writer.dialect is postfix and len(head) <= columns.LONGEST_HEAD:
                busy = (known.assembler.raw.keys(), known.assembler.entries.keys())
                heads[head] = Owner(numbers[known.assembler], known.writer, busy)
            if len(heads) == MOST_HEADS:
                break
        return heads

    def feed(self, lines: Sequence[str], framing: Framing) -> None:
        """Take in the lines, in the order of the log, and count all of them."""
        if self._own_stamps:
            self._feed_own(lines, framing)
            return
        moment, writers, length = framing.moment, self._writers, self._stamp_length
        stamp, at, before = "", None, None
        self._tally.read += len(lines)
        self._tally.understood += len(lines)
        for line in lines:
            parts = line.split(": ", 2)
            head = parts[0]
            if head[:length] != stamp:
                before = at or before
                stamp = head[:length]
                at = moment(stamp)
            known = writers.get(head[length:]) or self._met(head[length:])
            if known is None or at is None or len(parts) == 1:
                self._tally.last_at = before or self._tally.last_at
                self._feed_other(line, framing)
                length, stamp, at, before = self._stamp_length, "", None, None
                continue
            raw, begins, quiet, writer, assembler = known
            queue_id = parts[1]
            whole = len(parts) == 3
            if whole and queue_id in raw:
                raw[queue_id].append((at, parts[2], line, writer))
                continue
            said = line[len(head) + 2 :]
            letter = said[:1]
            if letter in quiet and said.startswith(quiet[letter]):
                continue
            if whole and queue_id not in assembler.entries and begins(queue_id, parts[2]):
                raw[queue_id] = [(at, parts[2], line, writer)]
            elif letter == "[":  # a number before the text, as Solaris has it
                self._feed_other(line, framing)
            else:
                self._feed_first(known, at, said, line)
        self._tally.last_at = at or before or self._tally.last_at

    def remember(self, lines: Iterable[str], framing: Framing) -> None:
        """Know of sessions that were told in lines read before: messages may follow."""
        told = (line for line in lines if any(mark in line for mark in SIGN_INS))
        dialect = getattr(self._forced, "NAME", "auto")
        for entry in read_lines(told, framing=framing, tally=Tally(), dialect=dialect):
            if entry.event is Event.SIGN_IN:
                host = self._host_of(entry.host)
                self.assemblers.setdefault(host, Assembler()).feed([entry])

    def _feed_own(self, lines: Sequence[str], framing: Framing) -> None:
        """Lines of a program that stamps its log itself: `2026-03-02 09:00:01 ID text` (Exim)."""
        length, moment = self._own_stamps, framing.own_moment
        known = self._programs[OWN]
        raw, begins, quiet, writer, assembler = known
        stamp, at, before, others = "", None, None, 0
        self._tally.read += len(lines)
        self._tally.understood += len(lines)
        for line in lines:
            if line[:length] != stamp:
                stamp, before = line[:length], at or before
                at = moment(stamp) if line[10:11] == " " else None
            start = length + 1
            if line[start : start + 1] == "[":
                start = line.find("] ", start) + 2
            end = line.find(" ", start)
            queue_id = line[start:end]
            if at is None or line[length : length + 1] != " ":
                others += 1
                self._tally.last_at = before or self._tally.last_at
                self._feed_other(line, framing)
                stamp, at, before = "", None, None
            elif queue_id in raw:
                raw[queue_id].append((at, line[end + 1 :], line, writer))
            elif begins(queue_id, "") and queue_id not in assembler.entries:
                raw[queue_id] = [(at, line[end + 1 :], line, writer)]
            elif line.startswith(TOLD_AT_ONCE, start):
                self._read(known, at, line[start:], line)
            elif not line.startswith(quiet.get(line[start : start + 1], ()), start):
                self._feed_other(line, framing)
        self._tally.last_at = at or before or self._tally.last_at
        if 2 * others > len(lines):
            self._own_stamps = 0

    def _feed_other(self, line: str, framing: Framing) -> None:
        """A line of a new writer or in another framing; the next may be in the same."""
        stamped = framing.split(line) if line else None
        if stamped is None:
            self._tally.understood -= 1
            if line:
                self._tally.count_unknown(line, "no time stamp")
            else:
                self._tally.read -= 1
            return
        self._tally.last_at = stamped.at
        self._stamp_length = line.find(" ") if line[:1].isdecimal() else CLASSIC_STAMP
        tag = _key(stamped)
        known = self._writers.get(tag) or self._met(tag) or self._meet(stamped)
        if line[10:11] == " " and f" {stamped.host} {stamped.program}" == OWN in self._programs:
            self._own_stamps = own_length(line)
        if not stamped.text.startswith(known.quiet.get(stamped.text[:1], ())):
            self._feed_first(known, stamped.at, stamped.text, line)

    def _feed_first(self, known: Known, at: datetime, said: str, line: str) -> None:
        """A line that is the first of its queue ID, as far as is known, or is of none."""
        queue_id, _, text = said.partition(": ")
        if queue_id in known.raw:
            known.raw[queue_id].append((at, text, line, known.writer))
        elif queue_id not in known.assembler.entries and known.begins(queue_id, text):
            known.raw[queue_id] = [(at, text, line, known.writer)]
        else:
            self._read(known, at, said, line)

    def _met(self, tag: str) -> Known | None:
        """What is done with another process of a known program; None for an unknown one."""
        program, _, process_id = tag.partition("[")
        known = self._programs.get(program)
        if known is None or process_id[-1:] != "]" or not process_id[:-1].isdecimal():
            return None
        return self._remember(tag, known, process_id[:-1])

    def _remember(self, tag: str, known: Known, process_id: str) -> Known:
        """The same for one process."""
        if len(self._writers) >= MOST_WRITERS:
            self._writers.clear()
        of = known.writer
        writer = Writer(of.host, of.program, process_id, of.dialect)
        self._writers[tag] = known = Known(
            known.raw, known.begins, known.quiet, writer, known.assembler
        )
        return known

    def _meet(self, stamped: Stamped) -> Known:
        """A program that is new, or whose dialect has just been recognised."""
        dialect = self._dialect_of(stamped)
        assembler = self.assemblers.setdefault(self._host_of(stamped.host), Assembler())
        keeps = hasattr(dialect, "begins")
        known = Known(
            assembler.raw if keeps else {},
            dialect.begins if dialect and keeps else _never,
            _by_letter(getattr(dialect, "QUIET", ())),
            Writer(stamped.host, stamped.program, stamped.process_id, dialect),
            assembler,
        )
        self.recognised = self.recognised or dialect is not None
        program = f" {stamped.host} {stamped.program}"
        if dialect or program != OWN:
            self._programs[program] = known
        return self._remember(_key(stamped), known, stamped.process_id)

    def _dialect_of(self, stamped: Stamped) -> ModuleType | None:
        """The dialect of this line, remembered for the program that wrote it."""
        known = self._forced or self._dialects.get(stamped.program)
        if known is None:
            known = next((one for one in DIALECTS.values() if one.recognises(stamped)), None)
            if known:
                self._dialects[stamped.program] = known
        return known

    def _read(self, known: Known, at: datetime, said: str, line: str) -> None:
        """Understand a line at once: it tells of no message, or of one in an unusual way."""
        writer = known.writer
        # By its name the program was not known; sendmail and OpenSMTPD are known by their text.
        by_text = "=" in said or "smtpd" in writer.program
        if not (writer.dialect or by_text or writer.program in self._dialects):
            self._tally.understood -= 1
            self._tally.count_unknown(line, writer.program)
            return
        stamped = Stamped(at, writer.host, writer.program, writer.process_id, said)
        if writer.dialect is None and self._dialect_of(stamped):
            writer = self._meet(stamped).writer
        entry = writer.dialect.read(stamped, line) if writer.dialect else None
        if entry is None:
            self._tally.understood -= 1
            self._tally.count_unknown(line, writer.program)
        elif entry.event is not Event.NOTHING:
            entry.host, entry.process_id = writer.host, writer.process_id
            known.assembler.take_in(entry, self._tally)


def _text(block: Block, number: int) -> str:
    """A line of a block, as `decode` gives it."""
    start, end = block.starts[number], block.ends[number]
    if block.odd[number]:
        return decode(block.data[start:end])[0]
    return block.text[start:end]


def _key(stamped: Stamped) -> str:
    """What stands between the stamp and the text of a line in a common framing."""
    tag = f"{stamped.program}[{stamped.process_id}]" if stamped.process_id else stamped.program
    return f" {stamped.host} {tag}"


def _by_letter(beginnings: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Beginnings of lines by their first letter: few are compared with each line."""
    found: dict[str, tuple[str, ...]] = {}
    for beginning in beginnings:
        found[beginning[0]] = (*found.get(beginning[0], ()), beginning)
    return found


def _never(_queue_id: str, _text: str) -> bool:
    """Of dialects that are read line by line: no line is kept for later."""
    return False
