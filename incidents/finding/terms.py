"""PURE: a text to the words it is found by, and what somebody asks for to phrases of such words.

Languages that write no blanks are cut into pairs of characters, so that any two characters that
follow each other are found.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

MOST_CHARS = 100_000
MOST_WORDS = 10_000
LONGEST = 40
_WORD = re.compile(r"[^\W_]+")
_PAIRED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uac00-\ud7af\u0e00-\u0e7f]+")
_ASKED = re.compile(r'(?:(\w+):)?(?:"([^"]*)"|(\S+))')

# What stands before the words of a field, so that they are told from words of the text.
FROM, IP = "qf0", "qi0"
STATES = ("open", "quarantined", "closed")
KINDS = ("complaint", "incident", "letter", "notice")


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asks for.

    phrases  each a tuple of words that follow each other
    shown    the same as they were typed, to be marked in what is found
    last_is_begun  whether the last word may go on
    """

    phrases: tuple[tuple[str, ...], ...] = ()
    shown: tuple[str, ...] = ()
    last_is_begun: bool = False
    state: str = ""
    kind: str = ""
    before: date | None = None
    after: date | None = None

    def __bool__(self) -> bool:
        return bool(self.phrases or self.state or self.kind or self.before or self.after)


def words(text: str, prefix: str = "") -> list[str]:
    """The words of a text, each with the prefix of its field; at most MOST_WORDS."""
    found: list[str] = []
    for word in _words(unicodedata.normalize("NFKC", text[:MOST_CHARS]).lower()):
        found.append(prefix + word[:LONGEST])
        if len(found) == MOST_WORDS:
            break
    return found


def _words(text: str) -> Iterator[str]:
    for match in _WORD.finditer(text):
        end = 0
        for run in _PAIRED.finditer(match[0]):
            if run.start() > end:
                yield match[0][end : run.start()]
            yield from _pairs(run[0])
            end = run.end()
        if end < len(match[0]):
            yield match[0][end:]


def _pairs(run: str) -> Iterator[str]:
    if len(run) == 1:
        yield run
    for place in range(len(run) - 1):
        yield run[place : place + 2]


def asked(text: str) -> Asked:
    """What is asked for: words, "phrases", from:, ip:, is:, in:, before:, after:."""
    phrases: list[tuple[str, ...]] = []
    shown: list[str] = []
    facts: dict[str, object] = {}
    begun = False
    for name, quoted, bare in _ASKED.findall(text[:300]):
        value = quoted or bare
        if name in ("before", "after") and (day := _day(value)):
            facts[name] = day
        elif name == "is" and value in STATES:
            facts["state"] = value
        elif name == "in" and value.removesuffix("s") in KINDS:
            facts["kind"] = value.removesuffix("s")
        else:
            prefix = {"from": FROM, "ip": IP}.get(name, "")
            plain = value if prefix or not name else f"{name}:{value}"
            if phrase := tuple(words(plain, prefix)):
                phrases.append(phrase)
                shown.append(value)
                begun = not quoted and prefix != IP
    return Asked(tuple(phrases), tuple(shown), begun, **facts)  # type: ignore[arg-type]


def _day(value: str) -> date | None:
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None
