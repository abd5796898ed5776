"""winmail.dat: what Outlook makes of a mail with attachments for other Exchange servers.

Source: MS-OXTNEF. The stream is walked here and its properties are decoded by tnefparse, whose own
walk copies the rest of the stream for each object and believes any count of recipients.
"""

import struct
from collections.abc import Iterator
from datetime import datetime

from complaints.formats.mapi import (
    BODY_HTML,
    BODY_RTF,
    FILE_DATA,
    FILE_LONG_NAME,
    FILE_NAME,
    MAX_DEPTH,
    MAX_FILES,
    OutlookFile,
    OutlookMail,
    Unreadable,
    source_of,
)

MARK = bytes.fromhex("789f3e22")
MAX_OBJECTS = 2000
MAX_PROPERTIES_BYTES = 16 * 1024 * 1024

_OBJECT = struct.Struct("<BHHI")
_BODY, _FILE_DATA, _FILE_TITLE, _FILE_BEGINS = 0x800C, 0x800F, 0x8010, 0x9002
_PROPERTIES, _FILE_PROPERTIES, _CODEPAGE = 0x9003, 0x9005, 0x9007
# The identifier before a mail inside (IID_IMessage).
_IS_MESSAGE = bytes.fromhex("0703020000000000c000000000000046")


def looks_like_one(content: bytes) -> bool:
    """Whether these bytes begin as TNEF does."""
    return content[:4] == MARK


def mail_source(content: bytes) -> bytes:
    """Return the mail in a winmail.dat as RFC 5322 bytes.

    raises   Unreadable if it is none
    """
    if not looks_like_one(content):
        raise Unreadable("A winmail.dat does not begin as TNEF does.")
    return source_of(_mail(content, 0))


def _mail(content: bytes, depth: int) -> OutlookMail:
    texts: dict[int, str] = {}
    binaries: dict[int, bytes] = {}
    files: list[dict[int, bytes | str]] = []
    codepage = "cp1252"
    for number, data in _objects(content):
        if number == _CODEPAGE and len(data) >= 4:
            codepage = f"cp{struct.unpack_from('<I', data)[0]}"
        elif number == _BODY:
            texts.setdefault(0x1000, data.decode("cp1252", "replace"))
        elif number == _PROPERTIES:
            for name, value in _properties(data, codepage):
                if isinstance(value, str):
                    texts[name] = value
                else:
                    binaries[name] = value
        elif number == _FILE_BEGINS and len(files) < MAX_FILES:
            files.append({})
        elif number == _FILE_PROPERTIES and files:
            files[-1] |= dict(_properties(data, codepage))
        elif number in (_FILE_DATA, _FILE_TITLE) and files:
            files[-1].setdefault(FILE_DATA if number == _FILE_DATA else FILE_NAME, data)
    html = binaries.get(BODY_HTML) or texts.get(BODY_HTML, "").encode("utf-8", "replace")
    times: dict[int, datetime] = {}
    return OutlookMail(
        texts, times, html, binaries.get(BODY_RTF, b""), tuple(_file(one, depth) for one in files)
    )


def _file(properties: dict[int, bytes | str], depth: int) -> OutlookFile:
    name = _as_text(properties.get(FILE_LONG_NAME, "") or properties.get(FILE_NAME, ""))
    data = properties.get(FILE_DATA, b"")
    content = data.encode("utf-8", "replace") if isinstance(data, str) else data
    inner = content[len(_IS_MESSAGE) :]
    if content.startswith(_IS_MESSAGE) and looks_like_one(inner) and depth < MAX_DEPTH:
        return OutlookFile(name, mail=_mail(inner, depth + 1))
    return OutlookFile(name, content)


def _objects(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the number and the data of each object of the stream, until it ends or breaks."""
    at = 6
    for _ in range(MAX_OBJECTS):
        if at + _OBJECT.size > len(content):
            return
        _, number, _, length = _OBJECT.unpack_from(content, at)
        start = at + _OBJECT.size
        yield number, content[start : start + length]
        at = start + length + 2


def _properties(data: bytes, codepage: str) -> Iterator[tuple[int, bytes | str]]:
    """Yield the texts and binaries among the properties of an object; what is odd is left out."""
    from tnefparse.mapi import decode_mapi

    for one in decode_mapi(data[:MAX_PROPERTIES_BYTES], codepage):
        values = one.raw_data if isinstance(one.raw_data, list) else []
        if values and isinstance(values[0], str):
            yield one.name, values[0].rstrip("\0")
        elif values:
            yield one.name, values[0]


def _as_text(value: bytes | str) -> str:
    return value if isinstance(value, str) else value.rstrip(b"\0").decode("cp1252", "replace")
