"""The dialects we read, and which one a log is in."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from types import ModuleType

from complaints.maillog import exchange, exim, filters, opensmtpd, postfix, sendmail
from complaints.maillog.entry import Event, LogEntry, Stamped
from complaints.maillog.framing import Framing

# In this order: sendmail is known by its text alone, which some of the others' resembles.
DIALECTS: dict[str, ModuleType] = {
    dialect.NAME: dialect for dialect in (postfix, exim, opensmtpd, filters, exchange, sendmail)
}
LOOKED_AT = 1000
MOST_SHAPES = 200


class NotAMailLog(Exception):
    """None of the first lines is in a dialect that we read; says what was expected."""


@dataclass(slots=True)
class Tally:
    """How much was read and understood; lines that were not, by shape, with one sample each."""

    read: int = 0
    understood: int = 0
    unknown: Counter[str] = field(default_factory=Counter)
    samples: dict[str, str] = field(default_factory=dict)
    last_at: datetime | None = None

    def count_unknown(self, line: str, program: str) -> None:
        """Note a line that says nothing to us. Its shape: the program and its first words."""
        text = line.partition(": ")[2] or line
        words = [word for word in text.split(None, 4)[:4] if word.isalpha()]
        shape = f"{program}: {' '.join(words[:3])}"[:80]
        if len(self.unknown) >= MOST_SHAPES and shape not in self.unknown:
            shape = "other shapes"
        if shape not in self.samples:
            self.samples[shape] = line[:300]
        self.unknown[shape] += 1

    def add(self, other: "Tally") -> None:
        """Count what another tally counted as well."""
        self.read += other.read
        self.understood += other.understood
        self.unknown.update(other.unknown)
        self.samples = other.samples | self.samples
        self.last_at = other.last_at or self.last_at


def read_lines(
    lines: Iterable[str],
    *,
    framing: Framing,
    tally: Tally,
    dialect: str = "auto",
    whole_file: bool = False,
) -> Iterator[LogEntry]:
    """Yield an entry for each line that tells something of a message; count all lines.

    dialect     a name of DIALECTS, or `auto`: recognised by the program that wrote a line
    whole_file  whether the lines are a file that somebody says is a mail log
    raises      NotAMailLog if none of the first 1000 lines of a whole file is recognised
    """
    forced = DIALECTS.get(dialect)
    known: dict[str, ModuleType] = {}
    number = -1
    for number, line in enumerate(filter(None, lines)):
        if whole_file and number == LOOKED_AT and not (known or forced):
            raise not_a_mail_log(number)
        tally.read += 1
        stamped = framing.split(line)
        entry = None
        if stamped:
            module = forced or known.get(stamped.program) or _recognised(stamped, known)
            entry = module.read(stamped, line) if module else None
            tally.last_at = stamped.at
        if entry is None or stamped is None:
            tally.count_unknown(line, stamped.program if stamped else "no time stamp")
            continue
        tally.understood += 1
        if entry.event is not Event.NOTHING:
            entry.host, entry.process_id = stamped.host, stamped.process_id
            yield entry
    if whole_file and number >= 0 and not (known or forced):
        raise not_a_mail_log(number + 1)


def _recognised(stamped: Stamped, known: dict[str, ModuleType]) -> ModuleType | None:
    """The dialect of this line, remembered for the program that wrote it."""
    for module in DIALECTS.values():
        if module.recognises(stamped):
            known[stamped.program] = module
            return module
    return None


def not_a_mail_log(looked_at: int) -> NotAMailLog:
    """The refusal of a file of which so many lines were looked at."""
    return NotAMailLog(
        f"none of its first {looked_at} lines is from {', '.join(DIALECTS)}. "
        "Is it a mail log? If so, name its --dialect."
    )
