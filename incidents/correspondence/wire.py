"""The one function that builds a mail of ours: bytes, from a letter and a fixed list of fields.

Every value is cleaned of control characters first, and none is decoded on its way: an encoded
line end in a subject must not become a header (Python's policy.default would make it one).
"""

import email
import hashlib
from base64 import encodebytes
from collections.abc import Mapping, Sequence
from datetime import datetime
from email import charset, policy
from email.header import Header
from email.message import Message
from email.utils import format_datetime

from complaints.cleantext import clean_line
from complaints.models import Complaint
from incidents.models import Enclosure, Letter

FIELDS = (
    "Date",
    "From",
    "To",
    "Subject",
    "Message-ID",
    "In-Reply-To",
    "References",
    "Auto-Submitted",
    "X-Loop",
)
MOST_REFERENCES = 20
LONGEST_LINE, FOLDED_AT = 998, 78  # octets (RFC 5322, section 2.1.1)

# One text to all who complained, which nobody wrote to the one who gets it: other programs must not
# answer (RFC 3834, section 5).
AUTOMATIC = frozenset({"told"})
# A person read the complaint and let this go, so it is not automatic. It asks for nothing, though:
# another desk like this one gives no word of receipt to a mail with X-Loop.
ANSWERS = frozenset({"answer", "csirt-answer"})


def mail_of(
    letter: Letter,
    *,
    sender: str,
    sender_name: str,
    at: datetime,
    tag: str = "",
    enclosures: Sequence[Enclosure] = (),
) -> bytes:
    """The letter as it goes to the mail server: CR LF lines of 7-bit text.

    sender, letter.to_address   bare addresses, checked before (outbox)
    at                          when it is sent, in the zone that the Date field shall show
    enclosures                  what goes with it, each a part of its own
    tag                         what ends its subject, so that an answer to it is known
    """
    return wire_bytes(
        {
            "Date": date_field(at),
            "From": mailbox(sender_name, sender),
            "To": mailbox(letter.to_name, letter.to_address),
            "Subject": words(_tagged(letter.subject, tag)),
            "Message-ID": letter.message_id,
            "Auto-Submitted": "auto-replied" if letter.kind in AUTOMATIC else "",
            "X-Loop": sender if letter.kind in ANSWERS else "",
        }
        | thread_fields(letter.answers),
        letter.body,
        enclosures,
    )


def wire_bytes(fields: Mapping[str, str], body: str, enclosures: Sequence[Enclosure] = ()) -> bytes:
    """A text mail with these fields; one without a value is left out.

    raises   ValueError for a field that is not on the list
    """
    message = Message(policy=policy.compat32)
    for name, value in fields.items():
        if name not in FIELDS:
            raise ValueError(f"“{name}” is not a field that our mails have.")
        if value:
            message[name] = _folded(name, clean_line(value, 8000))
    message["MIME-Version"] = "1.0"
    if enclosures:
        text = Message(policy=policy.compat32)
        text.set_payload(_printable(body), _charset(body))
        message["Content-Type"] = f'multipart/mixed; boundary="{_boundary(enclosures)}"'
        message.set_payload([text, *map(_part, enclosures)])
    else:
        message.set_payload(_printable(body), _charset(body))
    return message.as_bytes(policy=policy.compat32.clone(linesep="\r\n", max_line_length=0))


def _folded(name: str, value: str) -> str:
    """The value in lines of at most 78 columns where its blanks allow it, the first never empty.

    Python's generator puts a long Message-ID on a line of its own, where simple programs miss it.
    """
    lines, room = [""], FOLDED_AT - len(name) - 2
    for word in value.split(" "):
        if lines[-1] and len(lines[-1]) + 1 + len(word) > room:
            lines.append("")
            room = FOLDED_AT - 1
        lines[-1] += f" {word}" if lines[-1] else word
    return "\n ".join(lines)


