"""Which phrases occur in a text: whole words and stems, whatever the accents and look-alikes.

A text is gone through once for all phrases of all lists: each of its words is looked up among the
first words of the phrases, and what every list asks for is a part of what was found. So work is in
proportion to the length of the text, not to the number of phrases or lists.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

MAX_CHARS = 64 * 1024
MIN_STEM_CHARS, MAX_STEM_CHARS = 2, 12  # a longer stem is known by its first twelve letters
MOST_PLACES = 200  # of one word in a text, at which a phrase may begin
MOST_WORDS_KEPT = 50_000  # whose phrases are known without looking again

_WORD = re.compile(r"[^\W_]+")
_NO_WORD = {code: " " for code in range(128) if not chr(code).isalnum()}
_ACCENT = re.compile("[\u0300-\u036f]")
# Scripts without blanks between words, and what is no word at all, are looked for as they stand.
_NO_BLANKS = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\uff66-\uff9d]")
_MARKS = re.compile(r"[^\w \-'*]")
_FOREIGN = re.compile("[\u0370-\u052f]")
_MIXED = re.compile(r"\b(?=\w{0,60}[a-zA-Z])(?=\w{0,60}[\u0370-\u052f])\w{1,60}")
# Letters by which spammers hide words from filters: Greek and Cyrillic ones that look Latin.
_LOOK_ALIKES = str.maketrans(
    "аеорсухіѕјһԁкмтвнвгԛԝοανιρυκτАВЕКМНОРСТХІЅЈУΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
    "aeopcyxisjhdkmtbhbrqwoavipuktABEKMHOPCTXISJYABEZHIKMNOPTYX",
)


class _Going(NamedTuple):
    """A phrase that begins with some word: the words behind it, and those of them without "*"."""

    phrase: str
    rest: tuple[str, ...]
    needed: frozenset[str]


def hits(phrases: Collection[str], text: str) -> frozenset[str]:
    """Return the phrases that occur in the first `MAX_CHARS` of the text.

    A phrase in letters with blanks matches whole words, "*" at a word's end any ending; one in
    Chinese, Japanese or Korean, or with other signs in it, matches anywhere.
    """
    wanted = frozenset(phrases)
    _lexicon.learn(wanted)
    return _found_in(text) & wanted


def mentions(phrases: Collection[str], text: str) -> bool:
    """Whether any of the phrases occurs in the text."""
    wanted = frozenset(phrases)
    _lexicon.learn(wanted)
    return not _found_in(text).isdisjoint(wanted)


class _Lexicon:
    """Every phrase of the lists that were asked for, by the word or the sign it begins with."""

    def __init__(self) -> None:
        self._lists: set[frozenset[str]] = set()
        self._phrases: set[str] = set()
        self._exact: dict[str, list[_Going]] = {}
        self._stems: dict[str, list[_Going]] = {}
        self._dull: set[str] = set()  # words with which no phrase begins
        self._telling: dict[str, tuple[_Going, ...]] = {}
        self.signs: dict[str, list[tuple[str, str]]] = {}
        self.ascii_signs: tuple[str, ...] = ()

    def learn(self, phrases: frozenset[str]) -> None:
        """Take in the phrases of a list, if it is a new one."""
        if phrases in self._lists:
            return
        self._lists.add(phrases)
        for phrase in phrases - self._phrases:
            if _NO_BLANKS.search(phrase) or _MARKS.search(phrase):
                bare = phrase.strip("*")
                self.signs.setdefault(bare[0], []).append((phrase, bare))
            else:
                self._learn_words(phrase)
        self.ascii_signs = tuple(filter(str.isascii, self.signs))
        self._phrases |= phrases
        self._forget()
        _found_in.cache_clear()

    def _learn_words(self, phrase: str) -> None:
        first, *rest = re.findall(r"[^\W_]+\*?", _without_accents(phrase))
        group = self._exact
        if first[-1] == "*":
            first = first[:MAX_STEM_CHARS] if len(first) > MAX_STEM_CHARS else first[:-1]
            group = self._stems
        needed = frozenset(word for word in rest if word[-1] != "*")
        group.setdefault(first, []).append(_Going(phrase, tuple(rest), needed))

    def begun_by(self, words: set[str]) -> Iterator[tuple[str, tuple[_Going, ...]]]:
        """Yield those of the words with which phrases begin, and these phrases."""
        for word in words - self._dull:
            yield word, self._telling.get(word) or self._looked_up(word)

    def _looked_up(self, word: str) -> tuple[_Going, ...]:
        lengths = range(MIN_STEM_CHARS, min(len(word), MAX_STEM_CHARS) + 1)
        found = list(self._exact.get(word, ()))
        for length in lengths:
            found += self._stems.get(word[:length], ())
        if len(self._dull) + len(self._telling) >= MOST_WORDS_KEPT:
            self._forget()
        if found:
            self._telling[word] = tuple(found)
        elif len(word) <= 2 * MAX_STEM_CHARS:
            self._dull.add(word)
        return tuple(found)

    def _forget(self) -> None:
        self._dull, self._telling = set(), {}


_lexicon = _Lexicon()


@lru_cache(maxsize=16)
def _found_in(text: str) -> frozenset[str]:
    """The known phrases in a text; those of the last few are kept, for many lists ask for them."""
    text = text[:MAX_CHARS]
    if text.isascii():
        lower = text.lower()
        tokens = lower.translate(_NO_WORD).split()
    else:
        text = unicodedata.normalize("NFKC", text)
        if _FOREIGN.search(text):
            text = _MIXED.sub(lambda hit: hit.group().translate(_LOOK_ALIKES), text)
        lower = text.lower()
        tokens = _WORD.findall(_without_accents(lower))
    return frozenset((*_of_words(tokens), *_of_signs(" ".join(lower.split()))))


def _of_words(tokens: list[str]) -> Iterator[str]:
    distinct = set(tokens)
    longer: dict[str, list[_Going]] = {}
    for word, phrases in _lexicon.begun_by(distinct):
        for one in phrases:
            if not one.rest:
                yield one.phrase
            elif one.needed <= distinct:
                longer.setdefault(word, []).append(one)
    followers: dict[str, set[str]] = {word: set() for word in longer}
    for token, behind in zip(tokens, islice(tokens, 1, None), strict=False) if longer else ():
        if token in followers:
            followers[token].add(behind)
    for word, seen in followers.items():
        for one in longer[word]:
            if _is_among(one.rest[0], seen) and _goes_on(word, one.rest, tokens):
                yield one.phrase


def _is_among(word: str, tokens: set[str]) -> bool:
    if word[-1] != "*":
        return word in tokens
    return any(token.startswith(word[:-1]) for token in tokens)


def _goes_on(word: str, rest: tuple[str, ...], tokens: list[str]) -> bool:
    """Whether all further words stand behind the word, at any of its places; the next does."""
    at = -1
    for _ in range(MOST_PLACES if len(rest) > 1 else 0):
        try:
            at = tokens.index(word, at + 1)
        except ValueError:
            return False
        if _matches(rest, tokens, at + 1):
            return True
    return len(rest) == 1


def _of_signs(plain: str) -> Iterator[str]:
    signs = _lexicon.signs
    for sign in _lexicon.ascii_signs if plain.isascii() else signs.keys() & set(plain):
        for phrase, bare in signs[sign]:
            if bare in plain:
                yield phrase


def _matches(rest: tuple[str, ...], tokens: list[str], at: int) -> bool:
    if at + len(rest) > len(tokens):
        return False
    for word, token in zip(rest, tokens[at : at + len(rest)], strict=True):
        if word != token and not (word[-1] == "*" and token.startswith(word[:-1])):
            return False
    return True


def _without_accents(text: str) -> str:
    """Return the text in lower case and without accents, which many leave out in mail."""
    lower = text.lower()
    if lower.isascii():
        return lower
    return _ACCENT.sub("", unicodedata.normalize("NFD", lower))
