"""What kind of mail this is, by rules over the phrases: a complaint or not, about what, by whom."""

import re
from dataclasses import dataclass
from functools import cache

from complaints.formats import phrases

MAX_CHARS = 64 * 1024
LEAST_POINTS = 2

# Letters by which spammers hide words from filters: Cyrillic ones that look like Latin ones.
_LOOK_ALIKES = str.maketrans("аеорсухіѕјһԁАВЕКМНОРСТХІ", "aeopcyxisjhdABEKMHOPCTXI")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a text complains, and why one should think so.

    points   two and more: a complaint
    reasons  each rule that gave or took points, in words
    """

    points: int
    reasons: tuple[str, ...]

    @property
    def is_complaint(self) -> bool:
        """Whether the points are enough."""
        return self.points >= LEAST_POINTS


# rule: (phrases, points for each of at most so many different hits, in words)
_FOR = (
    (phrases.GRIEVANCE, 2, 3, "it speaks of abuse"),
    (phrases.ADDRESSED, 2, 2, "it says that it came from us"),
    (phrases.DEMAND, 1, 2, "it demands something"),
)
_AGAINST = (
    (phrases.SETTLED, -6, 1, "it says that the matter is settled"),
    (phrases.ANSWER_TO_US, -6, 1, "it answers a report of ours"),
)
# Who shows a sample and says that it came to "my mailbox" complains all the same.
_AGAINST_WITH_EVIDENCE = ((phrases.INTERNAL, -1, 2, "it asks the help desk"),)
# Only where nothing is shown: a forwarded advertisement offers something too.
_AGAINST_WITHOUT_EVIDENCE = (
    (phrases.INTERNAL, -3, 2, "it asks the help desk"),
    (phrases.OFFER, -3, 2, "it offers or lures"),
    (phrases.QUESTION, -3, 2, "it asks for information"),
    (phrases.LIST_REQUEST, -3, 2, "it is about a mailing list"),
)


def weigh(text: str, own_words: str, *, evidence: int) -> Verdict:
    """Return whether a text complains.

    text       subject and text without the mails shown in it
    own_words  the same without cited subjects and sentences: these alone count against it
    evidence   points for what is shown besides: a sample of the mail, log lines
    """
    points, reasons = evidence, []
    if evidence:
        reasons.append("it shows evidence")
    rules = _AGAINST + (_AGAINST_WITH_EVIDENCE if evidence else _AGAINST_WITHOUT_EVIDENCE)
    for source, table in ((text, _FOR), (own_words, rules)):
        for words, each, most, reason in table:
            if count := min(len(hits(words, source)), most):
                points += each * count
                reasons.append(reason)
    return Verdict(points, tuple(reasons))


def hits(words: tuple[str, ...], text: str) -> frozenset[str]:
    """Return which of the phrases occur in the text, as they stand in it."""
    return frozenset(found.lower() for found in _pattern(words).findall(_folded(text)))


def mentions(words: tuple[str, ...], text: str) -> bool:
    """Whether any of the phrases occurs in the text."""
    return bool(_pattern(words).search(_folded(text)))


def category_of(own_text: str, shown_text: str, *, about_mail: bool) -> str:
    """Return what is complained about.

    own_text    subject and the writer's words: they decide where they can
    shown_text  subjects and texts of the reported mails
    about_mail  whether a reported mail is shown or named
    """
    for category, words in (
        ("copyright", phrases.COPYRIGHT),
        ("login-attack", phrases.LOGIN_ATTACK),
        ("port-scan", phrases.PORT_SCAN),
    ):
        if mentions(words, own_text):
            return category
    says_spam = mentions(phrases.SPAM, own_text)
    if mentions(phrases.RELAY, own_text) and not says_spam:
        return "open-relay"
    for text in (own_text, shown_text):
        plain = text.translate(_LOOK_ALIKES)
        scores = {
            "phishing": len(hits(phrases.PHISHING, plain)),
            "malware": len(hits(phrases.MALWARE, plain)),
        }
        best = max(scores, key=lambda name: scores[name])
        if scores[best]:
            return best
    about_mail = about_mail or says_spam or mentions(phrases.MAIL, own_text)
    return "spam" if about_mail or mentions(phrases.GRIEVANCE, own_text) else "other"


def reporter_of(address: str, name: str, text: str, *, is_machine: bool) -> str:
    """Return who reports: csirt, isp, provider, service, blocklist, rights-holder, person."""
    local = address.partition("@")[0].lower()
    who = f"{name} {spelled_out(address)}"
    if mentions(phrases.RESPONSE_TEAM, who):
        return "csirt"
    if re.search(r"\b(?:blocklist|blacklist|dnsbl|rbl|spamhaus)\b", who.lower()):
        return "blocklist"
    if mentions(phrases.COPYRIGHT, f"{who} {text[:2000]}") and is_machine:
        return "rights-holder"
    if re.match(r"(?:fbl|feedback|feedbackloop|staff|scomp|complaints?)\b", local):
        return "provider"
    if re.match(r"(?:abuse|postmaster|noc|hostmaster|netops|network|support)(?:$|[-+.])", local):
        return "isp"
    return "service" if is_machine else "person"


def spelled_out(address: str) -> str:
    """Return a mail address as words, so that phrases can be found in it."""
    return address.replace(".", " ").replace("@", " ").replace("-", " ")


def _folded(text: str) -> str:
    return " ".join(text[:MAX_CHARS].split())


@cache
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(
        "|".join(_one(word) for word in sorted(words, key=len, reverse=True)), re.IGNORECASE
    )


def _one(word: str) -> str:
    escaped = re.escape(word).replace(r"\*", r"\w{0,20}").replace(r"\ ", r"\s")
    if not word[0].isascii() and ord(word[0]) > 0x2E7F:
        return escaped
    head = r"(?<!\w)" if word[0].isalnum() else ""
    return head + escaped + (r"(?!\w)" if word[-1].isalnum() else "")
