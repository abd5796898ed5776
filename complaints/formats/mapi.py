"""A mail as Outlook keeps it, in numbered properties, put back into the form in which mail travels.

Source: MS-OXPROPS (property numbers), MS-OXOMSG. What .msg files and winmail.dat have in common.
"""

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from complaints.cleantext import clean_line
from complaints.formats import rtf

MAX_FILES = 50
MAX_DEPTH = 5
MAX_HEADER_CHARS = 256 * 1024

SUBJECT, SUBMITTED, DELIVERED, HEADERS = 0x0037, 0x0039, 0x0E06, 0x007D
SENDER_NAME, SENDER_ADDRESS, SENDER_SMTP, DISPLAY_TO = 0x0C1A, 0x0C1F, 0x5D01, 0x0E04
BODY, BODY_RTF, BODY_HTML, MESSAGE_ID = 0x1000, 0x1009, 0x1013, 0x1035
FILE_DATA, FILE_NAME, FILE_LONG_NAME, FILE_TYPE = 0x3701, 0x3704, 0x3707, 0x370E

_BEGIN = datetime(1601, 1, 1, tzinfo=UTC)
# What says how a mail was packed: it is packed anew here.
_PACKING = ("content-type:", "content-transfer-encoding:", "mime-version:", "content-disposition:")


class Unreadable(Exception):
    """These bytes are no mail of Outlook's, or a broken one; worded for a reader."""


@dataclass(frozen=True, slots=True)
class OutlookFile:
    """A file or a mail inside.

    mail  the mail, where it is one; `content` is empty then
    """

    name: str
    content: bytes = b""
    mail: "OutlookMail | None" = None


@dataclass(frozen=True, slots=True)
class OutlookMail:
    """The properties of a mail by their numbers, texts decoded, and what is attached to it."""

    texts: dict[int, str]
    times: dict[int, datetime]
    html: bytes = b""
    packed_rtf: bytes = b""
    files: tuple[OutlookFile, ...] = ()


def source_of(mail: OutlookMail, depth: int = 0) -> bytes:
    """Return the mail as RFC 5322 bytes: a multipart of its texts, files and mails."""
    print_of_it = hashlib.sha256(repr(sorted(mail.texts.items())).encode("utf-8", "replace"))
    boundary = f"outlook-{depth}-{print_of_it.hexdigest()[:24]}"
    mark = b"\r\n--" + boundary.encode()
    head = [*_head(mail), "MIME-Version: 1.0"]
    head.append(f'Content-Type: multipart/mixed; boundary="{boundary}"')
    parts = [*_texts(mail), *(_file(file, depth) for file in mail.files[:MAX_FILES])]
    body = b"".join(mark + b"\r\n" + part for part in parts)
    return "\r\n".join(head).encode("utf-8", "replace") + b"\r\n\r\n" + body + mark + b"--\r\n"


def time_of(ticks: int) -> datetime | None:
    """Return the time of a count of 100-nanosecond steps since 1601, None if it is out of range."""
    try:
        return _BEGIN + timedelta(microseconds=ticks // 10)
    except OverflowError:
        return None


def _head(mail: OutlookMail) -> list[str]:
    """The header section that came with the mail; else one made of its properties."""
    travelled = mail.texts.get(HEADERS, "")[:MAX_HEADER_CHARS].replace("\r\n", "\n").strip("\n\0 ")
    if travelled:
        return _without_packing(travelled.split("\n"))
    texts = mail.texts
    address = texts.get(SENDER_SMTP, "") or texts.get(SENDER_ADDRESS, "")
    sender = f"<{clean_line(address, 320)}>" if "@" in address else ""
    recipients = texts.get(DISPLAY_TO, "")
    when = mail.times.get(SUBMITTED) or mail.times.get(DELIVERED)
    fields = (
        ("From", f"{clean_line(texts.get(SENDER_NAME, ''), 200)} {sender}".strip()),
        (
            "To",
            clean_line(recipients, 998) if "@" in recipients else "",
        ),
        ("Subject", clean_line(texts.get(SUBJECT, ""), 998)),
        ("Date", format_datetime(when) if when else ""),
        ("Message-ID", clean_line(texts.get(MESSAGE_ID, ""), 998)),
    )
    return [f"{name}: {value}" for name, value in fields if value]


def _without_packing(lines: list[str]) -> list[str]:
    kept: list[str] = []
    dropping = False
    for line in lines:
        if not line.strip():
            break
        if line[:1] not in " \t":
            dropping = line.lower().startswith(_PACKING)
        if not dropping:
            kept.append(line)
    return kept


def _texts(mail: OutlookMail) -> Iterator[bytes]:
    """The text of the mail; its HTML or rich text only where it has no plain one."""
    if text := mail.texts.get(BODY, "").strip("\0\r\n "):
        yield _part("text/plain; charset=utf-8", text.encode("utf-8", "replace"))
    elif mail.html:
        yield _part("text/html; charset=utf-8", mail.html)
    elif mail.packed_rtf and (text := rtf.unpacked_text(mail.packed_rtf)):
        yield _part("text/plain; charset=utf-8", text.encode("utf-8", "replace"))


def _file(file: OutlookFile, depth: int) -> bytes:
    if file.mail is not None and depth < MAX_DEPTH:
        return b"Content-Type: message/rfc822\r\n\r\n" + source_of(file.mail, depth + 1)
    name = clean_line(file.name, 200).replace('"', "'") or "attachment"
    kind = f'application/octet-stream; name="{name}"'
    return _part(kind, file.content, "Content-Disposition: attachment")


def _part(kind: str, content: bytes, *more: str) -> bytes:
    head = "\r\n".join([f"Content-Type: {kind}", "Content-Transfer-Encoding: base64", *more])
    return head.encode("utf-8", "replace") + b"\r\n\r\n" + base64.encodebytes(content)
