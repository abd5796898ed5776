"""The dialects we read, and which one a line is in."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from types import ModuleType

from complaints.maillog import postfix, sendmail
from complaints.maillog.entry import LogEntry, Stamped
from complaints.maillog.framing import LONGEST_LINE, Framing

DIALECTS: dict[str, ModuleType] = {postfix.NAME: postfix, sendmail.NAME: sendmail}
LOOKED_AT = 1000


class NotAMailLog(Exception):
    """None of the first lines is in a dialect that we read; says what was expected."""


@dataclass(slots=True)
class Tally:
    """How much was read and understood; lines that were not, by shape, with one sample each."""

    read: int = 0
    understood: int = 0
    unknown: Counter[str] = field(default_factory=Counter)
    samples: dict[str, str] = field(default_factory=dict)

    def count_unknown(self, line: str, program: str) -> None:
        """Note a line that says nothing to us. Its shape: the program and its first words."""
        words = [word for word in line.partition(": ")[2].split()[:4] if word.isalpha()]
        shape = f"{program}: {' '.join(words[:3])}"[:80]
        if len(self.unknown) < 200 or shape in self.unknown:
            self.unknown[shape] += 1
            self.samples.setdefault(shape, line[:300])


def read_lines(
    lines: Iterable[str], *, framing: Framing, dialect: str = "auto", tally: Tally
) -> Iterator[LogEntry]:
    """Yield an entry for each line that tells something, and count the others.

    dialect  a name of DIALECTS, or `auto`: recognised line by line
    raises   NotAMailLog if `auto` recognises none of the first 1000 lines
    """
    recognised = dialect != "auto"
    for number, line in enumerate(filter(None, lines), start=1):
        tally.read += 1
        line = line[:LONGEST_LINE]
        stamped = framing.split(line)
        reader = _reader(stamped, dialect) if stamped else None
        recognised = recognised or reader is not None
        entry = reader(stamped, line) if reader and stamped else None
        if entry is not None:
            tally.understood += 1
            yield entry
        else:
            tally.count_unknown(line, stamped.program if stamped else "no time stamp")
        if not recognised and number >= LOOKED_AT:
            raise NotAMailLog(
                f"none of its first {number} lines is from {', '.join(DIALECTS)}. "
                "Is it a mail log? If so, name its --dialect."
            )


def _reader(stamped: Stamped, dialect: str) -> Callable[[Stamped, str], LogEntry | None] | None:
    if dialect != "auto":
        chosen: Callable[[Stamped, str], LogEntry | None] = DIALECTS[dialect].read
        return chosen
    for module in DIALECTS.values():
        if module.recognises(stamped):
            found: Callable[[Stamped, str], LogEntry | None] = module.read
            return found
    return None
