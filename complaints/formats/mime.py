"""A mail as a tree of parts, within bounds of depth, count and size.

The tree is that of the standard library's compat32 parser, walked here without recursion; no
other module looks at it. Caught here: nesting that exhausts the stack, messages in base64 that
are not descended, parameters and charsets that raise.
"""

import email
import email.header
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import Message

from complaints.cleantext import clean_line
from complaints.formats import charset, html, outlook, tnef
from complaints.formats.bounds import Bounded, bounded, without_envelope_line
from complaints.formats.head import DEFECTS, Head, read_head, unfolded
from complaints.formats.mapi import Unreadable

MAX_DEPTH = 50
MAX_PARTS = 1000
MAX_MAILS = 100
MAX_TEXT_CHARS = 1024 * 1024
MAX_NOTES = 20
MIN_WORDS = 20  # a plain text with fewer may be but a notice that there is HTML

_MAIL_TYPES = ("message/rfc822", "message/global", "message/rfc822-headers")
_HEADER_TYPES = ("text/rfc822-headers", "text/rfc822-header", "message/rfc822-headers")
_KNOWN_FIELDS = (
    "from", "to", "subject", "date", "message-id", "received", "return-path", "mime-version",
    "content-type", "delivered-to", "x-mailer", "reply-to",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """A leaf of the MIME tree.

    content_type  as declared, lower case
    content       decoded from its transfer encoding
    mail          the mail inside, if the part is one (by its type or its content)
    """

    content_type: str
    content: bytes
    charset: str = ""
    name: str = ""
    is_attachment: bool = False
    mail: "Mail | None" = None
    content_id: str = ""

    @property
    def is_text(self) -> bool:
        """Whether this part is meant to be read by a person."""
        return self.content_type in ("text/plain", "text/html") and not self.is_attachment

    def text(self) -> str:
        """The content as text, at most `MAX_TEXT_CHARS`."""
        return charset.decode(self.content[: 4 * MAX_TEXT_CHARS], self.charset)[:MAX_TEXT_CHARS]


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail, flat: its head and its leaf parts in order; mails inside are such leaves too."""

    head: Head
    content_type: str
    report_type: str
    parts: tuple[Part, ...]
    notes: tuple[str, ...] = ()
    has_only_headers: bool = False

    def first_part(self, content_type: str) -> Part | None:
        """The first leaf of this type, or None."""
        return next((part for part in self.parts if part.content_type == content_type), None)

    def mails(self) -> tuple["Mail", ...]:
        """The mails inside, in order."""
        return tuple(part.mail for part in self.parts if part.mail)

    def text(self) -> str:
        """What a reader sees: the plain texts, or the HTML where no plain text says anything."""
        plain = "\n".join(
            html.to_text(text) if html.looks_like_html(text) else text
            for text in (
                part.text()
                for part in self.parts
                if part.is_text and part.content_type == "text/plain"
            )
        )
        sources = self.html_sources()
        if sources and len(plain.split()) < MIN_WORDS:
            # "This message needs a reader of HTML" says less than what it stands for.
            rich = "\n".join(html.to_text(source) for source in sources)
            plain = rich if len(rich) > 2 * len(plain) else plain
        return plain.replace("\r\n", "\n").replace("\r", "\n")[:MAX_TEXT_CHARS]

    def html_sources(self) -> tuple[str, ...]:
        """The HTML parts as they came."""
        return tuple(
            part.text() for part in self.parts if part.is_text and part.content_type == "text/html"
        )


class _Budget:
    """What may still be read of one mail, and what was noted."""

    def __init__(self) -> None:
        self.parts = MAX_PARTS
        self.mails = MAX_MAILS
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        if text not in self.notes and len(self.notes) < MAX_NOTES:
            self.notes.append(text)


def read(raw: bytes) -> Mail:
    """Return the mail in these bytes; whatever they are, there is a mail in them.

    source  RFC 5322, RFC 2045-2049. Never raises: defects are in `Mail.notes`
    """
    return _read(raw, _Budget(), depth=0)


def looks_like_mail(content: bytes) -> bool:
    """Whether these bytes begin as a mail does: three fields, one of them a mail's own."""
    start = without_envelope_line(content[:8192].lstrip())
    names = []
    for line in start.splitlines()[:60]:
        if not line.strip():
            break
        if line[:1] in (b" ", b"\t"):
            continue
        name, sep, _ = line.partition(b":")
        if not sep or not name or b" " in name.strip():
            return False
        names.append(name.strip().decode("ascii", "replace").lower())
    return len(names) >= 3 and sum(name in _KNOWN_FIELDS for name in names) >= 2


def _read(raw: bytes, budget: _Budget, depth: int) -> Mail:
    safe = bounded(raw)
    for note in safe.notes:
        budget.note(note)
    fields = read_head(safe.head)
    if fields.note:
        budget.note(fields.note)
    message = _parsed(safe, budget)
    if message is None:
        part = Part("text/plain", safe.body[: 4 * MAX_TEXT_CHARS])
        return Mail(fields, "text/plain", "", (part,), tuple(budget.notes))
    parts = tuple(_leaves(message, budget, depth))
    kind = _content_type(message)
    report_type = _parameter(message, "report-type").lower()
    return Mail(fields, kind, report_type, parts, tuple(budget.notes), not safe.body.strip())


def _parsed(safe: Bounded, budget: _Budget) -> Message | None:
    try:
        return email.message_from_bytes(safe.whole)
    except RecursionError:
        budget.note("The mail is nested too deeply to be taken apart; its source is shown as text.")
    except DEFECTS as defect:
        budget.note(f"The mail could not be taken apart ({defect}); its source is shown as text.")
    return None


def _leaves(message: Message, budget: _Budget, depth: int) -> Iterator[Part]:
    """Yield the leaves of the tree in order, without recursion."""
    waiting = [(message, depth)]
    while waiting:
        part, level = waiting.pop()
        budget.parts -= 1
        if budget.parts < 0:
            budget.note(f"The mail has more than {MAX_PARTS} parts; the rest was not read.")
            return
        inside = _payload(part)
        if _content_type(part).startswith("multipart/") and isinstance(inside, list):
            if level >= MAX_DEPTH:
                budget.note(f"Parts deeper than {MAX_DEPTH} levels were not read.")
                continue
            waiting += [
                (child, level + 1) for child in reversed(inside) if isinstance(child, Message)
            ]
        else:
            leaf = _leaf(part, budget, level)
            yield leaf
            if tnef.looks_like_one(leaf.content):
                yield from _of_winmail(leaf, budget, level)


def _leaf(part: Message, budget: _Budget, depth: int) -> Part:
    kind, name = _content_type(part), _file_name(part)
    content = _source_of_inner(part) if kind.startswith("message/") else _decoded(part)
    disposition = str(part.get("content-disposition", ""))[:200].strip().lower()
    return Part(
        content_type=kind,
        content=content,
        charset=_parameter(part, "charset"),
        name=name,
        is_attachment=disposition.startswith("attachment") or (bool(name) and kind != "text/plain"),
        mail=_inner_mail(kind, name, content, budget, depth),
        content_id=_content_id(part) if kind.startswith("image/") else "",
    )


def _content_id(part: Message) -> str:
    return clean_line(str(part.get("content-id", ""))[:400], 200).strip("<> ")


def _of_winmail(leaf: Part, budget: _Budget, depth: int) -> Iterator[Part]:
    """What Outlook put into a winmail.dat: its files and mails, and the text of the mail."""
    if depth >= MAX_DEPTH:
        return
    source = _converted(tnef.mail_source, leaf.content, budget)
    yield from _read(source, budget, depth + 1).parts if source else ()


def _converted(reader: Callable[[bytes], bytes], content: bytes, budget: _Budget) -> bytes:
    """The mail that Outlook keeps in these bytes; b"" with a note where it cannot be read."""
    try:
        return reader(content)
    except Unreadable as reason:
        budget.note(str(reason))
        return b""


def _inner_mail(kind: str, name: str, content: bytes, budget: _Budget, depth: int) -> Mail | None:
    """Read a part that is a mail: by its type, its name, or (octet-stream) by its content."""
    if outlook.looks_like_one(content, name, kind):
        content = _converted(outlook.mail_source, content, budget)
        kind = _MAIL_TYPES[0] if content else kind
    declared = kind in _MAIL_TYPES or kind in _HEADER_TYPES
    hidden = kind in (
        "application/octet-stream",
        "text/plain",
        "application/x-eml",
    ) or name.lower().endswith(".eml")
    if not declared and not (hidden and name and looks_like_mail(content)):
        return None
    if depth >= MAX_DEPTH or budget.mails <= 0:
        budget.note("Mails inside mails were not read to the end: too many or too deep.")
        return None
    budget.mails -= 1
    return _read(content, budget, depth + 1)


def _source_of_inner(part: Message) -> bytes:
    """The bytes inside a message/* part, decoded where somebody encoded them."""
    inside = _payload(part)
    inner = inside[0] if isinstance(inside, list) and inside else inside
    if not isinstance(inner, Message):
        return _decoded(part)
    if isinstance(inside, list) and len(inside) > 1:
        return b"\n".join(_flat(one) for one in inside if isinstance(one, Message))
    source = _flat(inner)
    if not inner.keys():
        source = source.lstrip(b"\n")
    if _content_type(part) == "message/feedback-report":
        source = _fields_in_head(part) + source
    encoding = str(part.get("content-transfer-encoding", "")).strip().lower()
    if encoding in ("base64", "quoted-printable") and not looks_like_mail(source):
        carrier = Message()
        carrier["Content-Transfer-Encoding"] = encoding
        carrier.set_payload(source.decode("ascii", "surrogateescape").strip())
        return _decoded(carrier)
    return source


def _fields_in_head(part: Message) -> bytes:
    """The fields that stand in the part's own head, where a gateway put those of its body."""
    lines = [f"{name}: {value}\n" for name, value in part.raw_items()]
    kept = [line for line in lines if not line.lower().startswith(("content-", "mime-version"))]
    return "".join(kept).encode("utf-8", "surrogateescape")


def _flat(message: Message) -> bytes:
    """The source of a parsed message again, put together without recursion into generators.

    `as_bytes` takes minutes on some inputs (safety: 100,000 parameters, lines of brackets).
    """
    lines: list[str] = []
    waiting: list[Message | str] = [message]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            lines.append(one)
            continue
        lines += [f"{name}: {value}" for name, value in one.raw_items()]
        lines.append("")
        inside = _payload(one)
        if not isinstance(inside, list):
            lines.append(inside)
            continue
        boundary = _boundary(one)
        children = [child for child in inside if isinstance(child, Message)]
        if boundary is None:
            waiting += list(reversed(children))
            continue
        following: list[Message | str] = [str(one.preamble or "")]
        for child in children:
            following += [f"--{boundary}", child]
        waiting += reversed([*following, f"--{boundary}--"])
    return "\n".join(lines).encode("utf-8", "surrogateescape")


def _boundary(message: Message) -> str | None:
    try:
        return message.get_boundary()
    except DEFECTS:
        return None


def _decoded(part: Message) -> bytes:
    try:
        content = part.get_payload(decode=True)
    except DEFECTS:
        content = None
    if isinstance(content, bytes):
        return content
    raw = _payload(part)
    return raw.encode("utf-8", "surrogateescape") if isinstance(raw, str) else b""


def _payload(part: Message) -> "list[Message] | str":
    """What compat32 holds, as it is.

    `get_payload()` without `decode` decodes by the charset that the part names, which may be
    "undefined" (an exception) or "punycode" (quadratic).
    """
    inside = part._payload  # type: ignore[attr-defined]
    return inside if isinstance(inside, list | str) else ""


def _content_type(part: Message) -> str:
    try:
        return part.get_content_type()[:100]
    except DEFECTS:
        return "application/octet-stream"


def _parameter(part: Message, name: str) -> str:
    try:
        value = part.get_param(name, "")
    except DEFECTS:
        return ""
    text = value[2] if isinstance(value, tuple) else value
    return clean_line(str(text or ""), 200)


def _file_name(part: Message) -> str:
    try:
        name = part.get_filename("") or ""
        decoded = (
            str(email.header.make_header(email.header.decode_header(name)))
            if "=?" in name
            else name
        )
    except DEFECTS:
        return "attachment"
    return unfolded(decoded)[:1000]
