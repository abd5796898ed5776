"""Which phrases occur in a text: whole words and stems, whatever the accents and look-alikes.

Work is in proportion to the length of the text, not to the number of phrases: each word is looked
up once among the first words of all phrases.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

MAX_CHARS = 64 * 1024
MIN_STEM_CHARS, MAX_STEM_CHARS = 2, 12  # a longer stem is known by its first twelve letters

_WORD = re.compile(r"[^\W_]+")
_ACCENT = re.compile("[\u0300-\u036f]")
# Scripts without blanks between words, and what is no word at all, are looked for as they stand.
_NO_BLANKS = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\uff66-\uff9d]")
_MARKS = re.compile(r"[^\w \-'*]")
_MIXED = re.compile(r"\b(?=\w{0,60}[a-zA-Z])(?=\w{0,60}[\u0370-\u052f])\w{1,60}")
# Letters by which spammers hide words from filters: Greek and Cyrillic ones that look Latin.
_LOOK_ALIKES = str.maketrans(
    "аеорсухіѕјһԁкмтвнвгԛԝοανιρυκτАВЕКМНОРСТХІЅЈУΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
    "aeopcyxisjhdkmtbhbrqwoavipuktABEKMHOPCTXISJYABEZHIKMNOPTYX",
)


@dataclass(frozen=True, slots=True)
class Words:
    """A text made ready for being searched.

    tokens     its words in order, without accents, in lower case
    positions  where each word stands
    beginnings by the first letters of the words, up to `MAX_STEM_CHARS` of them, the words
    plain      the text in lower case on one line, for phrases that are no words
    """

    tokens: tuple[str, ...]
    positions: dict[str, list[int]]
    beginnings: dict[str, list[str]]
    plain: str


@dataclass(frozen=True, slots=True)
class _Book:
    """Phrases by their first words; those that are no words, as they stand."""

    exact: dict[str, list[tuple[str, tuple[str, ...]]]]
    stems: dict[str, list[tuple[str, tuple[str, ...]]]]
    plain: tuple[str, ...]


def hits(phrases: tuple[str, ...], text: str) -> frozenset[str]:
    """Return the phrases that occur in the first `MAX_CHARS` of the text.

    A phrase in letters with blanks matches whole words, "*" at a word's end any ending; one in
    Chinese, Japanese or Korean, or with other signs in it, matches anywhere.
    """
    return frozenset(_found(_book(phrases), words_of(text)))


def mentions(phrases: tuple[str, ...], text: str) -> bool:
    """Whether any of the phrases occurs in the text."""
    return next(_found(_book(phrases), words_of(text)), None) is not None


@lru_cache(maxsize=8)
def words_of(text: str) -> Words:
    """Return the text made ready; the last few are kept, for many lists ask for the same."""
    text = unicodedata.normalize("NFKC", text[:MAX_CHARS])
    if not text.isascii():
        text = _MIXED.sub(lambda hit: hit.group().translate(_LOOK_ALIKES), text)
    tokens = tuple(_WORD.findall(_without_accents(text)))
    positions: dict[str, list[int]] = {}
    for at, token in enumerate(tokens):
        positions.setdefault(token, []).append(at)
    beginnings: dict[str, list[str]] = {}
    for token in positions:
        for length in range(MIN_STEM_CHARS, min(len(token), MAX_STEM_CHARS) + 1):
            beginnings.setdefault(token[:length], []).append(token)
    return Words(tokens, positions, beginnings, " ".join(text.lower().split()))


def _found(book: _Book, words: Words) -> Iterator[str]:
    for phrase in book.plain:
        if phrase in words.plain:
            yield phrase
    for token in book.exact.keys() & words.positions.keys():
        yield from _going_on(book.exact[token], words, words.positions[token])
    for stem in book.stems.keys() & words.beginnings.keys():
        for token in words.beginnings[stem]:
            yield from _going_on(book.stems[stem], words, words.positions[token])


def _going_on(
    phrases: list[tuple[str, tuple[str, ...]]], words: Words, places: list[int]
) -> Iterator[str]:
    """Yield those of the phrases whose further words stand behind the first, at any place."""
    for phrase, rest in phrases:
        if not rest or any(_matches(rest, words.tokens, at + 1) for at in places[:200]):
            yield phrase


def _matches(rest: tuple[str, ...], tokens: tuple[str, ...], at: int) -> bool:
    there = tokens[at : at + len(rest)]
    return len(there) == len(rest) and all(
        token.startswith(word[:-1]) if word[-1] == "*" else token == word
        for word, token in zip(rest, there, strict=True)
    )


@cache
def _book(phrases: tuple[str, ...]) -> _Book:
    book = _Book(
        {}, {}, tuple(p.strip("*") for p in phrases if _NO_BLANKS.search(p) or _MARKS.search(p))
    )
    for phrase in dict.fromkeys(phrases):
        if _NO_BLANKS.search(phrase) or _MARKS.search(phrase):
            continue
        first, *rest = _phrase_words(phrase)
        group = book.exact
        if first[-1] == "*":
            first = first[:MAX_STEM_CHARS] if len(first) > MAX_STEM_CHARS else first[:-1]
            group = book.stems
        group.setdefault(first, []).append((phrase, tuple(rest)))
    return book


def _phrase_words(phrase: str) -> list[str]:
    return re.findall(r"[^\W_]+\*?", _without_accents(phrase))


def _without_accents(text: str) -> str:
    """Return the text in lower case and without accents, which many leave out in mail."""
    lower = text.lower()
    if lower.isascii():
        return lower
    return _ACCENT.sub("", unicodedata.normalize("NFD", lower))
