"""Addresses, links and IDs in free text, defanged ones too. Linear in the length of the text.

Every pattern here has bounded repeats, so that 200 KB of "a." costs what 200 KB of prose costs.
"""

import ipaddress
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice

MAX_TEXT_CHARS = 1024 * 1024
MAX_FOUND = 1000

_DEFANGED = re.compile(r"\[\s?(?:\.|dot)\s?\]|\(\s?(?:\.|dot)\s?\)|\{\s?\.\s?\}", re.IGNORECASE)
_COLON = re.compile(r"\[:\]|\[:/{2}\]")
_SCHEME = re.compile(r"(?<![A-Za-z0-9_])h(?:xx|\*\*|tt|__)p(s?)(?=:|\[:)", re.IGNORECASE)
_AT = re.compile(r"\[\s?(?:@|at)\s?\]|\(\s?(?:@|at)\s?\)", re.IGNORECASE)

# Letters of scripts without blanks may stand before and behind an address.
_URL = re.compile(
    r"(?<![A-Za-z0-9_])(?:https?|ftp)://[^\s<>\"'「」『』（）、。]{3,2000}", re.IGNORECASE
)
_ADDRESS = re.compile(
    r"(?<![A-Za-z0-9._%+=$/-])[A-Za-z0-9._%+=$/-]{1,64}@"
    r"(?:[A-Za-z0-9-]{1,63}\.){1,9}[A-Za-z][A-Za-z0-9-]{1,62}"
)
_MESSAGE_ID_LABEL = re.compile(
    r"\bmessage-?\s?id\s{0,9}[:：=]\s{0,9}<?([^\s<>]{3,600})", re.IGNORECASE
)
# Begins with the digit it is found by, since that is quick; what may not stand before comes behind.
_IPV4 = re.compile(
    r"[0-9](?<![A-Za-z0-9_.][0-9])[0-9]{0,2}\.(?:[0-9]{1,3}\.){2}[0-9]{1,3}(?![A-Za-z0-9_]|\.[0-9])"
)
_IPV6 = re.compile(r"(?<![A-Za-z0-9_:.])[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:.]{1,40}(?![A-Za-z0-9_:])")
_MAY_BE_IPV6 = re.compile(r"::|:(?:[0-9A-Fa-f]{1,4}:){4}[0-9A-Fa-f]")
_QUEUE_ID = re.compile(
    r"(?<![\w-])(?:"
    r"[A-Z]{3}\d{4,8}"  # sendmail 8.8 and before: hour letter, sequence
    r"|[0-9A-Za-x]{8}\d{6}"  # sendmail 8.10 and later
    r"|[0-9A-F]{8,12}"  # Postfix, short
    r"|[0-9B-DF-HJ-NP-TV-Zb-df-hj-np-tv-z]{10,12}z[0-9B-DF-HJ-NP-TV-Zb-df-hj-np-tv-y]{3,6}"
    r"|[0-9A-Za-z]{6}-[0-9A-Za-z]{6,11}-[0-9A-Za-z]{2,4}"  # Exim
    r")(?![\w-])"
)
_TRAILING = ".,;:!?)]}>'\"*_|"


def refang(text: str) -> str:
    """Return the text with `hxxp`, `[.]`, `(dot)`, `[:]` and `[at]` put back."""
    if "[" in text or "(" in text or "{" in text:
        text = _AT.sub("@", _COLON.sub("://", text) if "[://]" in text else _COLON.sub(":", text))
        text = _DEFANGED.sub(".", text)
    return _SCHEME.sub(r"http\1", text) if _has_odd_scheme(text) else text


def _has_odd_scheme(text: str) -> bool:
    """Whether there may be an `hxxp` or `HTTP` in it: sooner known than by the pattern."""
    lower = text.lower()
    if "hxxp" in lower or "h**p" in lower or "h__p" in lower:
        return True
    return lower.count("http") != text.count("http")


@lru_cache(maxsize=16)  # several formats ask the same text
def links(text: str) -> tuple[str, ...]:
    """Return the links in the text, in order, each once, without the sentence's punctuation."""
    if "://" not in text and "[:" not in text:
        return ()
    return _once(url.rstrip(_TRAILING) for url in islice(_urls(refang(text)), MAX_FOUND))


def _urls(text: str) -> Iterator[str]:
    """What `_URL` finds in a text, looked for where a scheme ends."""
    text = text[:MAX_TEXT_CHARS]
    at, behind = text.find("://"), 0
    while at >= 0:
        start = max(behind, at - 8)
        if hit := _URL.search(text, start, at + 2003):
            yield hit.group()
            behind = hit.end()
        at = text.find("://", max(behind, at + 3))


def addresses(text: str) -> tuple[str, ...]:
    """Return the mail addresses in the text that are not part of a link or a Message-ID."""
    plain = refang(text[:MAX_TEXT_CHARS])
    if "@" not in plain:
        return ()
    plain = _URL.sub(" ", plain) if "://" in plain else plain
    plain = _MESSAGE_ID_LABEL.sub(" ", plain) if "essage" in plain.lower() else plain
    return _once(hit.group().strip(".") for hit in _hits(_ADDRESS, plain))


def labelled_message_ids(text: str) -> tuple[str, ...]:
    """Return what stands after a "Message-ID:" in the text, in angle brackets."""
    found = (hit.group(1).rstrip(".,;") for hit in _hits(_MESSAGE_ID_LABEL, text))
    return _once(f"<{value}>" for value in found if "@" in value or len(value) > 12)


@lru_cache(maxsize=16)  # several formats ask the same text
def ips(text: str) -> tuple[str, ...]:
    """Return the IP addresses in the text, compressed; no version numbers, no times of day."""
    plain = refang(text[:MAX_TEXT_CHARS])
    candidates = [(hit.start(), hit.group()) for hit in _hits(_IPV4, plain)]
    if plain.count(":") >= 2 and _MAY_BE_IPV6.search(plain):
        six = (hit for hit in _hits(_IPV6, plain) if hit.group().count(":") >= 2)
        candidates += [(hit.start(), hit.group()) for hit in six]
    valid = (_address(value) for _, value in sorted(candidates))
    return _once(value for value in valid if value)


def queue_ids(text: str) -> tuple[str, ...]:
    """Return tokens of the shape of a queue ID that hold a digit and a letter: guesses, no more."""
    found = (hit.group() for hit in _hits(_QUEUE_ID, text))
    return _once(v for v in found if any(c.isdigit() for c in v) and any(c.isalpha() for c in v))


def _address(value: str) -> str:
    try:
        return str(ipaddress.ip_address(value.rstrip(".:") if value[-2:] != "::" else value))
    except ValueError:
        return ""


def _hits(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    for number, hit in enumerate(pattern.finditer(text[:MAX_TEXT_CHARS])):
        if number >= MAX_FOUND:
            return
        yield hit


def _once(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
