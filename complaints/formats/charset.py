"""Bytes to text, whatever charset is named: only codecs that are safe, never an exception."""

import codecs
from collections.abc import Iterator

_ALIASES = {
    "shift_jis": "cp932", "shift-jis": "cp932", "sjis": "cp932", "x-sjis": "cp932",
    "windows-31j": "cp932", "gb2312": "gb18030", "gbk": "gb18030", "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949", "iso-8859-1": "cp1252", "latin1": "cp1252", "us-ascii": "ascii",
    "ansi_x3.4-1968": "ascii", "unicode-1-1-utf-7": "utf-7", "utf8": "utf-8", "x-euc-jp": "euc_jp",
    "iso-2022-jp": "iso2022_jp_2",
}  # fmt: skip
_UNSAFE = frozenset(
    ["punycode", "idna", "undefined", "unicode_escape", "raw_unicode_escape", "mbcs", "oem"]
)
_JIS_ESCAPES = (b"\x1b$B", b"\x1b$@", b"\x1b(I")


def decode(content: bytes, charset: str = "") -> str:
    """Return the text: by the named charset if it fits, else by what fits, else with U+FFFD.

    Mails name no charset, a wrong one, or one that does not exist; Japanese ones of all ages
    leave the name out and write ISO-2022-JP.
    """
    codec = _codec(charset)
    for candidate in _candidates(content, codec):
        text = _strict(content, candidate)
        if text is not None:
            return text
    return content.decode(codec or "utf-8", "replace")


def is_known(charset: str) -> bool:
    """Whether this names a charset by which text is decoded here."""
    return bool(_codec(charset))


def _candidates(content: bytes, codec: str) -> Iterator[str]:
    """Yield the charsets to try; what is costly to find out is found out last."""
    if any(escape in content for escape in _JIS_ESCAPES) and codec in ("", "ascii", "utf-8"):
        yield from ("iso2022_jp_2", "iso2022_jp_ext", "ascii")
        return
    if codec:
        yield codec
    if codec == "iso2022_jp_2":
        yield "iso2022_jp_ext"
    yield "utf-8"
    yield from _likely_japanese(content)
    if codec != "utf-8":
        yield "cp1252"


def _likely_japanese(content: bytes) -> list[str]:
    """The Japanese charsets in which the bytes are mostly kana and kanji."""
    sample = content[:4000]
    found = []
    for codec in ("euc_jp", "cp932"):
        text = sample.decode(codec, "ignore")
        wide = sum("\u3041" <= char <= "\u30ff" for char in text)
        if wide >= 6 and wide * 8 > sum(ord(char) > 0x7F for char in text):
            found.append(codec)
    return found


def _codec(charset: str) -> str:
    """The name of a codec that is known, makes text, and is safe; else ""."""
    name = charset.strip("\"' \t").lower().removeprefix("charset=").split(";")[0].strip("\"' ")
    if not name or len(name) > 40 or not name.isascii() or "\0" in name:
        return ""
    name = _ALIASES.get(name, name)
    try:
        info = codecs.lookup(name)
    except (LookupError, ValueError):
        return ""
    is_text = getattr(info, "_is_text_encoding", True)
    return info.name if is_text and info.name not in _UNSAFE else ""


def _strict(content: bytes, codec: str) -> str | None:
    try:
        return content.decode(codec)
    except (UnicodeError, ValueError):
        return None
