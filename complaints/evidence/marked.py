"""A text in spans: what was found in it is marked where it stands. PURE, linear, bounded."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

MOST_VALUES = 300
MOST_MARKS = 500
SHORTEST = 4  # a shorter value stands everywhere

# Characters that turn the direction of what follows: shown, so that they turn nothing.
_TURNING = {
    code: f"\u27e8U+{code:04X}\u27e9"
    for code in (0x200E, 0x200F, 0x061C, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
}


@dataclass(frozen=True, slots=True)
class Span:
    """Some of the text; `kind` and `number` say what it is where it is evidence.

    number  the place of the value among those asked for, from 1; 0 for plain text
    first   whether it is the first mark of this value
    """

    text: str
    kind: str = ""
    number: int = 0
    value: str = ""
    first: bool = False


def spans(text: str, found: Iterable[tuple[str, str]], *, shortest: int = SHORTEST) -> list[Span]:
    """The whole text, with each (kind, value) marked where it stands, defanged or not."""
    values = [(kind, value) for kind, value in found if len(value) >= shortest][:MOST_VALUES]
    numbers = {_folded(value): place for place, (_, value) in enumerate(values, start=1)}
    if not values:
        return [Span(plainly(text))]
    return list(_spans(text, values, numbers))


def plainly(text: str) -> str:
    """The text with characters that turn its direction made visible."""
    return text.translate(_TURNING)


def _spans(text: str, values: list[tuple[str, str]], numbers: dict[str, int]) -> Iterator[Span]:
    longest_first = sorted((value for _, value in values), key=len, reverse=True)
    wanted = re.compile("|".join(map(_pattern, longest_first)), re.IGNORECASE)
    end, seen = 0, set[int]()
    for count, match in enumerate(wanted.finditer(text)):
        if count == MOST_MARKS:
            break
        number = numbers.get(_folded(match[0]), 0)
        if not number:
            continue
        if match.start() > end:
            yield Span(plainly(text[end : match.start()]))
        kind, value = values[number - 1]
        yield Span(plainly(match[0]), kind, number, value, number not in seen)
        seen.add(number)
        end = match.end()
    if end < len(text):
        yield Span(plainly(text[end:]))


def _pattern(value: str) -> str:
    """The value as it may stand in a text: `hxxp://`, `[.]` and `(at)` for what they mean."""
    loose = re.escape(value).replace(r"\.", r"[\[(]?\.[\])]?").replace("@", r"[\[(]?@[\])]?")
    return re.sub(r"^http", "h(?:tt|xx)p", loose)


def _folded(value: str) -> str:
    bare = re.sub(r"[\[\]()]", "", value.lower())
    return re.sub(r"^hxxp", "http", bare)
