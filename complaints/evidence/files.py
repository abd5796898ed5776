"""What an attachment really is, by its content; its size and SHA-256. Nothing is opened."""

import csv
import ctypes.util
import hashlib
import json
import re

from complaints.cleantext import clean_line

if ctypes.util.find_library("magic") is None:
    import pylibmagic  # noqa: F401  brings libmagic where the system has none

import magic

LOOKED_AT_BYTES = 64 * 1024
UNKNOWN_TYPE = "application/octet-stream"
MAX_NAME_CHARS = 255

_KIND_OF_TYPE = (
    ("image/", "picture"), ("text/html", "web page"), ("application/xhtml", "web page"),
    ("message/", "mail"), ("text/", "text"), ("application/json", "text"),
    ("application/xml", "text"), ("application/pdf", "PDF"), ("application/zip", "archive"),
    ("application/gzip", "archive"), ("application/x-gzip", "archive"),
    ("application/x-tar", "archive"), ("application/x-7z", "archive"),
    ("application/x-rar", "archive"), ("application/x-dosexec", "program"),
    ("application/vnd.microsoft.portable-executable", "program"),
    ("application/x-executable", "program"), ("application/x-elf", "program"),
    ("application/x-msdownload", "program"), ("application/x-mach-binary", "program"),
    ("audio/", "sound"), ("video/", "film"),
)  # fmt: skip
_KIND_OF_ENDING = {
    "jpg": "picture", "jpeg": "picture", "png": "picture", "gif": "picture", "bmp": "picture",
    "webp": "picture", "htm": "web page", "html": "web page", "txt": "text", "log": "text",
    "csv": "text", "json": "text", "xml": "text", "yaml": "text", "yml": "text", "pdf": "PDF",
    "zip": "archive", "gz": "archive", "tar": "archive", "7z": "archive", "rar": "archive",
    "exe": "program", "scr": "program", "com": "program", "dll": "program", "eml": "mail",
    "mp3": "sound", "wav": "sound", "mp4": "film", "avi": "film",
}  # fmt: skip
_MARKS = (
    (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "image/png"), (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"), (b"\xff\xd8\xff\xe0", "image/jpeg"),
    (b"\xff\xd8\xff\xe1", "image/jpeg"), (b"%PDF-1.", "application/pdf"),
    (b"\x1f\x8b\x08", "application/gzip"),
)  # fmt: skip
_CONTROLS = bytes({*range(32), 127} - set(b"\t\n\r"))
# What is XML by its first line, and a page or a picture by what follows.
_OTHER_XML = re.compile(rb"<(?:!doctype|html|svg|rss|feed|gpx|kml|wsdl)", re.IGNORECASE)
_CSV_LINES = 3
_FORBIDDEN_IN_NAMES = {ord(char): "_" for char in '/\\:*?"<>|'}
_FORBIDDEN_IN_NAMES |= dict.fromkeys((*range(8234, 8239), *range(8294, 8298), 8206, 8207), "_")


def actual_type(content: bytes) -> str:
    """Return the MIME type that the first 64 KiB show; "application/octet-stream" if none.

    libmagic tries hundreds of patterns, so what is common and certain is told without it.
    """
    if not content:
        return "application/x-empty"
    if known := next((kind for mark, kind in _MARKS if content.startswith(mark)), ""):
        return known
    if content[:1] in (b"{", b"[") and len(content) <= LOOKED_AT_BYTES and _is_json(content):
        return "application/json"
    if text := _text_type(content[:LOOKED_AT_BYTES]):
        return text
    try:
        return str(magic.from_buffer(content[:LOOKED_AT_BYTES], mime=True))[:100]
    except magic.MagicException:
        return UNKNOWN_TYPE


def _text_type(content: bytes) -> str:
    """The type of XML and of quoted CSV, as machines send them; "" if it is neither."""
    if not content.isascii() or content.translate(None, _CONTROLS) != content:
        return ""
    if content.startswith(b"<?xml version="):
        return "" if _OTHER_XML.search(content) else "text/xml"
    lines = content.split(b"\n", _CSV_LINES) if content[:1] == b'"' else []
    if len(lines) <= _CSV_LINES:
        return ""
    try:
        widths = {len(row) for row in csv.reader(line.decode("ascii") for line in lines[:-1])}
    except csv.Error:
        return ""
    return "text/csv" if len(widths) == 1 and widths != {1} else ""


def _is_json(content: bytes) -> bool:
    try:
        json.loads(content)
    except (ValueError, RecursionError):
        return False
    return True


def mismatch(name: str, declared: str, actual: str) -> str:
    """Return a sentence if a file is not what its name or its declared type says, else "".

    Only kinds are compared: that a picture is another sort of picture harms nobody.
    """
    found = _kind_of_type(actual)
    if not found:
        return ""
    by_name = _KIND_OF_ENDING.get(name.lower().rpartition(".")[2], "") if "." in name else ""
    for says, kind in ((f"its name {name}", by_name), (declared, _kind_of_type(declared))):
        if kind and kind != found and not (kind == "text" and found in ("mail", "web page")):
            return f"The content of {name} is {actual}, not what {says} says."
    return ""


def _kind_of_type(kind: str) -> str:
    return next((word for start, word in _KIND_OF_TYPE if kind.startswith(start)), "")


def sha256_of(content: bytes) -> str:
    """Return the SHA-256 of the content in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def safe_name(name: str, fallback: str = "attachment") -> str:
    """Return a name to show and to offer for download: no path, no control or bidi characters.

    At most 255 bytes in UTF-8, never empty, "." or "..".
    """
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    clean = clean_line(last, MAX_NAME_CHARS).translate(_FORBIDDEN_IN_NAMES).strip()
    while len(clean.encode()) > MAX_NAME_CHARS:
        clean = clean[:-1]
    return clean if clean.strip(". ") else fallback
