"""PURE: what speaks for and against a case being of a campaign, each term with its weight in words.

The weights are log-likelihood ratios in nats: how much more often cases of the campaign are like
this than cases of any other. A value of one trait is weighed by the predictive rule of a Dirichlet
process (Antoniak 1974): a campaign that has shown many values may well show another.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from incidents.grouping.case import Case, Trait
from incidents.grouping.profile import HOUR, Profile
from incidents.grouping.rarity import Rarity
from incidents.grouping.wordlike import Likeness, alike_body, alike_subject, own_words

DAY = 24 * HOUR


@dataclass(frozen=True, slots=True)
class Term:
    """One thing that speaks for (weight above zero) or against, in words."""

    words: str
    weight: float


@dataclass(frozen=True, slots=True)
class Rule:
    """How one trait is weighed: how freely it varies, the least and the most it can say."""

    varies: float
    least: float
    most: float
    words: str


RULES: dict[str, Rule] = {
    Trait.ACCOUNT: Rule(0.2, -6, 5, "the account {}"),
    Trait.SCRIPT: Rule(0.2, -6, 4.5, "mail made on the host itself, {}"),
    Trait.PROGRAM: Rule(1.5, -1.5, 4.5, "made by the script {}"),
    Trait.MACHINE: Rule(0.2, -6, 4.5, "the machine {}"),
    Trait.CUSTOMER: Rule(0.3, -4, 2.5, "the customer {}"),
    Trait.WAY: Rule(0.1, -4, 0, "sent by {}"),
    Trait.IP: Rule(4, -0.5, 5, "the address {}"),
    Trait.NETWORK: Rule(1.5, -3, 4.5, "the network {}"),
    Trait.SENDER: Rule(6, -0.5, 5, "the sender {}"),
    Trait.SENDER_DOMAIN: Rule(2.5, -1.5, 3, "the sender's domain {}"),
    Trait.FIXED_SENDER: Rule(0.3, -4, 3, "always the sender {}"),
    Trait.LINK_DOMAIN: Rule(0.4, -5, 6, "links to {}"),
    Trait.PAGE: Rule(0.5, -4, 6, "the page {}"),
    Trait.FILE: Rule(0.3, -0.5, 6, "the file {}"),
    Trait.CONTACT: Rule(0.3, -0.5, 5, "{}, where victims are to turn"),
    Trait.HAS_ID: Rule(0.5, -2, 0.2, "Message-ID: {}"),
    Trait.COPIES: Rule(0.5, -2, 0.2, "recipients a message: {}"),
}
SOURCE = (
    Trait.ACCOUNT,
    Trait.SCRIPT,
    Trait.PROGRAM,
    Trait.MACHINE,
    Trait.CUSTOMER,
    Trait.WAY,
)
SHAPE = (
    Trait.FIXED_SENDER,
    Trait.HAS_ID,
    Trait.COPIES,
    Trait.FILE,
    Trait.CONTACT,
    Trait.PAGE,
    Trait.LINK_DOMAIN,
)
# Several campaigns may have one source, and several one family of content: neither alone is proof.
MOST_OF_SOURCE = 4.5
MOST_OF_CONTENT = 3.5
MOST_OF_SENDER = 4.0
SAME_MESSAGE = 50.0
# What comes back after weeks, from the same place and in the same words, is the same again.
LEAST_OF_TIME = -3.5


def terms(case: Case, profile: Profile, rarity: Rarity, rivals: Sequence[Profile]) -> list[Term]:
    """What speaks for and against the case being of this campaign; their sum decides.

    rivals  campaigns with like content: what tells them from this one counts more
    """
    if any(profile.count(Trait.MESSAGE, one) for one in case.has(Trait.MESSAGE)):
        return [Term("the same message of the log", SAME_MESSAGE)]
    found = [*_capped(list(_source(case, profile, rarity)), MOST_OF_SOURCE)]
    found += _capped(list(_sender(case, profile, rarity)), MOST_OF_SENDER)
    for kind in SHAPE:
        found += _of_trait(kind, case, profile, rarity)
    found += _capped(list(_content(case, profile, rarity, rivals)), MOST_OF_CONTENT)
    found.append(_time(case, profile))
    found += _what_it_is(case, profile)
    return sorted((term for term in found if term.weight), key=lambda term: -abs(term.weight))


def total(found: Sequence[Term]) -> float:
    """The sum of the weights: the log-odds that the case is of the campaign."""
    return sum(term.weight for term in found)


def _of_trait(kind: str, case: Case, profile: Profile, rarity: Rarity) -> list[Term]:
    values, having = case.has(kind), profile.having[kind]
    if not values or not having:
        return []
    rule = RULES[kind]
    weighed = [(_weight(rule, kind, one, profile, rarity), one) for one in sorted(values)]
    weight, value = max(weighed, key=lambda pair: pair[0])
    weight = max(rule.least, min(rule.most, weight))
    said = rule.words.format(value)
    number = profile.count(kind, value)
    words = (
        f"{said}, as in {number} of {having} others" if number else f"{said}, which no other has"
    )
    return [Term(words, weight)]


def _weight(rule: Rule, kind: str, value: str, profile: Profile, rarity: Rarity) -> float:
    number, having = profile.count(kind, value), profile.having[kind]
    if number:
        common = rarity.share(kind, value)
        return math.log((number + rule.varies * common) / (having + rule.varies) / common)
    varies = rule.varies + 0.8 * max(0, profile.different(kind) - 1)
    return math.log(varies / (having + varies))


def _source(case: Case, profile: Profile, rarity: Rarity) -> Iterator[Term]:
    for kind in SOURCE:
        yield from _of_trait(kind, case, profile, rarity)
    address = _of_trait(Trait.IP, case, profile, rarity)
    network = _of_trait(Trait.NETWORK, case, profile, rarity)
    if not network:
        return
    best = max(*address, *network, key=lambda term: term.weight)
    if case.has(Trait.ACCOUNT) and profile.having[Trait.ACCOUNT]:
        # A stolen account is used from anywhere.
        yield Term(best.words, max(0.0, best.weight) * 0.3)
    else:
        yield best if best.weight > 0 else network[0]


def _sender(case: Case, profile: Profile, rarity: Rarity) -> Iterator[Term]:
    if case.has(Trait.SCRIPT):
        return  # the host itself wrote the sender: the script says it already
    found = [
        *_of_trait(Trait.SENDER, case, profile, rarity),
        *_of_trait(Trait.SENDER_DOMAIN, case, profile, rarity),
    ]
    if found:
        yield max(found, key=lambda term: term.weight)


def _content(
    case: Case, profile: Profile, rarity: Rarity, rivals: Sequence[Profile]
) -> Iterator[Term]:
    body = alike_body(case, profile, rarity)
    if body is not None:
        yield _said("the body", body)
        yield from (Term(words, weight) for words, weight in own_words(case, profile, body, rivals))
    subject = alike_subject(case, profile, rarity)
    if subject is not None:
        yield _said("the subject", subject)


def _said(what: str, like: Likeness) -> Term:
    if like.weight > 0:
        words = ", ".join(f"“{word}”" for word in like.shared[:4])
        return Term(f"{what} is like that of others: {words}", like.weight)
    return Term(f"{what} is unlike that of the others", like.weight)


def _time(case: Case, profile: Profile) -> Term:
    at = int(case.at.timestamp())
    first, last = min(profile.hours) * HOUR, (max(profile.hours) + 1) * HOUR
    apart = max(0, first - at, at - last) / DAY
    if not case.is_timed:
        apart = max(0.0, apart - 3)  # people complain days after
        if not apart:
            return Term("at about the same time", 0.5)
    if apart <= 0.3:
        return Term("at the same time", 1.0)
    span = (last - first) / DAY
    soft = 1.0 if case.is_timed else 2.0
    pace = soft * (0.7 + 0.5 * span / (1 + 0.1 * profile.cases))
    return Term(f"{apart:.1f} days from the others", max(LEAST_OF_TIME, 1.0 - 1.6 * apart / pace))


def _what_it_is(case: Case, profile: Profile) -> Iterator[Term]:
    about_mail = profile.not_mail * 2 <= profile.cases
    if case.is_mail != about_mail:
        words = "it is about mail, the others are not" if case.is_mail else "it is not about mail"
        yield Term(words, -6.0)
    elif not case.is_mail:
        commonest = max(sorted(profile.categories), key=lambda one: profile.categories[one])
        if profile.categories[case.category] > 0.3 * profile.cases:
            yield Term(f"all about the same: {case.category}", 1.5)
        elif "other" not in (case.category, commonest) and not case.is_one_of_many:
            yield Term(f"{case.category}, the others are about {commonest}", -4.0)


def _capped(found: list[Term], most: float) -> list[Term]:
    """The same terms, those above zero made smaller so that together they say no more."""
    over = sum(term.weight for term in found) - most
    above = sum(term.weight for term in found if term.weight > 0)
    if over <= 0:
        return found
    factor = (above - over) / above
    return [Term(term.words, term.weight * factor) if term.weight > 0 else term for term in found]
