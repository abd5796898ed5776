"""What is odd about a mail as it came, in sentences: broken, cut short, contradictory, disguised.

None of it says that a mail is no complaint; it says what a person should not take at face value.
Everything here is linear and looks at bounded beginnings.
"""

import re
from collections.abc import Iterator

from complaints.formats import charset
from complaints.formats.parts import MAX_TEXT_CHARS, Mail, Part

HEAD_BYTES, BODY_BYTES = 256 * 1024, 1024 * 1024
ONCE = ("from", "sender", "subject", "date", "message-id", "content-type", "to")
MOST_COMMENTS = 50
LARGE_HTML_CHARS, MOST_TAGS = 256 * 1024, 5000
LOOKED_AT_BYTES = 4 * 1024 * 1024
ENCODINGS = {b"7bit", b"8bit", b"binary", b"quoted-printable", b"base64"}

_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]|\x1b(?![$(])")
_NO_CONTROLS = bytes((9, 10, 11, 12, 13, *range(32, 127), *range(128, 256)))
_NO_FIELD = re.compile(rb"^(?![!-9;-~]+[ \t]*:|[ \t]+[^ \t\r]|From |>From )[^\r\n]", re.MULTILINE)
# Joiners (U+200C, U+200D) are honest in several scripts and in emoji.
_DISGUISE = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_LATIN, _LIKE_LATIN = re.compile("[a-z]"), re.compile("[\u0370-\u052f]")
_PACKED_MAIL = re.compile(
    rb"^Content-Type:[ \t]*message/rfc822(?:[^\n]*\n(?!\r?\n)){1,6}?"
    rb"Content-Transfer-Encoding:[ \t]*base64",
    re.I | re.M,
)
_STAR_CHARSET = re.compile(r"charset\*", re.IGNORECASE)
_BOUNDARY = re.compile(r"boundary\s?=\s?(?:\"([^\"]*)\"|([^\s;]*))", re.IGNORECASE)
_NO_BASE64 = re.compile(rb"[^A-Za-z0-9+/=\s]")
_UUENCODED = re.compile(rb"^begin [0-7]{3,4} [^\r\n]{1,255}\nM", re.MULTILINE)
_UU_END = re.compile(rb"^end\s*$", re.MULTILINE)
_BAD_ESCAPE = re.compile(rb"\\u(?:0000|d[89ab])", re.IGNORECASE)
_LONG_NUMBER = re.compile(rb"[0-9]{100}")
MOST_NESTED = 1000
# Combining marks (U+0300 to U+036F) in UTF-8, more in a row than any script puts on a letter.
_HEAPED_MARKS = re.compile(rb"(?:\xcc[\x80-\xbf]|\xcd[\x80-\xaf]){16}")


def oddities(raw: bytes, mail: Mail) -> tuple[str, ...]:
    """Say what is odd about a mail, each thing in a sentence.

    raw   its bytes; mail  what was made of them
    """
    text = raw[: HEAD_BYTES + BODY_BYTES].replace(b"\r\n", b"\n")
    head, _, body = text.partition(b"\n\n")
    return (
        *_of_head(head[:HEAD_BYTES], mail),
        *_of_names(mail),
        *_of_structure(raw, body, mail),
        *_of_encodings(text, body, mail),
        *_of_winmail(mail),
        *(remark for part in mail.parts[:50] for remark in _of_part(part)),
    )


def _of_head(head: bytes, mail: Mail) -> Iterator[str]:
    if head.translate(None, _NO_CONTROLS) and _CONTROLS.search(head):
        yield "The head of the mail holds control characters."
    if lines := len(_NO_FIELD.findall(head)):
        yield f"{lines} lines in the head of the mail are no header fields."
    for name in ONCE:
        if (count := len(mail.head.all(name))) > 1:
            yield f"The mail has {count} {name.title()} fields; the first of them counts."
    if mail.head.first("from").count("(") > MOST_COMMENTS:
        yield "The From field is no plain address."


def _of_names(mail: Mail) -> Iterator[str]:
    shown = (mail.head.first("subject"), mail.head.first("from"), mail.head.first("reply-to"))
    if any(_DISGUISE.search(one) for one in shown if not one.isascii()):
        yield "Invisible characters in the subject or the sender change how it reads."
    for one in shown[1:]:
        if one.isascii() and "xn--" not in one.lower():
            continue
        domain = one.rpartition("@")[2][:255].lower()
        if any(_mixes_scripts(label) for label in domain.strip("<> ").split(".")):
            yield "A domain in the head mixes Latin letters with others that look like them."
            return


def _mixes_scripts(label: str) -> bool:
    if label.startswith("xn--"):
        try:
            label = label[4:].encode("ascii").decode("punycode") if len(label) < 64 else ""
        except UnicodeError:
            return True
    return bool(_LATIN.search(label) and _LIKE_LATIN.search(label))


def _of_structure(raw: bytes, body: bytes, mail: Mail) -> Iterator[str]:
    if not mail.content_type.startswith("multipart/"):
        return
    hit = _BOUNDARY.search(mail.head.first("content-type"))
    boundary = (hit.group(1) or hit.group(2) or "") if hit else ""
    if not boundary:
        yield "The mail says that it has parts, but not what divides them."
        return
    mark = b"--" + boundary.encode("utf-8", "surrogateescape")
    if mark not in raw:
        yield "The mail says that it has parts, but has none."
        return
    before = body.partition(mark)[0].strip()
    if before and b"mime" not in before.lower():  # "This is a multi-part message in MIME format."
        yield "Text stands before the first part, where most mail programs show none."
    if mark + b"--" not in raw:
        yield "The last part of the mail has no end; it may have been cut off."


def _of_encodings(text: bytes, body: bytes, mail: Mail) -> Iterator[str]:
    lower = b"\n" + text.lower()
    fields = lower.split(b"\ncontent-transfer-encoding:")[1:]
    for encoding in dict.fromkeys(map(_first_word, fields)):
        if encoding in ENCODINGS:
            continue
        name = encoding.decode("ascii", "replace")
        yield f"A part is in the transfer encoding “{name}”, which is not known."
    if b"message/rfc822" in lower and b"base64" in lower and _PACKED_MAIL.search(text):
        yield "An attached mail is packed in base64."
    declared = mail.head.first("content-transfer-encoding").strip().lower()
    if declared == "base64" and mail.content_type.startswith("multipart/"):
        yield "The parts of the mail are packed in base64, which they must not be."
    elif declared == "base64" and _NO_BASE64.search(body[:HEAD_BYTES]):
        yield "The text says that it is base64, but holds what base64 does not."
    if _STAR_CHARSET.search(mail.head.first("content-type")):
        yield "The charset of the text is itself encoded."
    begins = b"\nbegin " in body or body.startswith(b"begin ")
    begun = _UUENCODED.search(body) if begins else None
    if begun and not _UU_END.search(body, begun.end()):
        yield "A uuencoded file in the text has no end."
    if b"\xcc" in body and _HEAPED_MARKS.search(body):
        yield "Marks are heaped on letters of the text, as no script has them."


def _first_word(behind: bytes) -> bytes:
    """The first word of a field's value on its first line."""
    line = behind[:1000].partition(b"\n")[0].partition(b";")[0]
    return next(iter(line.split()), b"")[:40]


def _of_winmail(mail: Mail) -> Iterator[str]:
    packed = [part for part in mail.parts if part.content_type.endswith("ms-tnef")]
    others = [part for part in mail.parts if part not in packed and not part.is_text]
    if packed and not any(part.content.strip() for part in others):
        yield "A winmail.dat is attached in which no file was found; there may be more in it."


def _of_part(part: Part) -> Iterator[str]:
    if part.charset and not charset.is_known(part.charset):
        yield f"A part names the charset “{part.charset[:40]}”, which is not known or not safe."
    if part.is_text and len(part.content) > MAX_TEXT_CHARS:
        size, most = len(part.content), MAX_TEXT_CHARS
        yield f"A text of {size} bytes was read to its first {most} characters."
    elif len(part.content) > LOOKED_AT_BYTES:
        yield f"Of a file of {len(part.content)} bytes only the beginning was looked at."
    if part.content_type == "text/html" and part.is_text:
        beginning = part.content[: LARGE_HTML_CHARS + 1]
        if len(beginning) > LARGE_HTML_CHARS or beginning.count(b"<") > MOST_TAGS:
            yield "The HTML is unusually large or nested; only its text is shown."
    if "json" in part.content_type or part.name.lower().endswith(".json"):
        yield from _of_json(part.content[:BODY_BYTES])


def _of_json(content: bytes) -> Iterator[str]:
    if max(content.count(b"["), content.count(b"{")) > MOST_NESTED or _LONG_NUMBER.search(content):
        yield "The JSON holds deep nesting or numbers of very many digits."
    if _BAD_ESCAPE.search(content):
        yield "The JSON holds escaped characters that no text may have; they are shown replaced."
