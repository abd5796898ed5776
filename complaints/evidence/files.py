"""What an attachment really is, by its content; its size and SHA-256. Nothing is opened."""

import ctypes.util
import hashlib

from complaints.cleantext import clean_line

if ctypes.util.find_library("magic") is None:
    import pylibmagic  # noqa: F401  brings libmagic where the system has none

import magic

LOOKED_AT_BYTES = 64 * 1024
UNKNOWN_TYPE = "application/octet-stream"
MAX_NAME_CHARS = 255

_FORBIDDEN_IN_NAMES = {ord(char): "_" for char in '/\\:*?"<>|'}
_FORBIDDEN_IN_NAMES |= dict.fromkeys((*range(8234, 8239), *range(8294, 8298), 8206, 8207), "_")


def actual_type(content: bytes) -> str:
    """Return the MIME type that the first 64 KiB show; "application/octet-stream" if none."""
    if not content:
        return "application/x-empty"
    try:
        return str(magic.from_buffer(content[:LOOKED_AT_BYTES], mime=True))[:100]
    except magic.MagicException:
        return UNKNOWN_TYPE


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
