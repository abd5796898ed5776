"""Outlook's .msg files: one mail as properties in an OLE container. Source: MS-OXMSG.

Read with extract-msg, stream by stream: its classes for whole messages open more than is needed.
"""

import struct
from datetime import datetime
from typing import TYPE_CHECKING

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
    time_of,
)

if TYPE_CHECKING:
    from extract_msg import MSGFile

MARK = bytes.fromhex("d0cf11e0a1b11ae1")
MAX_STREAM_BYTES = 16 * 1024 * 1024
MAX_STREAMS = 5000

_PROPERTIES = "__properties_version1.0"
_STREAM, _ATTACHMENT, _TEXTS = "__substg1.0_", "__attach_version1.0_", ("001F", "001E")
_TIME_TYPE, _ENTRY = 0x0040, struct.Struct("<HHIQ")
# What olefile and extract-msg raise on broken containers.
_DEFECTS = (
    OSError, ValueError, KeyError, IndexError, TypeError, AttributeError, struct.error,
    AssertionError, NotImplementedError, RecursionError, OverflowError,
)  # fmt: skip

Path = tuple[str, ...]


def looks_like_one(content: bytes, name: str, kind: str) -> bool:
    """Whether an attachment is a .msg file, by its first bytes and its name or type."""
    named = name.lower().endswith(".msg") or "ms-outlook" in kind
    return named and content[:8] == MARK


def mail_source(content: bytes) -> bytes:
    """Return the mail in a .msg file as RFC 5322 bytes.

    raises   Unreadable if it is no container of a mail
    """
    from extract_msg import MSGFile
    from extract_msg.exceptions import ExMsgBaseException

    try:
        with MSGFile(  # type: ignore[no-untyped-call]
            content, delayAttachments=True
        ) as container:
            paths = [tuple(path) for path in container.listDir(True, False, False)[:MAX_STREAMS]]
            return source_of(_mail(container, paths, (), 0))
    except (*_DEFECTS, ExMsgBaseException) as defect:
        raise Unreadable(f"A .msg file could not be read ({type(defect).__name__}).") from None


def _mail(container: "MSGFile", paths: list[Path], above: Path, depth: int) -> OutlookMail:
    """The mail whose streams lie directly below this path, and the files below it."""
    here = {path[-1]: path for path in paths if path[:-1] == above}
    texts: dict[int, str] = {}
    for name, path in here.items():
        number, kind = _property(name)
        if kind in _TEXTS:
            texts[number] = _decoded(_stream(container, path), kind)
    below = {path[len(above)] for path in paths if path[: len(above)] == above}
    files = [
        _file(container, _below(paths, (*above, name)), (*above, name), depth)
        for name in sorted(below)
        if name.startswith(_ATTACHMENT)
    ]
    return OutlookMail(
        texts,
        _times(_stream(container, here.get(_PROPERTIES)), 24 if above else 32),
        html=_stream(container, here.get(f"{_STREAM}{BODY_HTML:04X}0102")),
        packed_rtf=_stream(container, here.get(f"{_STREAM}{BODY_RTF:04X}0102")),
        files=tuple(files[:MAX_FILES]),
    )


def _file(container: "MSGFile", paths: list[Path], above: Path, depth: int) -> OutlookFile:
    here = {path[-1]: path for path in paths if path[:-1] == above}
    name = ""
    for number in (FILE_NAME, FILE_LONG_NAME):
        for kind in _TEXTS:
            stream = _stream(container, here.get(f"{_STREAM}{number:04X}{kind}"))
            name = _decoded(stream, kind) or name
    inner = (*above, f"{_STREAM}{FILE_DATA:04X}000D")
    below = _below(paths, inner)
    if below and depth < MAX_DEPTH:
        return OutlookFile(name, mail=_mail(container, below, inner, depth + 1))
    return OutlookFile(name, _stream(container, here.get(f"{_STREAM}{FILE_DATA:04X}0102")))


def _below(paths: list[Path], above: Path) -> list[Path]:
    return [path for path in paths if path[: len(above)] == above]


def _stream(container: "MSGFile", path: Path | None) -> bytes:
    if path is None:
        return b""
    found = container.getStream("/".join(path), prefix=False) or b""
    return bytes(found[:MAX_STREAM_BYTES])


def _property(name: str) -> tuple[int, str]:
    """The number and the type in the name of a stream."""
    digits = name.removeprefix(_STREAM)
    try:
        return (int(digits[:4], 16), digits[4:8].upper()) if name.startswith(_STREAM) else (0, "")
    except ValueError:
        return 0, ""


def _decoded(content: bytes, kind: str) -> str:
    text = content.decode("utf-16-le", "replace") if kind == "001F" else _one_byte(content)
    return text.rstrip("\0")


def _one_byte(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _times(table: bytes, start: int) -> dict[int, datetime]:
    """The times in a table of properties of fixed length, by their numbers."""
    found = {}
    for at in range(start, min(len(table) - 15, MAX_STREAMS * 16), 16):
        kind, number, _, value = _ENTRY.unpack_from(table, at)
        if kind == _TIME_TYPE and (when := time_of(value)):
            found[number] = when
    return found
