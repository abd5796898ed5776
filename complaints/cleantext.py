"""Text that may be stored and shown: no NUL, no control characters, no surrogates, bounded.

PURE. Every value that comes from outside passes `clean_text` before it reaches a table:
PostgreSQL refuses NUL and lone surrogates, and a control character shown as it came can
forge a line or hide one.
"""

CUT_MARK = "…"

_PICTURES = {code: 0x2400 + code for code in range(0x20) if code not in (0x09, 0x0A)}
_PICTURES[0x7F] = 0x2421
_C1 = {code: f"<U+{code:04X}>" for code in range(0x80, 0xA0)}
_SURROGATES = dict.fromkeys(range(55296, 57344), "�")
_VISIBLE: dict[int, int | str] = {**_PICTURES, **_C1, **_SURROGATES}
_ONE_LINE: dict[int, int | str] = {0x09: " ", 0x0A: " ", 0x0D: " "}


def clean_text(value: str, limit: int) -> str:
    """Return the text as it may be stored: readable, harmless, at most `limit` characters.

    CR LF and a lone CR become LF; LF and TAB stay. NUL and the other C0 controls become
    their picture (U+2400 and on), C1 controls become `<U+0085>`, lone surrogates the
    replacement character. What is too long is cut and ends in an ellipsis.
    Cleaning clean text changes nothing.
    """
    if len(value) <= limit and _is_clean(value):
        return value
    shorter = value[: limit + 1] if "\r" not in value else value[: 2 * limit + 2]
    text = shorter.replace("\r\n", "\n").replace("\r", "\n").translate(_VISIBLE)
    if len(text) <= limit and len(shorter) == len(value):
        return text
    return cut(text, limit) if len(text) > limit else cut(text + CUT_MARK, limit)


def _is_clean(value: str) -> bool:
    """Whether all of it may stay: most text is so, and this is found out at the speed of C."""
    return value.isprintable() or value.replace("\n", "").replace("\t", "").isprintable()


def clean_line(value: str, limit: int) -> str:
    """Return clean text on one line: line ends and tabs become blanks, the ends are stripped."""
    if len(value) <= limit and value.isprintable():
        return value.strip()
    return clean_text(value[: 4 * limit + 4].translate(_ONE_LINE).strip(), limit).strip()


def cut(text: str, limit: int) -> str:
    """Return at most `limit` characters of the text, ending in the cut mark if it was longer."""
    return text if len(text) <= limit else text[: max(limit - 1, 0)] + CUT_MARK[:limit]
