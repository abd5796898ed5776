"""Whether a mail complains, and who wrote it, by rules over the phrases."""

import re
from dataclasses import dataclass

from complaints.formats import automatic, counterphrases, phrases, topics
from complaints.formats.phrasehits import hits, mentions

LEAST_POINTS = 2
LONG_CHARS = 1500  # so much prose without a sample, a log or labelled facts is seldom a complaint
NEWSLETTER_CHARS = 600
ANGRY_CHARS = 160  # who is angry writes less


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
    (phrases.REMOVAL, 2, 1, "it wants no more mail"),
    (phrases.ADDRESSED, 1, 2, "it says that it came from us"),
    (phrases.DEMAND, 1, 2, "it demands something"),
)
_AGAINST = (
    (counterphrases.SETTLED, -6, 1, "it says that the matter is settled"),
    (counterphrases.ANSWER_TO_US, -6, 1, "it answers a report of ours"),
)
# Who shows a sample and says that it came to "my mailbox" complains all the same.
_AGAINST_WITH_EVIDENCE = ((counterphrases.INTERNAL, -1, 2, "it asks the help desk"),)
# Only where nothing is shown: a forwarded advertisement offers something too.
_AGAINST_WITHOUT_EVIDENCE = (
    (counterphrases.INTERNAL, -3, 2, "it asks the help desk"),
    (counterphrases.OFFER, -3, 2, "it offers or lures"),
    (counterphrases.QUESTION, -3, 2, "it asks for information"),
    (counterphrases.LIST_REQUEST, -3, 2, "it is about a mailing list"),
)
# What a complaint says beside that there is abuse.
_CLAIMS = phrases.ADDRESSED | phrases.DEMAND | phrases.REMOVAL
# A name without any of these is no response team's: known without looking for the phrases.
_MAY_BE_TEAM = re.compile(
    "|".join(sorted({re.escape(phrase.split(" ")[0]) for phrase in phrases.RESPONSE_TEAM}))
    + "|r.ponse"
)
_THANKS = -2, "it begins with thanks"
_COLLEAGUE = -3, "somebody of our own asks about a mail from outside"
_NEWSLETTER = -6, "it says how to leave its list"
_GENERAL = -6, "it speaks of abuse in general, and asks nothing of us"
_LONG = -2, "it is long and shows nothing"
_BEGINNING_CHARS = 80


def weigh(text: str, own_words: str, *, evidence: int, by_colleague: bool = False) -> Verdict:
    """Return whether a text complains.

    text          subject and text without the mails shown in it
    own_words     the same without cited subjects and sentences: these alone count against it
    evidence      points for what is shown besides: a sample of the mail, log lines
    by_colleague  whether the writer is of the organisation he writes to
    """
    points, reasons = evidence, []
    if evidence:
        reasons.append("it shows evidence")
    rules = _AGAINST + (_AGAINST_WITH_EVIDENCE if evidence >= 2 else _AGAINST_WITHOUT_EVIDENCE)
    for source, table in ((text, _FOR), (own_words, rules)):
        for words, each, most, reason in table:
            if not mentions(words, text):  # own words are of the text, and mostly all of it
                continue
            if count := min(len(hits(words, source)), most):
                points += each * count
                reasons.append(reason)
    beginning = own_words.strip()[:_BEGINNING_CHARS]
    for applies, (each, reason) in (
        (evidence < 2 and mentions(counterphrases.GRATITUDE, beginning), _THANKS),
        (evidence < 2 and _is_newsletter(own_words), _NEWSLETTER),
        (evidence < 2 and len(own_words) > LONG_CHARS, _LONG),
        (evidence == 0 and _names_nothing_of_ours(text, own_words), _GENERAL),
        (by_colleague and not mentions(phrases.ADDRESSED, text), _COLLEAGUE),
    ):
        if applies:
            points += each
            reasons.append(reason)
    return Verdict(points, tuple(reasons))


def _names_nothing_of_ours(text: str, own_words: str) -> bool:
    """Whether more than a line or two were written that neither name nor ask us."""
    if len(own_words) <= ANGRY_CHARS:
        return False
    return not mentions(_CLAIMS, text)


def _is_newsletter(own_words: str) -> bool:
    """Whether a text says how to leave a list, and is too long for one who wants to leave it."""
    return len(own_words) > NEWSLETTER_CHARS and mentions(automatic.NEWSLETTER, own_words)


def reporter_of(address: str, name: str, text: str, *, is_machine: bool) -> str:
    """Return who reports: csirt, isp, provider, service, blocklist, rights-holder, person."""
    local = address.partition("@")[0].lower()
    who = f"{name} {spelled_out(address)}"
    if names_response_team(who):
        return "csirt"
    if re.search(r"\b(?:blocklist|blacklist|dnsbl|rbl|spamhaus)\b", who.lower()):
        return "blocklist"
    if is_machine and mentions(topics.COPYRIGHT, f"{who} {text[:2000]}"):
        return "rights-holder"
    if re.match(r"(?:fbl|feedback|feedbackloop|staff|scomp|complaints?)\b", local):
        return "provider"
    if re.match(r"(?:abuse|postmaster|noc|hostmaster|netops|network|support)(?:$|[-+.])", local):
        return "isp"
    return "service" if is_machine else "person"


def names_response_team(who: str) -> bool:
    """Whether a name, or what stands beside one, is that of a response team."""
    may_be = not who.isascii() or _MAY_BE_TEAM.search(who.lower())
    return bool(may_be) and mentions(phrases.RESPONSE_TEAM, who)


def spelled_out(address: str) -> str:
    """Return a mail address as words, so that phrases can be found in it."""
    return address.replace(".", " ").replace("@", " ").replace("-", " ")
