"""Makes the bytes of a mail safe to parse: what is over a limit is cut and noted, never refused.

The parsers below us take quadratic time over thousands of parameters, fields or encoded words,
so the cuts are made here, in one pass over the bytes, before any parser sees them.
"""

import re
from dataclasses import dataclass

MAX_MAIL_BYTES = 30 * 1024 * 1024
MAX_HEAD_BYTES = 256 * 1024
MAX_FIELDS = 1000
MAX_FIELD_BYTES = 64 * 1024
MAX_PARAMETERS = 200
MAX_ENCODED_WORDS = 1000
MAX_NON_ASCII_BYTES = 8 * 1024

_END_OF_HEAD = re.compile(rb"\r?\n\r?\n|\r\r")
_CONTENT_FIELD = re.compile(
    rb"^content-(?:type|disposition)[ \t]{0,20}:[^\n]*(?:\n[ \t][^\n]*)*",
    re.IGNORECASE | re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Bounded:
    """A mail within the limits.

    head   the header section, without the blank line behind it
    body   everything behind that line
    notes  what was cut, each in a sentence
    """

    head: bytes
    body: bytes
    notes: tuple[str, ...]

    @property
    def whole(self) -> bytes:
        """The bytes of the mail as they may be parsed."""
        return self.head + b"\n\n" + self.body


def bounded(raw: bytes) -> Bounded:
    """Return the mail with everything over a limit cut off."""
    notes: list[str] = []
    if len(raw) > MAX_MAIL_BYTES:
        notes.append(f"The mail is longer than {MAX_MAIL_BYTES} bytes; the rest was not read.")
        raw = raw[:MAX_MAIL_BYTES]
    if b"\n" not in raw[:MAX_FIELD_BYTES] and raw[:MAX_FIELD_BYTES].count(b"\r") > 2:
        notes.append("The lines of the mail end in CR alone.")
        raw = raw.replace(b"\r", b"\n")
    raw = without_envelope_line(raw)
    end = _END_OF_HEAD.search(raw)
    head, body = (raw[: end.start()], raw[end.end() :]) if end else (raw, b"")
    if raw[:1] in (b"\n", b"\r"):
        head, body = b"", raw
    return Bounded(_bounded_head(head, notes), _bounded_parts(body, notes), tuple(notes))


def without_envelope_line(raw: bytes) -> bytes:
    """Drop a byte order mark, blank lines and an mbox line that stand before the first field."""
    raw = raw.removeprefix(b"\xef\xbb\xbf")
    for prefix in (b"From ", b">From ", b'"From ', b"'From "):
        if raw.startswith(prefix):
            return raw.partition(b"\n")[2]
    return raw


def _bounded_head(head: bytes, notes: list[str]) -> bytes:
    if _is_within(head):
        return head.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in head else head
    if len(head) > MAX_HEAD_BYTES:
        notes.append(f"The header section has {len(head)} bytes; {MAX_HEAD_BYTES} were read.")
        head = head[:MAX_HEAD_BYTES]
    fields = _fields(head)
    if len(fields) > MAX_FIELDS:
        notes.append(f"The mail has {len(fields)} header fields; {MAX_FIELDS} were read.")
    return b"\n".join(_bounded_field(field, notes) for field in fields[:MAX_FIELDS])


def _is_within(head: bytes) -> bool:
    """Whether a header section is so small that none of its fields can reach a limit."""
    return (
        len(head) <= MAX_FIELD_BYTES
        and head.count(b"\n") + head.count(b"\r") < MAX_FIELDS
        and head.count(b";") <= MAX_PARAMETERS
        and head.count(b"=?") <= MAX_ENCODED_WORDS
        and (head.count(b"\xcc") + head.count(b"\xcd")) * 2 <= MAX_NON_ASCII_BYTES
    )


def _fields(head: bytes) -> list[bytes]:
    """Split a header section into fields, each with its folded lines."""
    fields: list[list[bytes]] = []
    for line in head.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n"):
        if fields and line[:1] in (b" ", b"\t"):
            fields[-1].append(line)
        else:
            fields.append([line])
    return [b"\n".join(lines) for lines in fields]


def _bounded_field(field: bytes, notes: list[str]) -> bytes:
    if len(field) <= MAX_PARAMETERS:
        return field  # too short to reach any limit
    name = field.partition(b":")[0][:60].decode("ascii", "replace")
    if len(field) > MAX_FIELD_BYTES:
        notes.append(f"The field {name} was cut at {MAX_FIELD_BYTES} bytes.")
        field = field[:MAX_FIELD_BYTES]
    if field.count(b"=?") > MAX_ENCODED_WORDS:
        notes.append(f"The field {name} was cut at {MAX_ENCODED_WORDS} encoded words.")
        field = b"=?".join(field.split(b"=?", MAX_ENCODED_WORDS)[:MAX_ENCODED_WORDS])
    if sum(field.count(lead) for lead in (b"\xcc", b"\xcd")) * 2 > MAX_NON_ASCII_BYTES:
        notes.append(f"The field {name} was cut: it has too many combining marks.")
        field = field[:MAX_NON_ASCII_BYTES]
    if name.lower().startswith("content-"):
        field = _few_parameters(field, notes)
    return field


def _bounded_parts(body: bytes, notes: list[str]) -> bytes:
    """Cut the Content- fields of all parts, at whatever depth they are."""
    if len(body) <= MAX_FIELD_BYTES and body.count(b";") <= MAX_PARAMETERS:
        return body
    return _CONTENT_FIELD.sub(lambda hit: _few_parameters(hit.group(), notes), body)


def _few_parameters(field: bytes, notes: list[str]) -> bytes:
    if field.count(b";") <= MAX_PARAMETERS and len(field) <= MAX_FIELD_BYTES:
        return field
    notes.append(f"A Content- field was cut at {MAX_PARAMETERS} parameters.")
    return b";".join(field.split(b";", MAX_PARAMETERS)[:MAX_PARAMETERS])[:MAX_FIELD_BYTES]
