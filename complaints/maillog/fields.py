"""The fields of a log line, `key=value`, where values stand in quotes or brackets.

Exim (`H=name (helo) [ip]:port P=esmtp T="subject" for a b`) and OpenSMTPD write such.
"""

import re

ESCAPED = re.compile(r'\\([0-7]{3}|["\\nrt])')
SHORT = {"n": "\n", "r": "\r", "t": "\t"}


def fields_of(text: str) -> dict[str, str]:
    """Fields by their letters, the first of each; quoted values without their quotes.

    `for` holds the recipients of an arrival. What is in quotes cannot add a field, nor can
    a HELO, which stands in brackets behind `H=`.
    """
    fields: dict[str, str] = {}
    words = text.split(" ")
    words.reverse()
    while words:
        word = words.pop()
        key, equals, value = word.partition("=")
        if not equals:
            if word == "for":
                fields["for"] = " ".join(reversed(words))
                break
            continue
        if value[:1] == '"':
            value = _quoted(value, words)
        elif value[:1] == "<":
            value = _in_brackets(value, words)
        elif key == "H":
            value = _host(value, words)
        if key not in fields:
            fields[key] = value
    return fields


def printed(text: str) -> str:
    r"""A text as it was before Exim wrote it: `\"`, `\303\274`, `\n` (string_printing)."""
    if "\\" not in text:
        return text
    raw = ESCAPED.sub(_unescaped, text)
    try:
        return raw.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return raw


def _unescaped(found: re.Match[str]) -> str:
    told = found[1]
    return chr(int(told, 8) & 0xFF) if len(told) == 3 else SHORT.get(told, told)


def _quoted(value: str, words: list[str]) -> str:
    """The words up to the closing quote."""
    parts = [value[1:]]
    while not _closes(parts[-1]) and words:
        parts.append(words.pop())
    return " ".join(parts).removesuffix(":").removesuffix('"')


def _closes(word: str) -> bool:
    """Whether a quote that is not escaped ends the word; a colon may follow it."""
    before = word.removesuffix(":")
    if not before.endswith('"'):
        return False
    before = before[:-1]
    return (len(before) - len(before.rstrip("\\"))) % 2 == 0


def _in_brackets(value: str, words: list[str]) -> str:
    parts = [value]
    while not parts[-1].endswith((">", ">:")) and words:
        parts.append(words.pop())
    return " ".join(parts)


def _host(value: str, words: list[str]) -> str:
    """`name (helo) [ip]:port`: all words up to the next field, a HELO may have blanks."""
    parts = [value]
    while words and "=" not in words[-1] and words[-1] != "for":
        parts.append(words.pop())
    return " ".join(parts)
