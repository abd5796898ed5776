"""What is complained about, by rules over `topics`, and the words that say so.

What the writer calls it counts beside what the reported mail itself says: many call everything
spam, and some call a bank's fake page so too.
"""

from dataclasses import dataclass

from complaints.formats import phrases, topics, unwanted
from complaints.formats.phrasehits import hits, mentions

STRONG, WEAK, CALLED = 3, 1, 4
MOST_STRONG, MOST_WEAK = 4, 6
LEAST_POINTS = 2
_ABOUT_MAIL = topics.SPAM_WORDS | topics.MAIL | phrases.REMOVAL
_SHOWS = {
    name: (frozenset(strong), frozenset(weak)) for name, (strong, weak) in unwanted.SHOWS.items()
}
_SAYS = {name: frozenset(words) for name, words in topics.SAYS.items()}
FEW_CHARS = 120  # of a subject alone, one weak phrase is all that can be asked
# Whoever tests a relay shows no mail but his own; others call a relay what they were spammed from.
_RELAY_ALONE, _RELAY_BESIDE_A_MAIL = 3, 1
# Which category wins where two have as many points: the one that does more harm; a relay last,
# for it is what the others came through.
_ORDER = ("phishing", "malware", "other", "spam", "open-relay")


@dataclass(frozen=True, slots=True)
class Category:
    """A category and why: the phrases that were found, the most telling first.

    is_sure  False where nothing tells, and the likeliest was taken
    """

    name: str
    reason: str
    is_sure: bool = True


def category_of(own_text: str, shown_text: str, *, about_mail: bool) -> Category:
    """Return what is complained about.

    own_text    subject and the writer's words
    shown_text  subjects and texts of the reported mails
    about_mail  whether a reported mail is shown or named
    """
    if stated := _about_a_host(own_text, about_mail=about_mail):
        return stated
    points, found = _points(own_text, shown_text)
    best = max(_ORDER, key=lambda name: (points[name], -_ORDER.index(name)))
    least = 1 if 0 < len(shown_text.strip()) <= FEW_CHARS else LEAST_POINTS
    if points[best] >= least:
        return Category(best, _because(found[best]))
    if about_mail or mentions(_ABOUT_MAIL, own_text):
        return Category("spam", "it is about a mail, and nothing in it says more", False)
    return Category("other", "nothing in it says what it is about", False)


def _about_a_host(own_text: str, *, about_mail: bool) -> Category | None:
    """What is no matter of mail: copies, attacks on passwords, scans."""
    for name, words in (
        ("copyright", topics.COPYRIGHT),
        ("login-attack", topics.LOGIN_ATTACK),
        ("port-scan", topics.PORT_SCAN),
    ):
        found = hits(words, own_text)
        if found and (not about_mail or len(found) > 1 or name == "copyright"):
            return Category(name, _because(sorted(found)))
    return None


def _points(own_text: str, shown_text: str) -> tuple[dict[str, int], dict[str, list[str]]]:
    points = dict.fromkeys(_ORDER, 0)
    found: dict[str, list[str]] = {name: [] for name in _ORDER}
    looked_at = shown_text if shown_text.strip() else own_text
    for name, (strong, weak) in _SHOWS.items():
        for words, each, most in ((strong, STRONG, MOST_STRONG), (weak, WEAK, MOST_WEAK)):
            there = sorted(hits(words, looked_at))[:most]
            points[name] += each * len(there)
            found[name] += there
    for name, words in _SAYS.items():
        if there := sorted(hits(words, own_text)):
            points[name] += CALLED
            found[name] = there + found[name]
    if there := sorted(hits(topics.RELAY, own_text)):
        says_spam = mentions(topics.SPAM_WORDS, own_text)
        of_a_host = [phrase for phrase in there if phrase not in topics.RELAYED]
        beside = _RELAY_BESIDE_A_MAIL if says_spam else len(of_a_host)
        points["open-relay"] += beside if shown_text.strip() else _RELAY_ALONE
        found["open-relay"] = there + found["open-relay"]
    if there := sorted(hits(topics.SPAM_WORDS, own_text)):
        points["spam"] += WEAK
        found["spam"] += there
    return points, found


def _because(found: list[str]) -> str:
    named = ", ".join(f"“{phrase.strip('*')}”" for phrase in found[:3])
    return f"it says {named}"
