"""The language of a text: by its script where that tells, else by py3langid.

The model is loaded at the first call and takes about 100 MB: call this in the reading child.
"""

import re
from functools import cache

from py3langid import langid

LOOKED_AT_CHARS = 4000
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

LEAST_ENGLISH = 4
_ENGLISH = frozenset((
    "the", "and", "of", "this", "that", "your", "you", "please", "have", "has", "with", "from",
    "are", "not", "our", "by", "it", "which", "been", "to", "is", "was",
))  # fmt: skip

_NOISE = re.compile(r"[\d.:\[\]<>_=/\\|#*+-]{1,300}")
_CITED = re.compile(r"\"[^\"\n]{1,300}\"|“[^”\n]{1,300}”|„[^“”\n]{1,300}[“”]")
_QUOTATION = re.compile('["“„]')
_KANA = re.compile("[\u3041-\u30fa\u30fd-\u30ff\uff66-\uff9d]")
_HANGUL = re.compile("[\uac00-\ud7a3\u1100-\u11ff]")
_HAN = re.compile("[\u4e00-\u9fff]")


def language_of(text: str) -> str:
    """Return the ISO 639-1 code of the text's language, "" if there is too little to say.

    Links, addresses and numbers are left out, for they are in no language; so is what is
    cited in quotation marks, for it is somebody else's.
    """
    text = text[:LOOKED_AT_CHARS]
    text = _CITED.sub(" ", text) if _QUOTATION.search(text) else text
    kept = [word for word in text.split() if "@" not in word and "://" not in word]
    words = _NOISE.sub(" ", " ".join(kept))
    if not words.isascii() and (by_script := _by_script(words)):
        return by_script
    words = words[:CLASSIFIED_CHARS]
    if words.isascii() and _is_english(words):
        return "en"
    letters = sum(map(str.isalpha, words))
    if letters < LEAST_LETTERS:
        return ""
    language, probability = _identifier().classify(_calm(words))
    in_doubt = letters < FEW_LETTERS and probability < SURE
    return "en" if in_doubt and words.isascii() else str(language)


def _is_english(words: str) -> bool:
    """Whether a fifth of the words are those that hold English together: no model is surer."""
    tokens = words.lower().split()
    found = [token for token in tokens if token in _ENGLISH]
    return len(found) * 5 >= len(tokens) and len(set(found)) >= LEAST_ENGLISH


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
