"""A filled-in form as a mail, so that it walks the same path as all others.

The public report, a complaint that somebody at the desk notes by hand, and an answer that a
correspondent writes on the page of our letter. The mail is put together byte by byte: a file that
is a mail is shown as it is, never parsed and written anew.
"""

import base64
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.utils import encode_rfc2231, format_datetime, formataddr, make_msgid
from typing import Any

from django.core.files.uploadedfile import UploadedFile

from complaints.cleantext import clean_line, clean_text
from complaints.intake.raw import RawMessage
from complaints.models import Organisation

MOST_TEXT = 200_000
MAIL_SUFFIXES = (".eml", ".txt")


@dataclass(frozen=True, slots=True)
class File:
    """A file that came with a form."""

    name: str
    content: bytes


def files_of(uploaded: "Iterable[UploadedFile[Any]]") -> list[File]:
    """The files that came with a form, whose sizes it has bounded."""
    return [File(one.name or "", one.read()) for one in uploaded]


def message_of(said: Mapping[str, str], *, at: datetime, files: Sequence[File] = ()) -> RawMessage:
    """The mail that says what the public form says; pasted headers stand in its text."""
    text = clean_text(said.get("text", ""), MOST_TEXT)
    if headers := clean_text(said.get("headers", ""), MOST_TEXT):
        text = f"{text}\n\n{headers}\n"
    fields = {
        "From": _sender(said.get("name", ""), said["address"]),
        "To": _own_address(),
        "Date": format_datetime(at),
        "Subject": _words(said.get("subject", "") or "Report through the web form"),
        "Message-ID": make_msgid("report-form", domain="report-form.invalid"),
    }
    return RawMessage(_mail(fields, text, files), way="form", arrived_at=at)


def note_of(said: Mapping[str, str], *, at: datetime, by: str, files: Sequence[File]) -> RawMessage:
    """The mail that says what was told by telephone, fax or letter.

    said  channel, name, address, subject, text; without an address nobody can be answered by mail
    at    when it was told
    by    who noted it
    """
    fields = {
        "From": _sender(said.get("name", ""), said.get("address", "")),
        "To": _own_address(),
        "Date": format_datetime(at),
        "Subject": _words(said["subject"]),
        "Message-ID": make_msgid("note", domain="note.invalid"),
        "X-Noted-By": _words(by),
        "X-Channel": clean_line(said["channel"], 20),
    }
    text = clean_text(said["text"], MOST_TEXT)
    if not said.get("address"):  # then the name in From goes unread
        text = f"{clean_line(said.get('name', ''), 200)} ({fields['X-Channel']}):\n\n{text}"
    return RawMessage(_mail(fields, text, files), way=f"note:{fields['X-Channel']}", arrived_at=at)


def answer_of(
    text: str,
    *,
    name: str,
    address: str,
    subject: str,
    in_reply_to: str,
    at: datetime,
    files: Sequence[File] = (),
) -> RawMessage:
    """The mail that somebody would have sent who answers a letter of ours on its page instead.

    in_reply_to  the letter's Message-ID
    """
    fields = {
        "From": _sender(name, address),
        "To": _own_address(),
        "Date": format_datetime(at),
        "Subject": _words(f"Re: {subject}"),
        "Message-ID": make_msgid("reply-page", domain="reply-page.invalid"),
        "In-Reply-To": in_reply_to,
    }
    return RawMessage(_mail(fields, clean_text(text, MOST_TEXT), files), way="form", arrived_at=at)


def _mail(fields: Mapping[str, str], text: str, files: Sequence[File]) -> bytes:
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value)
    start = f"{head}MIME-Version: 1.0\r\n".encode("ascii", "replace")
    written = _coded("text/plain; charset=utf-8", text.replace("\n", "\r\n").encode())
    if not files:
        return start + written
    boundary = secrets.token_hex(16).encode()
    parts = [written, *(_part(file) for file in files)]
    body = b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts)
    mixed = b'Content-Type: multipart/mixed; boundary="' + boundary + b'"\r\n\r\n'
    return start + mixed + body + b"--" + boundary + b"--\r\n"


def _part(file: File) -> bytes:
    """A mail as it is, for it is the evidence; any other file encoded, whatever it holds."""
    name = clean_line(file.name.replace("/", "_").replace("\\", "_"), 200) or "file"
    if name.lower().endswith(MAIL_SUFFIXES) and _begins_as_mail(file.content):
        return b"Content-Type: message/rfc822\r\n\r\n" + file.content
    disposition = f"Content-Disposition: attachment; filename*={encode_rfc2231(name, 'utf-8')}\r\n"
    return disposition.encode("ascii") + _coded("application/octet-stream", file.content)


def _begins_as_mail(content: bytes) -> bool:
    name, colon, _ = content[:200].partition(b":")
    return bool(colon) and name.replace(b"-", b"").isalnum()


def _coded(content_type: str, content: bytes) -> bytes:
    code = base64.encodebytes(content).replace(b"\n", b"\r\n")
    head = f"Content-Type: {content_type}\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return head.encode("ascii") + code


def _sender(name: str, address: str) -> str:
    shown, bare = clean_line(name, 200), clean_line(address, 320)
    return formataddr((shown, bare), "utf-8") if bare else _words(shown)


def _words(text: str) -> str:
    return Header(clean_line(text, 250), "utf-8").encode(linesep="\r\n") if text else ""


def _own_address() -> str:
    organisation = Organisation.objects.first()
    boxes = organisation.mailboxes if organisation else []
    return boxes[0] if boxes else "abuse@localhost"
