"""PURE: whether an answer says that our mail is accepted again, and in which sentence.

Careful on purpose: a sentence with a "not", an "if" or a question lifts nothing, and lines that
are quoted from our own letter are not read.
"""

import re

MAX_CHARS = 16 * 1024
MOST_WORDS = 500

_BLOCK = r"(?:block|ban|listing|filter|restriction|entry|blacklisting|blocklisting)\w*"
_ENDED = r"(?:lifted|removed|withdrawn|cancelled|canceled|dropped|delisted|unblocked|unlisted)"
_IS = r"\b(?:is|are|was|were|has been|have been)\b"
_LIFTS = re.compile(
    rf"\b{_BLOCK}\b[^.!?]{{0,60}}{_IS}[^.!?]{{0,20}}\b{_ENDED}\b"
    r"|\bwe (?:have |just ){0,2}(?:lifted|removed|withdrawn|dropped)\b[^.!?]{0,40}"
    rf"\b{_BLOCK}\b"
    rf"|\byou(?:r \w+)? {_IS} (?:now )?(?:delisted|unblocked|unlisted)\b"
    r"|\b(?:no longer (?:block|refus|reject|filter)\w*)[^.!?]{0,60}\byour?\b"
    r"|\b(?:accept|accepting) (?:your )?(?:e-?)?mail[^.!?]{0,30}\bagain\b"
    r"|\b(?:sperre|blockierung|eintrag)\b[^.!?]{0,40}\b(?:aufgehoben|entfernt|gelöscht)\b"
    r"|(?:拒否|遮断|ブロック|規制|制限)[^。]{0,20}(?:を?解除(?:し|いたし|致し|され))"
    r"|(?:リスト)[^。]{0,20}(?:から削除(?:し|いたし|され))",
    re.IGNORECASE,
)
_DOUBT = re.compile(
    r"\b(?:not|n't|never|if|once|when|unless|until|before|after|will|would|could|may|might|cannot"
    r"|nicht|wenn|sobald|falls|noch)\b|n't\b|n’t\b|\?|？|ません|ない|たら|れば|次第|まで|予定",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"^\s{0,8}[>|＞].*$", re.MULTILINE)
_SENTENCES = re.compile(r"(?<=[.!?。！？])\s+|(?<=[。！？])|\n\s*\n")


def lifting_in(text: str) -> str:
    """The sentence that says so, "" if none does. Linear in the length of the text."""
    own = _QUOTED.sub("", text[:MAX_CHARS])
    for sentence in _SENTENCES.split(own):
        words = " ".join((sentence or "").split())[:MOST_WORDS]
        if _LIFTS.search(words) and not _DOUBT.search(words.replace("no longer", "")):
            return words
    return ""
