"""JSON as mails carry it: a file, a passage of a text, quoted, or broken; never an exception.

Source: RFC 8259. Linear: a text is tried from a few places only.
"""

import json
import re
from collections.abc import Iterator

MAX_CHARS = 16 * 1024 * 1024
MAX_DOCUMENTS = 100
MAX_STARTS = 20
MAX_FIELDS = 2000

# What the parser raises: bad syntax, numbers of thousands of digits, nesting.
_DEFECTS = (ValueError, RecursionError, OverflowError)
_START = re.compile(r"^[ \t]{0,40}[{\[][ \t]*(?=[\"{\n]|$)", re.MULTILINE)
_QUOTE = re.compile(r"^(?:[>|][ \t]?){1,5}", re.MULTILINE)
_FIELD = re.compile(
    r'"(?P<name>[A-Za-z_][\w -]{0,60})"[ \t]{0,9}:[ \t]{0,9}'
    r'(?:"(?P<text>(?:[^"\\\n]|\\.){0,8000})"|(?P<bare>[^\s"{}\[\],][^,\n}\]]{0,200}))'
)


def documents(text: str) -> Iterator[dict[str, object]]:
    """Yield the JSON objects of a file: one, a list of them, or one a line."""
    source = text[:MAX_CHARS].lstrip("\ufeff \t\r\n")
    if not source.startswith(("{", "[")):
        return
    try:
        found: object = json.loads(source)
    except _DEFECTS:
        found = list(_line_by_line(source))
    several = found if isinstance(found, list) else [found]
    for one in several[:MAX_DOCUMENTS]:
        if isinstance(one, dict):
            yield one


def passages(text: str) -> Iterator[dict[str, object]]:
    """Yield the JSON objects that stand in a text, also behind quotation marks of mail."""
    if "{" not in text or '"' not in text:
        return
    source = text[:MAX_CHARS].replace("\r\n", "\n")
    source = _QUOTE.sub("", source) if "\n>" in source else source
    decoder, behind = json.JSONDecoder(), 0
    for number, hit in enumerate(_START.finditer(source)):
        if number >= MAX_STARTS:
            return
        if hit.start() < behind:
            continue
        try:
            found, behind = decoder.raw_decode(source, hit.end() - len(hit.group().lstrip()))
        except _DEFECTS:
            continue
        for one in (found if isinstance(found, list) else [found])[:MAX_DOCUMENTS]:
            if isinstance(one, dict):
                yield one


def fields(text: str) -> dict[str, object]:
    """Return the `"name": value` pairs of JSON that is broken, the first of each name."""
    found: dict[str, object] = {}
    for hit in _FIELD.finditer(text[:MAX_CHARS]):
        found.setdefault(hit.group("name"), hit.group("text") or (hit.group("bare") or "").strip())
        if len(found) >= MAX_FIELDS:
            break
    return found


def lower(document: dict[str, object]) -> dict[str, object]:
    """Return the object with its names in lower case, without underscores and hyphens."""
    return {key.lower().replace("_", "").replace("-", ""): v for key, v in document.items()}


def words(value: object) -> str:
    """Return a text or number as text; "" for anything else."""
    if isinstance(value, str):
        return value.strip()
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return _number(value) if is_number else ""


def several(value: object) -> tuple[str, ...]:
    """Return a value, or each of a list of them, as texts without empty ones."""
    listed = value[:MAX_FIELDS] if isinstance(value, list) else [value]
    return tuple(text for text in map(words, listed) if text)


def record(document: dict[str, object], *, leave_out: tuple[str, ...] = ()) -> str:
    """Return an object as lines of "name: value", to be read by a person; two levels deep."""
    lines = []
    for name, value in document.items():
        if name.lower() in leave_out or name.startswith("_"):
            continue
        if isinstance(value, dict):
            lines += [f"{name}.{inner}: {_short(v)}" for inner, v in value.items()]
        else:
            lines.append(f"{name}: {_short(value)}")
        if len(lines) > 100:
            break
    return "\n".join(lines[:100])


def _short(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(several(value))[:500]
    return words(value)[:500] if not isinstance(value, bool) else str(value).lower()


def _number(value: object) -> str:
    try:
        return str(value)
    except ValueError:  # an integer of more digits than Python prints
        return ""


def _line_by_line(source: str) -> Iterator[object]:
    for line in source.split("\n", MAX_DOCUMENTS)[:MAX_DOCUMENTS]:
        try:
            yield json.loads(line)
        except _DEFECTS:
            return
