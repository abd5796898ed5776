"""Encoded words (RFC 2047) of well-formed fields, at the speed of C; None where a parser is needed.

Words of one charset that stand together are decoded together: mail programs cut them in the middle
of a character.
"""

import binascii
import re

from complaints.formats import charset

MAX_CHARS = 4000
MAX_WORDS = 100

_WORD = re.compile(r"=\?([A-Za-z0-9_.:-]{1,40})\?([bBqQ])\?([!->@-~]{0,400})\?=")
_Q_BYTE = re.compile(rb"=([0-9A-Fa-f]{2})")


def decoded(value: str) -> str | None:
    """Return a field's value with its encoded words decoded; None if there is more to it.

    value  unfolded or not; of printable ASCII beside its line ends
    """
    if len(value) > MAX_CHARS or not value.isascii() or value.count("=?") > MAX_WORDS:
        return None
    if "\n" in value or "\t" in value:
        value = " ".join(value.split())
    pieces: list[str] = []
    run: list[bytes] = []
    run_charset, end = "", 0
    for hit in _WORD.finditer(value):
        name, encoding, packed = hit.groups()
        content = _content(encoding, packed)
        between = value[end : hit.start()]
        if content is None or "?" in packed or not charset.is_known(name):
            return None
        if run and (between.strip() or name.lower() != run_charset):
            pieces.append(charset.decode(b"".join(run), run_charset))
            run = []
        if between.strip() or not end:
            pieces.append(between)
        run.append(content)
        run_charset, end = name.lower(), hit.end()
    if run:
        pieces.append(charset.decode(b"".join(run), run_charset))
    pieces.append(value[end:])
    text = "".join(pieces)
    return None if "=?" in value[end:] or any("=?" in one for one in pieces[::2]) else text


def _content(encoding: str, packed: str) -> bytes | None:
    """The bytes in an encoded word; None if they are not well-formed."""
    if encoding in "qQ":
        raw = packed.replace("_", " ").encode("ascii")
        return (
            _Q_BYTE.sub(lambda hit: bytes((int(hit.group(1), 16),)), raw) if "=" in packed else raw
        )
    try:
        return binascii.a2b_base64(packed, strict_mode=True) if packed else b""
    except (binascii.Error, ValueError):
        return None
