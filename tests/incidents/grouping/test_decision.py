"""The decision of grouping: several dimensions must agree, and a contradiction counts against."""

import random
from datetime import timedelta

import pytest

from incidents.grouping.case import Case, Trait, from_json
from incidents.grouping.decision import Known, Outcome, decide
from incidents.grouping.normal import words
from incidents.grouping.profile import Profile
from incidents.grouping.profile import from_json as profile_from_json
from incidents.grouping.rarity import Rarity
from incidents.grouping.settle import settle
from tests.make import at

PILLS = "Stop paying too much for {}. Our trusted store ships discreet packages to your door {}"
LOANS = "We confirm that a personal loan has been reserved, bad history is no obstacle {}"


def case(key="C-1/1", *, body="", subject="", domain="", ip="198.18.7.9", hours=0, **traits):
    """A case of a mail that a stranger handed in."""
    found = {
        Trait.IP: {ip},
        Trait.NETWORK: {ip.rpartition(".")[0]},
        Trait.BODY: words(body),
        Trait.SUBJECT: words(subject),
        Trait.LINK_DOMAIN: {domain},
        **traits,
    }
    return Case(
        key=key,
        traits={kind: frozenset(values) for kind, values in found.items() if any(values)},
        at=at("2025-01-10 08:00") + timedelta(hours=hours),
    )


def campaign(*cases, number=1):
    """A campaign of these cases."""
    profile = Profile()
    for one in cases:
        profile.add(one)
    return Known(number, profile)


def rarity(*known):
    having = {}
    for one in known:
        for kind, counts in one.profile.counts.items():
            for value in counts:
                having[kind, value] = having.get((kind, value), 0) + 1
    return Rarity(len(known), having)


def decided(one, *known):
    return decide(one, known, rarity(*known))


def pills(key, brand="Vigoral", **more):
    tail = f"{key} tail"
    return case(key, body=PILLS.format(brand, tail), subject=f"Save on {brand} today", **more)


def test_same_content_from_the_same_network_joins_with_its_reasons():
    known = campaign(*(pills(f"p{number}", ip=f"198.18.7.{number}") for number in range(5)))
    found = decided(pills("new", ip="198.18.7.200"), known)
    assert found.outcome == Outcome.JOIN
    said = " ".join(term.words for term in found.best.terms)
    assert "the network 198.18.7" in said
    assert "the subject is like that of others" in said


def test_another_content_from_the_same_address_is_another_campaign():
    known = campaign(*(pills(f"p{number}", domain="pills.example") for number in range(5)))
    other = case(
        "new", body=LOANS.format("x"), subject="Your loan is approved", domain="loans.example"
    )
    assert decided(other, known).outcome == Outcome.OPEN


def test_the_same_family_of_another_abuser_is_another_campaign():
    known = campaign(*(pills(f"p{number}", domain="pills.example") for number in range(6)))
    other = pills("new", "Slimexa", ip="203.0.113.9", domain="other.example")
    assert decided(other, known).outcome != Outcome.JOIN


def test_who_shows_a_few_lines_only_does_not_hide_the_words_that_all_others_have():
    letter = (
        "Ladies and gentlemen swear by {}: melts away within a week, no sport, no hunger, "
        "instead of hundred just {} today only, order before midnight"
    )

    def told(key, brand, price, body=letter):
        text = body.format(brand, price)
        return case(key, body=text, subject="Now reduced", hours=1, **{Trait.CUSTOMER: {"k05"}})

    full = [told(f"f{number}", "Fatbuster tea", "39.95") for number in range(8)]
    parts = [
        told(f"p{number}", "", "", body="instead of hundred today only") for number in range(2)
    ]
    found = decided(told("new", "Alpine drops", "29.90"), campaign(*full, *parts))
    words_missing = "it lacks words of all others"
    assert any(words_missing in one.words for one in found.best.terms)
    # A few lines lack most of the words, and that tells nothing.
    some = decided(told("some", "", "", body="melts away within a week"), campaign(*full, *parts))
    assert not any(words_missing in one.words for one in some.best.terms)


def test_what_very_many_campaigns_share_joins_nobody():
    shared = {Trait.LINK_DOMAIN: {"shortener.example"}}
    known = [
        campaign(case(f"c{number}", ip=f"198.19.{number}.1", **shared), number=number)
        for number in range(1, 60)
    ]
    found = decided(case("new", ip="203.0.113.1", **shared), *known)
    assert found.outcome != Outcome.JOIN


def test_the_same_logged_message_is_the_same_campaign():
    known = campaign(case("old", **{Trait.MESSAGE: {"17"}}))
    found = decided(case("new", body=LOANS, ip="203.0.113.1", **{Trait.MESSAGE: {"17"}}), known)
    assert found.outcome == Outcome.JOIN


def test_without_any_lead_it_stays_open():
    assert decide(Case("x", {}, at("2025-01-10 08:00")), [], Rarity()).outcome == Outcome.NO_LEAD


def test_a_person_keeps_it_apart():
    known = campaign(*(pills(f"p{number}") for number in range(5)))
    found = decide(pills("new"), [known], rarity(known), apart=frozenset({1}))
    assert found.outcome == Outcome.OPEN


def test_what_is_stored_comes_back_as_it_was():
    one = pills("p1", domain="pills.example")
    assert from_json(one.key, one.to_json()) == one
    known = campaign(one, pills("p2"))
    back = profile_from_json(known.profile.to_json())
    assert back.to_json() == known.profile.to_json()


@pytest.fixture
def mixed():
    """Three campaigns: two share a network, two share a family of content."""
    return [
        *(pills(f"a{n}", ip=f"198.18.7.{n}", domain="pills.example", hours=n) for n in range(8)),
        *(
            case(
                f"b{n}",
                body=LOANS.format(f"b{n}"),
                subject="Your loan is approved",
                ip=f"198.18.7.{n}",
                domain="loans.example",
                hours=n,
            )
            for n in range(8)
        ),
        *(
            pills(f"c{n}", "Slimexa", ip=f"203.0.113.{n}", domain="slim.example", hours=n)
            for n in range(8)
        ),
    ]


def test_the_order_of_arrival_changes_nothing(mixed):
    whole = _parts(settle(mixed))
    assert whole == {frozenset(f"{name}{n}" for n in range(8)) for name in "abc"}
    dice = random.Random(7)
    for _ in range(5):
        dice.shuffle(mixed)
        assert _parts(settle(mixed)) == whole


def test_what_people_put_somewhere_stays_there(mixed):
    got = settle(mixed, fixed={"c0": 5, "a0": 5}, apart={"a1": frozenset({5})})
    assert got["c0"] == got["a0"] == 5
    assert got["a1"] != 5


def _parts(numbers):
    found = {}
    for key, number in numbers.items():
        found.setdefault(number, set()).add(key)
    return {frozenset(keys) for keys in found.values()}
