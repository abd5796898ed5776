"""What the head of a MIME part says of it: its type, charset, file name, encoding.

Most parts say it plainly, and their few fields are read in one go. The rest is left to the
standard library, whose every question goes through all fields and takes the type apart again.
Source: RFC 2045, RFC 2183, RFC 2231.
"""

import email.header
import re
from collections.abc import Callable
from dataclasses import dataclass
from email.message import Message

from complaints.cleantext import clean_line
from complaints.formats.head import DEFECTS, unfolded

_WANTED = ("content-type", "content-disposition", "content-transfer-encoding", "content-id")
_LENGTHS = frozenset(map(len, _WANTED))
# A value with parameters, none of them encoded, continued or with a semicolon in quotes.
_PLAIN = re.compile(
    r"\s*([\w.+-]+(?:/[\w.+-]+)?)\s*"
    r"((?:;\s*(?:[\w-]+\s?=\s?(?:\"[^\"\\;]*\"|[^\s\"=;<>()]+)\s*)?)*)$",
    re.ASCII,
)
_PARAMETER = re.compile(r"([\w-]+)\s?=\s?(?:\"([^\"]*)\"|([^\s;]*))", re.ASCII)
_MOST_PLAIN_CHARS = 500


@dataclass(frozen=True, slots=True)
class Labels:
    """What a part says of itself; "" where it does not. All but name and ID in lower case."""

    content_type: str
    charset: str
    name: str
    disposition: str
    encoding: str
    report_type: str
    content_id: str


def labels_of(part: Message) -> Labels:
    """Return the labels of a part; never raises."""
    found = dict.fromkeys(_WANTED, "")
    for name, value in part.raw_items():
        if len(name) in _LENGTHS and not found.get(lower := name.lower(), "-"):
            found[lower] = value  # the first field of a name counts
    kind, disposition = map(_plain, (found["content-type"], found["content-disposition"]))
    encoding = found["content-transfer-encoding"]
    if kind is None or disposition is None or not encoding.isascii():
        return _asked_for(part)
    (declared, parameters), (shown, about) = kind, disposition
    return Labels(
        content_type=_valid(declared or part.get_default_type()),
        charset=clean_line(parameters.get("charset", ""), 200),
        name=unfolded(about.get("filename", "") or parameters.get("name", ""))[:1000],
        disposition=shown,
        encoding=encoding.strip().lower(),
        report_type=clean_line(parameters.get("report-type", ""), 200).lower(),
        content_id=_bare_id(found["content-id"]),
    )


def _plain(value: str) -> tuple[str, dict[str, str]] | None:
    """A value in lower case and its parameters; None where it is not plainly written."""
    if not value:
        return "", {}
    hit = _PLAIN.match(value) if len(value) <= _MOST_PLAIN_CHARS and "=?" not in value else None
    if not hit:
        return None
    found: dict[str, str] = {}
    for name, quoted, bare in _PARAMETER.findall(hit.group(2)):
        found.setdefault(name.lower(), quoted or bare)
    return hit.group(1).lower(), found


def _asked_for(part: Message) -> Labels:
    """The labels as the standard library reads them, each answer guarded."""
    return Labels(
        content_type=_or(part.get_content_type, "application/octet-stream")[:100],
        charset=_parameter(part, "charset"),
        name=_file_name(part),
        disposition=str(part.get("content-disposition", ""))[:200].strip().lower(),
        encoding=str(part.get("content-transfer-encoding", "")).strip().lower(),
        report_type=_parameter(part, "report-type").lower(),
        content_id=_bare_id(str(part.get("content-id", ""))),
    )


def _valid(kind: str) -> str:
    return kind[:100] if kind.count("/") == 1 else "text/plain"


def _bare_id(value: str) -> str:
    return clean_line(value[:400], 200).strip("<> ")


def _or(asked: Callable[[], str], otherwise: str) -> str:
    try:
        return asked()
    except DEFECTS:
        return otherwise


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
