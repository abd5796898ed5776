"""A mail as a tree of parts, within bounds of depth, count and size.

The tree is that of the standard library's compat32 parser, walked here without recursion; no
other module looks at it. Caught here: nesting that exhausts the stack, messages in base64 that
are not descended, parameters and charsets that raise.
"""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from email.feedparser import FeedParser
from email.message import Message
from email.policy import compat32

from complaints.formats import outlook, tnef
from complaints.formats.bounds import MAX_FIELDS, Bounded, bounded, without_envelope_line
from complaints.formats.head import DEFECTS, Head, head_of, read_head
from complaints.formats.mapi import Unreadable
from complaints.formats.partlabels import Labels, labels_of
from complaints.formats.parts import MAX_TEXT_CHARS, Mail, Part

MAX_DEPTH = 50
MAX_PARTS = 1000
MAX_MAILS = 100
MAX_NOTES = 20

_MAIL_TYPES = ("message/rfc822", "message/global", "message/rfc822-headers")
_HEADER_TYPES = ("text/rfc822-headers", "text/rfc822-header", "message/rfc822-headers")
_ENCODED = ("base64", "quoted-printable")
_AS_IT_IS = ("", "7bit", "8bit", "binary")
_SHORT_FIELD_CHARS = 2000  # no limit of `bounds` is reached below it
_KNOWN_FIELDS = (
    "from", "to", "subject", "date", "message-id", "received", "return-path", "mime-version",
    "content-type", "delivered-to", "x-mailer", "reply-to",
)  # fmt: skip


class _Quick(Message):
    """A message that finds out its type once: the parser asks for it three times a part."""

    _kind = ""

    def get_content_type(self) -> str:
        """The type in lower case, as `Message` tells it once the fields are there."""
        kind = self._kind or super().get_content_type()
        if self._headers:  # type: ignore[attr-defined]  # before, it says but the default
            self._kind = kind
        return kind


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
    message = _parsed(safe, budget)
    if message is not None:
        return _mail_of(message, budget, depth, has_only_headers=not safe.body.strip())
    part = Part("text/plain", safe.body[: 4 * MAX_TEXT_CHARS])
    return Mail(_noted(read_head(safe.head), budget), "text/plain", "", (part,), (*budget.notes,))


def _mail_of(message: Message, budget: _Budget, depth: int, *, has_only_headers: bool) -> Mail:
    head = _noted(head_of(message.raw_items()), budget)
    labels = labels_of(message)
    parts = tuple(_leaves(message, labels, budget, depth))
    return Mail(
        head,
        labels.content_type,
        labels.report_type,
        parts,
        tuple(budget.notes),
        has_only_headers,
    )


def _noted(head: Head, budget: _Budget) -> Head:
    if head.note:
        budget.note(head.note)
    return head


def _parsed(safe: Bounded, budget: _Budget) -> Message | None:
    try:
        parser = FeedParser(_Quick, policy=compat32)
        lower = safe.head.lower()
        if b"multipart" in lower or b"message/" in lower:
            parser.feed(safe.whole.decode("ascii", "surrogateescape"))
            return parser.close()
        # The parser would go through the body line by line, only to put the lines together again.
        parser.feed(safe.head.decode("ascii", "surrogateescape") + "\n\n")
        message: Message = parser.close()
        inside = _payload(message)  # text where the head ended early
        behind = inside if isinstance(inside, str) else ""
        message.set_payload(behind + safe.body.decode("ascii", "surrogateescape"))
        return message
    except RecursionError:
        budget.note("The mail is nested too deeply to be taken apart; its source is shown as text.")
    except DEFECTS as defect:
        budget.note(f"The mail could not be taken apart ({defect}); its source is shown as text.")
    return None


