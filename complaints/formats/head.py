"""A header section: the one door to mail-parser, all of whose defects are caught here.

What it gets wrong or raises: a field that occurs twice comes as a list, address fields come as
pairs, a NUL in a charset or a long RFC 2231 index is an exception, raw ISO-2022-JP stays escaped.
Only header sections are given to it: its reading of bodies is quadratic on nested mail.
"""

import binascii
import email
from collections.abc import Iterator
from dataclasses import dataclass
from email.errors import HeaderParseError

import mailparser
from mailparser.exceptions import MailParserError

from complaints.cleantext import clean_line
from complaints.formats import charset
from complaints.formats.bounds import bounded

MAX_FIELD_CHARS = 16 * 1024

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

    Where mail-parser fails, the fields are given as they came, and `note` says so.
    """
    try:
        parsed = mailparser.parse_from_bytes(section + b"\n\n")
        values = parsed.headers
        people = (parsed.from_, parsed.to, parsed.reply_to)
    except DEFECTS as defect:
        return _raw_head(
            section,
            f"Header fields could not be decoded ({type(defect).__name__}); shown as they came.",
        )
    fields = {
        name.lower(): _values(parsed.message.get_all(name, []) if _is_paired(value) else value)
        for name, value in values.items()
    }
    from_, to, reply_to = (tuple(_pair(pair) for pair in group if pair[1]) for group in people)
    return Head(fields, from_, to, reply_to)


def read_head_text(section: str) -> Head:
    """Return the fields of a header section that stood in a text."""
    return read_head(bounded(section.encode("utf-8", "replace") + b"\n\n").head)


def unfolded(value: str) -> str:
    """Return a field's value decoded where raw bytes stood in it, on one line, bounded."""
    value = value[:MAX_FIELD_CHARS]
    if "\x1b$" in value:  # raw ISO-2022-JP, as mail programs of the 1990s wrote it
        value = charset.decode(value.encode("ascii", "replace"))
    if any("\ud800" <= char <= "\udfff" for char in value):
        value = charset.decode(value.encode("utf-8", "surrogateescape"))
    return clean_line(" ".join(value.split()) if "\n" in value else value, MAX_FIELD_CHARS)


def _raw_head(section: bytes, note: str) -> Head:
    fields: dict[str, tuple[str, ...]] = {}
    for name, value in email.message_from_bytes(section + b"\n\n").raw_items():
        fields[name.lower()] = (*fields.get(name.lower(), ()), *_values(str(value)))
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
