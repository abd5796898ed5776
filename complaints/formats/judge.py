"""Whether a mail complains, and who wrote it, by rules over the phrases."""

import re
from dataclasses import dataclass

from complaints.formats import phrases, topics
from complaints.formats.phrasehits import hits, mentions

LEAST_POINTS = 2


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


def reporter_of(address: str, name: str, text: str, *, is_machine: bool) -> str:
    """Return who reports: csirt, isp, provider, service, blocklist, rights-holder, person."""
    local = address.partition("@")[0].lower()
    who = f"{name} {spelled_out(address)}"
    if mentions(phrases.RESPONSE_TEAM, who):
        return "csirt"
    if re.search(r"\b(?:blocklist|blacklist|dnsbl|rbl|spamhaus)\b", who.lower()):
        return "blocklist"
    if mentions(topics.COPYRIGHT, f"{who} {text[:2000]}") and is_machine:
        return "rights-holder"
    if re.match(r"(?:fbl|feedback|feedbackloop|staff|scomp|complaints?)\b", local):
        return "provider"
    if re.match(r"(?:abuse|postmaster|noc|hostmaster|netops|network|support)(?:$|[-+.])", local):
        return "isp"
    return "service" if is_machine else "person"


def spelled_out(address: str) -> str:
    """Return a mail address as words, so that phrases can be found in it."""
    return address.replace(".", " ").replace("@", " ").replace("-", " ")