def _leaves(message: Message, outer: Labels, budget: _Budget, depth: int) -> Iterator[Part]:
    """Yield the leaves of the tree in order, without recursion."""
    waiting = [(message, depth)]
    while waiting:
        part, level = waiting.pop()
        budget.parts -= 1
        if budget.parts < 0:
            budget.note(f"The mail has more than {MAX_PARTS} parts; the rest was not read.")
            return
        inside, labels = _payload(part), outer if part is message else labels_of(part)
        if labels.content_type.startswith("multipart/") and isinstance(inside, list):
            if level >= MAX_DEPTH:
                budget.note(f"Parts deeper than {MAX_DEPTH} levels were not read.")
                continue
            waiting += [
                (child, level + 1) for child in reversed(inside) if isinstance(child, Message)
            ]
        else:
            leaf = _leaf(part, labels, budget, level)
            yield leaf
            if tnef.looks_like_one(leaf.content):
                yield from _of_winmail(leaf, budget, level)


def _leaf(part: Message, labels: Labels, budget: _Budget, depth: int) -> Part:
    kind, name = labels.content_type, labels.name
    if kind.startswith("message/"):
        content = _source_of_inner(part, labels)
    else:
        content = _decoded(part, labels.encoding)
    inner = _plain_inner(part, labels)
    return Part(
        content_type=kind,
        content=content,
        charset=labels.charset,
        name=name,
        is_attachment=labels.disposition.startswith("attachment")
        or (bool(name) and kind != "text/plain"),
        mail=_inner_mail(kind, name, content, inner, budget, depth),
        content_id=labels.content_id if kind.startswith("image/") else "",
    )


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


def _plain_inner(part: Message, labels: Labels) -> Message | None:
    """The mail in a message/rfc822 part as it was parsed with the mail around it, within `bounds`.

    None where its source has to be put right first, and parsed again.
    """
    inside = _payload(part)
    if labels.content_type not in _MAIL_TYPES[:2] or labels.encoding in _ENCODED:
        return None
    if not isinstance(inside, list) or len(inside) != 1 or not isinstance(inside[0], Message):
        return None
    fields = list(inside[0].raw_items())
    is_bounded = 0 < len(fields) <= MAX_FIELDS and all(
        len(value) <= _SHORT_FIELD_CHARS for _, value in fields
    )
    return inside[0] if is_bounded else None


def _inner_mail(
    kind: str, name: str, content: bytes, inner: Message | None, budget: _Budget, depth: int
) -> Mail | None:
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
    if inner is not None:
        only_headers = not content.partition(b"\n\n")[2].strip()
        found = _mail_of(inner, budget, depth + 1, has_only_headers=only_headers)
    else:
        found = _read(content, budget, depth + 1)
    return replace(found, source_bytes=len(content))


def _source_of_inner(part: Message, labels: Labels) -> bytes:
    """The bytes inside a message/* part, decoded where somebody encoded them."""
    inside = _payload(part)
    inner = inside[0] if isinstance(inside, list) and inside else inside
    if not isinstance(inner, Message):
        return _decoded(part, labels.encoding)
    if isinstance(inside, list) and len(inside) > 1:
        return b"\n".join(_flat(one) for one in inside if isinstance(one, Message))
    source = _flat(inner)
    if not inner.keys():
        source = source.lstrip(b"\n")
    if labels.content_type == "message/feedback-report":
        source = _fields_in_head(part) + source
    if labels.encoding in _ENCODED and not looks_like_mail(source):
        carrier = Message()
        carrier["Content-Transfer-Encoding"] = labels.encoding
        carrier.set_payload(source.decode("ascii", "surrogateescape").strip())
        return _decoded(carrier, labels.encoding)
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


def _decoded(part: Message, encoding: str) -> bytes:
    raw = _payload(part)
    if encoding in _AS_IT_IS and isinstance(raw, str):
        with contextlib.suppress(UnicodeError):
            return raw.encode("ascii", "surrogateescape")
    try:
        content = part.get_payload(decode=True)
    except DEFECTS:
        content = None
    if isinstance(content, bytes):
        return content
    return raw.encode("utf-8", "surrogateescape") if isinstance(raw, str) else b""


def _payload(part: Message) -> "list[Message] | str":
    """What compat32 holds, as it is.

    `get_payload()` without `decode` decodes by the charset that the part names, which may be
    "undefined" (an exception) or "punycode" (quadratic).
    """
    inside = part._payload  # type: ignore[attr-defined]
    return inside if isinstance(inside, list | str) else ""
