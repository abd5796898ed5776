"""The language of a text: by its script or its small words where they tell, else by py3langid.

The model is loaded at the first call and takes about 100 MB: call this in the reading child.
"""

import re
from functools import cache

from py3langid import langid

from complaints.evidence.smallwords import SMALL_WORDS

LOOKED_AT_CHARS = 2000
CLASSIFIED_CHARS = 500  # of words; more makes no language surer
LEAST_LETTERS = 8
FEW_LETTERS = 30
SURE = 0.98  # below it a few words without accents are taken for English
LANGUAGES = [
    "en",
    "de",
    "fr",
    "es",
    "pt",
    "it",
    "nl",
    "pl",
    "ru",
    "sv",
    "da",
    "no",
    "fi",
    "cs",
    "tr",
    "uk",
    "ja",
    "zh",
    "ko",
]

# A language has so many small words in a text, and so many times those of the next language.
LEAST_SMALL, LEAST_SHARE, LEAST_LEAD = 1.5, 0.12, 1.6
MOST_WORDS, FEW_WORDS = 120, 12

_NOISE = re.compile(r"[\d.:\[\]<>_=/\\|#*+-]{1,300}")
_NO_WORD = re.compile(r"[^\w']+")
_LOG_LINE = re.compile(r"^[^\n]{0,40}\b\d\d:\d\d:\d\d\b[^\n]{0,1000}$", re.MULTILINE)
_CITED = re.compile(r"\"[^\"\n]{1,300}\"|“[^”\n]{1,300}”|„[^“”\n]{1,300}[“”]")
_QUOTATION = re.compile('["“„]')


def _weighed() -> dict[str, tuple[tuple[str, float], ...]]:
    """Each small word with its languages; one that several have tells the less."""
    owners: dict[str, list[str]] = {}
    for language, words in SMALL_WORDS.items():
        for word in dict.fromkeys(words.split()):
            owners.setdefault(word, []).append(language)
    return {
        word: tuple((language, 1 / len(languages)) for language in languages)
        for word, languages in owners.items()
    }


_SMALL = _weighed()
_KANA = re.compile("[\u3041-\u30fa\u30fd-\u30ff\uff66-\uff9d]")
_HANGUL = re.compile("[\uac00-\ud7a3\u1100-\u11ff]")
_HAN = re.compile("[\u4e00-\u9fff]")


def language_of(text: str) -> str:
    """Return the ISO 639-1 code of the text's language, "" if there is too little to say.

    Links, addresses and numbers are left out, for they are in no language; so is what is
    cited in quotation marks, for it is somebody else's, and what programs logged.
    """
    text = text[:LOOKED_AT_CHARS]
    text = _CITED.sub(" ", text) if _QUOTATION.search(text) else text
    text = _LOG_LINE.sub(" ", text) if text.count(":") > 1 else text
    kept = [word for word in text.split() if "@" not in word and "://" not in word]
    words = _NOISE.sub(" ", " ".join(kept))
    if not words.isascii() and (by_script := _by_script(words)):
        return by_script
    if by_words := _by_small_words(words):
        return by_words
    words = words[:CLASSIFIED_CHARS]
    letters = sum(map(str.isalpha, words))
    if letters < LEAST_LETTERS:
        return ""
    language, probability = _identifier().classify(_calm(words))
    in_doubt = letters < FEW_LETTERS and probability < SURE
    return "en" if in_doubt and words.isascii() else str(language)


def _by_small_words(words: str) -> str:
    """The language whose small words hold a text together, "" where it is not clear."""
    tokens = _NO_WORD.sub(" ", words.lower()).split(" ", MOST_WORDS)[:MOST_WORDS]
    points: dict[str, float] = {}
    for token in tokens:
        for language, weight in _SMALL.get(token, ()):
            points[language] = points.get(language, 0.0) + weight
    if not points:
        return ""
    best, *others = sorted(points, key=points.__getitem__, reverse=True)
    most = points[best]
    if not others and most >= 1 and len(tokens) <= FEW_WORDS:
        return best
    if most < max(LEAST_SMALL, LEAST_SHARE * len(tokens)):
        return ""
    return best if not others or most >= LEAST_LEAD * points[others[0]] else ""


def _by_script(words: str) -> str:
    kana, hangul, han = (len(script.findall(words)) for script in (_KANA, _HANGUL, _HAN))
    if not kana + hangul + han:
        return ""
    letters = sum(map(str.isalpha, words))
    if kana >= 2 and (kana + han) * 12 >= letters:
        return "ja"
    if hangul >= 2 and hangul * 12 >= letters:
        return "ko"
    return "zh" if han >= 4 and han * 6 >= letters else ""


def _calm(words: str) -> str:
    """Return shouting in lower case: the model knows few languages in capitals."""
    upper = sum(map(str.isupper, words))
    return words.lower() if upper * 2 > len(words.split()) * 3 else words


@cache
def _identifier() -> langid.LanguageIdentifier:
    identifier = langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE, norm_probs=True)
    identifier.set_languages(LANGUAGES)
    return identifier