def _boundary(enclosures: Sequence[Enclosure]) -> str:
    """Of what is enclosed, so that the same letter is always the same bytes."""
    words = " ".join(enclosure.sha256 for enclosure in enclosures)
    return f"letter-{hashlib.sha256(words.encode()).hexdigest()[:32]}"


def _part(enclosure: Enclosure) -> Message:
    """A report in parts of its own (ARF) as it stands; any other file in base64."""
    content = bytes(enclosure.content)
    if enclosure.content_type.startswith("multipart/"):
        head = f"Content-Type: {enclosure.content_type}\r\n\r\n".encode("ascii")
        return email.message_from_bytes(head + content, policy=policy.compat32)
    part = Message(policy=policy.compat32)
    part["Content-Type"] = enclosure.content_type
    part["Content-Transfer-Encoding"] = "base64"
    part["Content-Disposition"] = f'attachment; filename="{enclosure.name}"'
    part.set_payload(encodebytes(content).decode("ascii"))
    return part


def thread_fields(complaint: Complaint | None) -> dict[str, str]:
    """The fields by which an answer to this mail stands in its thread."""
    thread = thread_of(complaint)
    return {"In-Reply-To": thread[-1] if thread else "", "References": " ".join(thread)}


def thread_of(complaint: Complaint | None) -> list[str]:
    """The Message-IDs that an answer refers to, oldest first (RFC 5322, section 3.6.4)."""
    if complaint is None or not complaint.message_id:
        return []
    before = [identifier for identifier in map(_safe, complaint.references) if identifier]
    if len(before) > MOST_REFERENCES:
        before = [before[0], *before[1 - MOST_REFERENCES :]]
    answered = _safe(f"<{complaint.message_id.strip('<>')}>")
    thread = dict.fromkeys([*before, answered])
    return [identifier for identifier in thread if identifier]


def date_field(at: datetime) -> str:
    """A time as the Date field has it, in its own zone."""
    return format_datetime(at)


def mailbox(name: str, address: str) -> str:
    """`"Ann Quarry" <ann@quarry.example>`: the name quoted or encoded, never bare."""
    shown = clean_line(name, 100).replace("\\", "").replace('"', "'")
    if not shown:
        return f"<{address}>"
    return f"{words(shown)} <{address}>" if _needs_code(shown) else f'"{shown}" <{address}>'


def words(text: str) -> str:
    """Text of a field; what is not plain ASCII, or looks like an encoded word, is encoded."""
    line = clean_line(text, 255)
    return Header(line, "utf-8", maxlinelen=70).encode(linesep="") if _needs_code(line) else line


def _tagged(subject: str, tag: str) -> str:
    """The subject with the tag at its end, which is never what is cut off."""
    if not tag or tag in subject:
        return subject
    return f"{clean_line(subject, 254 - len(tag))} {tag}"


def _needs_code(text: str) -> bool:
    return not text.isascii() or "=?" in text


def _safe(identifier: str) -> str:
    """A Message-ID as it may stand in a field of ours, "" for anything else."""
    text = identifier.strip()
    plain = text.isascii() and text.isprintable() and " " not in text
    shaped = 3 <= len(text) <= 500 and text[0] == "<" and text[-1] == ">"
    return text if plain and shaped and text.count("<") == text.count(">") == 1 else ""


def _printable(body: str) -> str:
    return body.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n") + "\n"


def _charset(body: str) -> charset.Charset:
    """Plain ASCII as it is where its lines are short enough; else UTF-8 in 7-bit code."""
    fits = all(len(line) <= LONGEST_LINE for line in body.split("\n"))
    if body.isascii() and fits:
        return charset.Charset("us-ascii")
    coded = charset.Charset("utf-8")
    mostly_latin = sum(character.isascii() for character in body) > 0.8 * len(body)
    coded.body_encoding = charset.QP if mostly_latin else charset.BASE64
    return coded
