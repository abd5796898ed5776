"""Header sections in a text, mended where mail programs and people tore them."""

import re
from typing import NamedTuple

from complaints.formats.programs import FIELD_NAMES

MAX_FIELDS = 200
FULL_LINE_CHARS = 40  # a line this long may have been broken by a mail program

_QUOTES = (">", "＞", "|")
QUOTE = re.compile(r"^[ \t]{0,3}(?:[>＞|][ \t]?)")
_FIELD = re.compile(r"^([A-Za-z][A-Za-z0-9-]{1,60})[ \t]?:(?:[ \t]|$)")
TRACE_START = re.compile(r"^Received[ \t]?:[ \t]{1,9}(?:from|by|\()", re.IGNORECASE)
_TORN_END = re.compile(r"^(?:\([A-Z][A-Za-z ]{1,30}\)|[+-]?\d{1,4}(?: \([A-Z]{1,5}\))?)$")
_DATED = re.compile(r";.{0,80}\d\d:\d\d(?::\d\d)?(?: [+-]\d{4}| [A-Z]{1,5})")
_TRACE_CONTINUED = re.compile(r"^(?:(?:by|with|for|id|via)[ \t<(]|\([A-Za-z ])", re.IGNORECASE)
_PEOPLE = ("from", "to", "cc", "reply-to", "sender", "return-path")
_TRACE_FIELDS = frozenset(("received", "return-path", "delivered-to", "envelope-to"))
_BROKEN_ZONE = re.compile(r"([+-]\d{0,3})[ \t]+(\d{1,4})(?=$| \()")

_IN_BRACKETS = re.compile(r"\[[^\[\]]{2,60}\]|<[^<>]{2,320}>|=\?[^?]{1,40}\?[bBqQ]\?[^?]{0,200}\?=")


class Line(NamedTuple):
    """A line of a text: how deeply it is quoted, what stands behind its marks, and as it came."""

    depth: int
    text: str
    raw: str


def line_of(raw: str) -> Line:
    """Return the line without its quote marks."""
    rest, depth = raw.rstrip("\r"), 0
    if raw[:4].lstrip(" \t")[:1] not in _QUOTES:
        return Line(0, rest, raw)
    while depth < 10 and (hit := QUOTE.match(rest)):
        rest, depth = rest[hit.end() :], depth + 1
    return Line(depth, rest, raw)


def field_name(text: str) -> str:
    """Return the name of the header field that the line begins, in lower case, or ""."""
    hit = _FIELD.match(text) if ":" in text[:63] else None
    return hit.group(1).lower() if hit else ""


def head_at(lines: list[Line], at: int) -> tuple[list[tuple[str, str]], int]:
    """Return the fields that begin at this line, (name, value), and the line behind them."""
    depth = lines[at].depth
    fields: list[list[str]] = []
    joined: set[int] = set()  # the fields that are of several lines
    torn = 0
    while at < len(lines) and len(fields) < MAX_FIELDS:
        line = lines[at]
        if line.depth < depth and not is_torn_off(lines, at, depth):
            break
        if not line.text.strip():
            if not fields or not _goes_on(lines, at + 1, depth, fields, just_torn=torn > 0):
                break
            at, torn = at + 1, 0
            continue
        name = field_name(line.text) if line.depth >= depth else ""
        if name and (
            name in FIELD_NAMES or name.startswith(("x-", "list-", "arc-")) or len(fields) >= 2
        ):
            fields.append([name, line.text.partition(":")[2].strip()])
            torn = 0
        elif fields and (line.text[:1] in " \t" or _continues(fields[-1], lines, at, torn)):
            torn += line.text[:1] not in " \t"
            fields[-1][1] += " " + line.text.strip()
            joined.add(len(fields) - 1)
        else:
            break
        at += 1
    return [
        (name, _mended(name, value) if number in joined else value)
        for number, (name, value) in enumerate(fields)
    ], at


def _continues(field: list[str], lines: list[Line], at: int, torn: int) -> bool:
    """Whether a line that is not indented still belongs to the field above: was it full?"""
    text = lines[at].text.strip()
    if _TORN_END.match(text) or (text.startswith("=?") and field[1].endswith("?=")):
        return True
    if text[:1] == "<" and "@" in text and "@" not in field[1] and field[0] in _PEOPLE:
        return True
    if field[0] == "received":
        return not _DATED.search(field[1]) and torn < 12
    return torn < 4 and at > 0 and len(lines[at - 1].raw) >= FULL_LINE_CHARS


def _goes_on(
    lines: list[Line], at: int, depth: int, fields: list[list[str]], *, just_torn: bool
) -> bool:
    """Whether a header section goes on behind a blank line, because the blank came from tearing."""
    if at >= len(lines) or lines[at].depth != depth:
        return False
    text, field = lines[at].text, fields[-1]
    if TRACE_START.match(text) or (text.startswith("=?") and field[1].endswith("?=")):
        return True
    if _TRACE_CONTINUED.match(text.strip()):
        return text[:1] in " \t" or (field[0] == "received" and not _DATED.search(field[1]))
    if just_torn and (text[:1] in " \t" or text.startswith("=?")):
        return True
    name = field_name(text)
    # Behind a torn line any field of a mail goes on; behind mere trace lines, what has to follow.
    named = name in FIELD_NAMES or name.startswith("x-")
    return named and (just_torn or (depth > 0 and _is_trace(fields)))


def _is_trace(fields: list[list[str]]) -> bool:
    return all(name in _TRACE_FIELDS for name, _ in fields)


def is_torn_off(lines: list[Line], at: int, depth: int) -> bool:
    """Whether a line without a quote mark is the end of the quoted line above it."""
    return (
        depth > 0
        and bool(lines[at].text.strip())
        and at + 1 < len(lines)
        and lines[at + 1].depth >= depth
        and at > 0
        and lines[at - 1].depth >= depth
        and bool(lines[at - 1].text.strip())
    )


def _mended(name: str, value: str) -> str:
    """Undo the breaks inside of what has no blanks: addresses, IDs, zones, encoded words."""
    if name == "message-id":
        return value.replace(" ", "")
    if name in ("received", "date"):
        value = _BROKEN_ZONE.sub(
            lambda hit: "".join(hit.groups()) if len("".join(hit.groups())) == 5 else hit.group(),
            value,
        )
    return _IN_BRACKETS.sub(lambda hit: hit.group().replace(" ", ""), value)
