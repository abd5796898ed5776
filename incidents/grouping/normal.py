"""PURE: a text to the set of its words in normal form, robust to look-alike letters.

Letters that look alike become one (after the idea of UTS 39, section 4, over the letters that mail
really mixes), accents and cases go, links and the recipient's own name are left out. Scripts
without spaces give pairs of characters. Linear in the length of the text.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache

MOST_CHARS = 6000
MOST_WORDS = 300
LONGEST_WORD = 24
BEHIND_ALL_ACCENTS = 0x1F000

_LOOK_ALIKE = str.maketrans(
    dict(
        zip(
            "аеорсухікмтнвһԁјѕзԛԝӏгп" + "αερινυκτχγσϲμβη" + "օսոհ" + "ıɑɡℓ",
            "aeopcyxikmthbhdjs3qwlrn" + "aepivuktxyocmbn" + "ounh" + "iagl",
            strict=True,
        )
    )
)
_LINK = re.compile(r"\b(?:https?|hxxps?)://\S{1,2000}|\bwww\.\S{1,2000}", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+(?:[.,'\u2019-][^\W_]+)*")
_WITHOUT_SPACES = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]+")


def words(text: str, *, without: Iterable[str] = ()) -> frozenset[str]:
    """The words of a text in normal form, at most MOST_WORDS.

    without  what names the recipient: it differs in every copy
    """
    folded = skeleton(_LINK.sub(" ", text[:MOST_CHARS]))
    for name in without:
        if len(name) > 2:
            folded = folded.replace(skeleton(name), " ")
    found: dict[str, None] = {}
    for word in dict.fromkeys(_WORD.findall(folded)):
        if word.isascii():
            if len(word) > 1:
                found[word[:LONGEST_WORD]] = None
        else:
            found.update(dict.fromkeys(_parts(word)))
        if len(found) >= MOST_WORDS:
            break
    return frozenset(list(found)[:MOST_WORDS])


def skeleton(text: str) -> str:
    """The text in one case, without accents, each look-alike letter as the one it looks like."""
    if text.isascii():  # which has no accents, and no letter that looks like another
        return text.lower()
    return unicodedata.normalize("NFKD", text.casefold()).translate(_plain_letters())


@cache
def _plain_letters() -> dict[int, int | str | None]:
    """For str.translate, which is C: accents to nothing, look-alikes to what they look like."""
    accents = (code for code in range(BEHIND_ALL_ACCENTS) if unicodedata.combining(chr(code)))
    return dict.fromkeys(accents) | _LOOK_ALIKE


def _parts(word: str) -> Iterator[str]:
    """A word of a script with spaces as it is; else each pair of neighbouring characters."""
    at = 0
    for match in _WITHOUT_SPACES.finditer(word):
        yield from _spaced(word[at : match.start()])
        run = match.group()
        yield from (run[place : place + 2] for place in range(len(run) - 1))
        at = match.end()
    yield from _spaced(word[at:])


def _spaced(word: str) -> Iterator[str]:
    if len(word) > 1:
        yield word[:LONGEST_WORD]
