"""Rich text, as Outlook packs the bodies of mail, to the text a reader sees. Linear, bounded.

Source: RTF 1.9.1, MS-OXRTFCP (packing), MS-OXRTFEX (HTML inside).
"""

import re

MAX_PACKED_BYTES = 512 * 1024
MAX_CHARS = 1024 * 1024

_TOKEN = re.compile(
    r"\\([a-z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-f]{2})|\\([^a-z'])|([{}])|([^\\{}\r\n]{1,65536})",
    re.IGNORECASE,
)
_CODEPAGE = re.compile(r"\\ansicpg(\d{3,5})")
# Groups that hold no text of the mail.
_HIDDEN = frozenset(
    ("fonttbl", "colortbl", "stylesheet", "info", "pict", "object", "themedata", "htmltag",
     "mhtmltag", "generator", "listtable", "listoverridetable", "latentstyles", "datastore")
)  # fmt: skip
_BREAKS = {"par": "\n", "line": "\n", "tab": "\t", "row": "\n", "cell": "\t", "page": "\n"}
_NAMED = {
    "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”", "bullet": "•",
    "endash": "–", "emdash": "—",
}  # fmt: skip


def unpacked_text(packed: bytes) -> str:
    """Return the text of a body in packed rich text, "" if it cannot be unpacked."""
    import compressed_rtf

    try:
        source = compressed_rtf.decompress(packed[:MAX_PACKED_BYTES])
    except Exception:  # noqa: BLE001  the library raises nothing more telling than this
        return ""
    return to_text(source.decode("latin-1"))


def to_text(source: str) -> str:
    """Return the text of rich text, with a line break where a paragraph ends."""
    kept: list[str] = []
    hidden_from, depth, skip = 0, 0, 0
    hit = _CODEPAGE.search(source[:1000])
    charset = f"cp{hit.group(1)}" if hit else "cp1252"
    for hit in _TOKEN.finditer(source[:MAX_CHARS]):
        word, number, byte, sign, brace, text = hit.groups()
        if brace:
            depth += 1 if brace == "{" else -1
            hidden_from = 0 if depth < hidden_from else hidden_from
        elif (word in _HIDDEN or sign == "*") and not hidden_from:
            hidden_from = depth
        elif not hidden_from:
            shown = _shown(word, number, byte, sign, charset) if text is None else text
            kept.append(shown[skip:] if byte or text else shown)
            skip = int(word == "u")  # the sign for readers without Unicode follows
    return "".join(kept).strip()


def _shown(
    word: str | None, number: str | None, byte: str | None, sign: str | None, charset: str
) -> str:
    """What one control word or sign stands for in the text."""
    if word == "u" and number:
        return chr(int(number) % 65536)
    if byte:
        return _char(byte, charset)
    if word:
        return _BREAKS.get(word, _NAMED.get(word, ""))
    return sign if sign and sign in "\\{}" else " " if sign == "~" else ""


def _char(byte: str, charset: str) -> str:
    try:
        return bytes.fromhex(byte).decode(charset)
    except (LookupError, UnicodeDecodeError):
        return "\ufffd"
