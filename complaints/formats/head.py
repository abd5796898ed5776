"""A header section: the one door to mail-parser, all of whose defects are caught here.

What it gets wrong or raises: a field that occurs twice comes as a list, address fields come as
pairs, a NUL in a charset or a long RFC 2231 index is an exception, raw ISO-2022-JP stays escaped.
Only header sections are given to it: its reading of bodies is quadratic on nested mail.
"""

import binascii
import email
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.errors import HeaderParseError

import mailparser
from mailparser.exceptions import MailParserError

from complaints.cleantext import clean_line
from complaints.formats import charset
from complaints.formats.bounds import bounded

MAX_FIELD_CHARS = 16 * 1024

_PEOPLE = ("from", "to", "reply-to")
_PLAIN_ADDRESS = re.compile(
    r"(?:([\w .-]{0,200}?)\s{0,3}<([\w.+=-]{1,64}@[\w.-]{1,255})>"
    r"|([\w.+=-]{1,64}@[\w.-]{1,255}))$",
    re.ASCII,
)
_SURROGATE = re.compile("[\ud800-\udfff]")

# What compat32's helpers and mail-parser raise on odd input, beside their own errors.
DEFECTS = (
    ValueError, LookupError, HeaderParseError, RecursionError, AttributeError, TypeError,
    AssertionError, MailParserError, binascii.Error,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Head:
    """The fields of a header section: decoded, unfolded, each at most 16,384 characters.

    fields  lower-case name to its values, in the order of the mail
    from_, to, reply_to  (name, address) pairs
    note    what was wrong with it, in a sentence
    """

    fields: dict[str, tuple[str, ...]]
    from_: tuple[tuple[str, str], ...] = ()
    to: tuple[tuple[str, str], ...] = ()
    reply_to: tuple[tuple[str, str], ...] = ()
    note: str = ""

    def first(self, name: str) -> str:
        """The first value of a field, "" if the mail has none."""
        return next(iter(self.fields.get(name, ())), "")

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of a field, in the order of the mail."""
        return self.fields.get(name, ())


def read_head(section: bytes) -> Head:
    """Return the fields of a header section (within `bounds`); never raises.

    Only what is encoded or no plain address is given to mail-parser: it takes apart every
    Received line three times. Where it fails, the fields are given as they came, as `note` says.
    """
    raw = _raw_fields(section)
    plain = {name: _plain_address(raw[name]) for name in _PEOPLE if name in raw}
    hard = [name for name, values in raw.items() if _is_hard(values) or plain.get(name) == ()]
    try:
        decoded, people = _decoded(raw, hard)
    except DEFECTS as defect:
        kind = type(defect).__name__
        return _raw_head(raw, f"Header fields could not be decoded ({kind}); shown as they came.")
    fields = {
        name: _values(values if name in _PEOPLE else decoded.get(name, values))
        for name, values in raw.items()
    }
    from_, to, reply_to = (people.get(name) or plain.get(name, ()) for name in _PEOPLE)
    return Head(fields, from_, to, reply_to)


def _decoded(
    raw: dict[str, list[str]], names: list[str]
) -> tuple[dict[str, str | list[str]], dict[str, tuple[tuple[str, str], ...]]]:
    """What mail-parser makes of these fields: their values, and the people in them."""
    if not names:
        return {}, {}
    lines = [f"{name}: {value}\n" for name in names for value in raw[name]]
    parsed = mailparser.parse_from_bytes("".join(lines).encode("utf-8", "surrogateescape") + b"\n")
    values = {name.lower(): value for name, value in parsed.headers.items()}
    groups = zip(_PEOPLE, (parsed.from_, parsed.to, parsed.reply_to), strict=True)
    people = {name: tuple(_pair(pair) for pair in group if pair[1]) for name, group in groups}
    return {name: value for name, value in values.items() if not _is_paired(value)}, people


def _is_hard(values: list[str]) -> bool:
    return any("=?" in value for value in values)


def _plain_address(values: list[str]) -> tuple[tuple[str, str], ...]:
    """The name and the address of a field that holds one, written plainly; else ()."""
    hit = _PLAIN_ADDRESS.match(values[0][:1000].strip()) if len(values) == 1 else None
    if not hit:
        return ()
    name, address = hit.group(1) or "", hit.group(2) or hit.group(3)
    return ((_pair(("" if name.strip() == address else name.strip(), address))),)


def read_head_text(section: str) -> Head:
    """Return the fields of a header section that stood in a text."""
    return read_head(bounded(section.encode("utf-8", "replace") + b"\n\n").head)


def unfolded(value: str) -> str:
    """Return a field's value decoded where raw bytes stood in it, on one line, bounded."""
    value = value[:MAX_FIELD_CHARS]
    if "\x1b$" in value:  # raw ISO-2022-JP, as mail programs of the 1990s wrote it
        value = charset.decode(value.encode("ascii", "replace"))
    if _SURROGATE.search(value):
        value = charset.decode(value.encode("utf-8", "surrogateescape"))
    return clean_line(" ".join(value.split()) if "\n" in value else value, MAX_FIELD_CHARS)


def _raw_fields(section: bytes) -> dict[str, list[str]]:
    """The fields as they came, by their names in lower case, in the order of the mail."""
    fields: dict[str, list[str]] = {}
    try:
        items = list(email.message_from_bytes(section + b"\n\n").raw_items())
    except DEFECTS:
        return fields
    for name, value in items:
        fields.setdefault(str(name).lower(), []).append(str(value))
    return fields


def _raw_head(raw: dict[str, list[str]], note: str) -> Head:
    fields = {name: _values(values) for name, values in raw.items()}
    senders = tuple(("", address) for address in _bare_addresses(fields.get("from", ())))
    return Head(fields, from_=senders, note=note)


def _bare_addresses(values: tuple[str, ...]) -> Iterator[str]:
    for value in values[:1]:
        inside = value.rpartition("<")[2].partition(">")[0].strip()
        if "@" in inside and " " not in inside:
            yield inside


def _is_paired(value: object) -> bool:
    """Whether mail-parser made (name, address) pairs of this field."""
    return isinstance(value, list) and bool(value) and isinstance(value[0], tuple)


def _values(value: str | list[str]) -> tuple[str, ...]:
    """A field's values: mail-parser gives a text for one and a list for several."""
    several = value if isinstance(value, list) else [value]
    return tuple(unfolded(str(one)) for one in several)


def _pair(pair: tuple[str, str]) -> tuple[str, str]:
    return unfolded(pair[0])[:255], unfolded(pair[1])[:320]
