"""A header section: the one door to mail-parser, all of whose defects are caught here.

Its two readers of values are asked, for encoded words and for addresses: its reading of whole
mails is quadratic on nested ones, and takes every Received line apart three times. What they get
wrong or raise: a field that occurs twice comes as a list, a NUL in a charset is an exception, raw
ISO-2022-JP stays escaped.
"""

import binascii
import email
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.policy import compat32

from mailparser.const import ADDRESSES_HEADERS
from mailparser.exceptions import MailParserError
from mailparser.utils import decode_headers, get_addresses

from complaints.cleantext import clean_line
from complaints.formats import charset, encodedwords
from complaints.formats.bounds import MAX_FIELDS, bounded

MAX_FIELD_CHARS = 16 * 1024

_PEOPLE = ("from", "to", "reply-to")
_ADDRESS = r"[A-Za-z0-9_.+=-]{1,64}@[A-Za-z0-9_.-]{1,255}"
_PLAIN_ADDRESS = re.compile(
    rf"(?:(?:([\w .?=/*+!-]{{0,400}}?)|\"([\w .-]{{1,200}})\")\s{{0,3}}<({_ADDRESS})>"
    rf"|({_ADDRESS}))$"
)
_SHORT_FIELD = re.compile(
    r"([!-9;-~]{1,100}):[ \t]*([^\r\n\0\v\f\x1b-\x1e\x85\u2028\u2029]{0,2000})$"
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
    unaddressed  what the From field says, decoded, where it holds no address
    note    what was wrong with it, in a sentence
    """

    fields: dict[str, tuple[str, ...]]
    from_: tuple[tuple[str, str], ...] = ()
    to: tuple[tuple[str, str], ...] = ()
    reply_to: tuple[tuple[str, str], ...] = ()
    note: str = ""
    unaddressed: str = ""

    def first(self, name: str) -> str:
        """The first value of a field, "" if the mail has none."""
        values = self.fields.get(name)
        return values[0] if values else ""

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of a field, in the order of the mail."""
        return self.fields.get(name, ())


def read_head(section: bytes) -> Head:
    """Return the fields of a header section (within `bounds`); never raises."""
    try:
        return head_of(email.message_from_bytes(section + b"\n\n").raw_items())
    except DEFECTS:
        return Head({})


def head_of(items: Iterable[tuple[str, str]]) -> Head:
    """Return the fields of a parsed mail's head; never raises.

    items  its names and values as they came, bytes beyond ASCII as surrogates
    Only what is encoded or no plain address is given to mail-parser. Where it fails, the fields
    are given as they came, as `note` says.
    """
    raw: dict[str, list[str]] = {}
    for name, value in items:
        raw.setdefault(name.lower(), []).append(value)
    plain = {name: _plain_address(raw[name]) for name in _PEOPLE if name in raw}
    try:
        people = {name: pairs or _pairs(name, raw[name]) for name, pairs in plain.items()}
        fields = {
            name: _values(_decoded(name, values) if _is_hard(name, values) else values)
            for name, values in raw.items()
        }
        unaddressed = "" if people.get("from") else _unaddressed(raw.get("from", []))
    except DEFECTS as defect:
        kind = type(defect).__name__
        return _raw_head(raw, f"Header fields could not be decoded ({kind}); shown as they came.")
    from_, to, reply_to = (people.get(name, ()) for name in _PEOPLE)
    return Head(fields, from_, to, reply_to, unaddressed=unaddressed)


def _decoded(name: str, values: list[str]) -> list[str]:
    """What mail-parser makes of a field's encoded words."""
    plainly = [encodedwords.decoded(value) if "=?" in value else value for value in values]
    if all(one is not None for one in plainly):
        return [one for one in plainly if one is not None]
    decoded = decode_headers([compat32.header_fetch_parse(name, value) for value in values])
    return decoded if isinstance(decoded, list) else [decoded]


def _pairs(name: str, values: list[str]) -> tuple[tuple[str, str], ...]:
    """The people that mail-parser finds in the first field of this name."""
    found = get_addresses(compat32.header_fetch_parse(name, values[0]), decode_names=True)
    return tuple(
        _pair(("" if who == address else who, address)) for who, address in found if address
    )


def _unaddressed(values: list[str]) -> str:
    """The name in a From field without an address."""
    words = " ".join(_decoded("from", values[:1])) if values else ""
    return unfolded(words.partition("<")[0].strip().strip('"'))[:255]


def _is_hard(name: str, values: list[str]) -> bool:
    """Whether there are encoded words in a field; those of address fields are in their pairs."""
    if len(values) == 1 and "=?" not in values[0]:
        return False
    return name not in ADDRESSES_HEADERS and any("=?" in value for value in values)


def _plain_address(values: list[str]) -> tuple[tuple[str, str], ...]:
    """The name and the address of a field that holds one, written plainly; else ()."""
    hit = _PLAIN_ADDRESS.match(_readable(values[0][:1000]).strip()) if len(values) == 1 else None
    if not hit:
        return ()
    name = hit.group(1) or hit.group(2) or ""
    if "=?" in name:
        words = encodedwords.decoded(name)
        if words is None:
            return ()
        name = words
    name = " ".join(name.split())
    address = hit.group(3) or hit.group(4)
    return ((_pair(("" if name == address else name, address))),)


def _readable(value: str) -> str:
    """A value on one line, with bytes beyond ASCII that stood in it raw as UTF-8, if they are."""
    if "\n" in value:
        value = value.replace("\r", "").replace("\n", "")
    if value.isascii() or not _SURROGATE.search(value):
        return value
    return value.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")


def read_head_text(section: str) -> Head:
    """Return the fields of a header section that stood in a text."""
    items = _items(section)
    return head_of(items) if items else read_head(bounded(f"{section}\n\n".encode()).head)


def _items(section: str) -> list[tuple[str, str]]:
    """The fields where each is short and on a line of its own; [] where a parser is needed."""
    lines = section.rstrip("\n").split("\n", MAX_FIELDS)
    if len(lines) > MAX_FIELDS or ("=?" in section and not section.isascii()):
        return []
    hits = [_SHORT_FIELD.match(line) for line in lines]
    items = [hit.groups() for hit in hits if hit]
    return [(name, value) for name, value in items] if len(items) == len(lines) else []


def unfolded(value: str) -> str:
    """Return a field's value decoded where raw bytes stood in it, on one line, bounded."""
    value = value[:MAX_FIELD_CHARS]
    if value.isprintable():
        return value.strip()
    if "\x1b$" in value:  # raw ISO-2022-JP, as mail programs of the 1990s wrote it
        value = charset.decode(value.encode("ascii", "replace"))
    if not value.isascii() and _SURROGATE.search(value):
        value = charset.decode(value.encode("utf-8", "surrogateescape"))
    return clean_line(" ".join(value.split()) if "\n" in value else value, MAX_FIELD_CHARS)


def _raw_head(raw: dict[str, list[str]], note: str) -> Head:
    fields = {name: _values(values) for name, values in raw.items()}
    senders = tuple(("", address) for address in _bare_addresses(fields.get("from", ())))
    return Head(fields, from_=senders, note=note)


def _bare_addresses(values: tuple[str, ...]) -> Iterator[str]:
    for value in values[:1]:
        inside = value.rpartition("<")[2].partition(">")[0].strip()
        if "@" in inside and " " not in inside:
            yield inside


def _values(values: list[str]) -> tuple[str, ...]:
    return tuple(map(unfolded, values))


def _pair(pair: tuple[str, str]) -> tuple[str, str]:
    return unfolded(pair[0])[:255], unfolded(pair[1])[:320]
