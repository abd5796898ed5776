"""Tokens in place of recipients (RFC 6590): resolved by certain links, and by nothing less."""

from datetime import timedelta

import pytest

from complaints.linking.link import link_by_hand, link_complaint, link_complaints
from complaints.linking.tokens import Tokens, is_token
from tests import make
from tests.make import at

NOON = at("2024-03-04 12:00")
THEN = NOON + timedelta(hours=3)
LATER = at("2024-03-05 18:00")
REPORTER = "abuse@far.example"
TOKEN = "rZ8cqXWGiKHzhz1MsFRGTysHia4=@far.example"
READER, WRITER = "reader@far.example", "writer@far.example"


@pytest.fixture(autouse=True)
def ourselves(db):
    make.organisation()
    make.mail_host()


def sent(number, *recipients, when=NOON):
    return make.relayed_message(
        queue_id=f"ID{number:05}",
        message_id=f"{number}@riches.example",
        queued_at=when,
        client_ip=f"203.0.113.{number}",
        sender=f"winner{number}@riches.example",
        recipients=list(recipients),
    )


def complaint(sender=REPORTER, token=TOKEN, **shown):
    return make.parsed_complaint(
        sender=sender, arrived_at=LATER, reported=[{"recipient": token, **shown}]
    )


@pytest.fixture
def two():
    """Two messages of a moment, of which nothing but the recipient can tell which is meant."""
    return [sent(number, to, when=THEN) for number, to in ((8, READER), (9, WRITER))]


def linked(complaint):
    return [link.message for link in complaint.links.all() if link.state == "linked"]


def test_what_a_certain_link_shows_of_a_token_leads_to_another_message(two):
    sent(1, READER)
    first, second = complaint(message_id="1@riches.example"), complaint(arrived_at=THEN)

    for one in (first, second):
        link_complaint(one, now=LATER)

    assert linked(second) == [two[0]]
    facts = [reason["fact"] for reason in second.links.get().reasons]
    assert f"delivered to {READER}, whom {REPORTER} calls {TOKEN}, as a certain link shows" in facts


def test_together_it_is_as_one_after_the_other(two):
    sent(1, READER)
    first, second = complaint(message_id="1@riches.example"), complaint(arrived_at=THEN)

    link_complaints([first, second], now=LATER)

    assert linked(second) == [two[0]]


def test_the_token_of_another_reporter_says_nothing(two):
    sent(1, READER)
    link_complaint(complaint(message_id="1@riches.example"), now=LATER)
    other = complaint(sender="abuse@near.example", arrived_at=THEN)

    link_complaint(other, now=LATER)

    assert not linked(other)


def test_what_a_person_confirmed_resolves_it_as_well(two):
    first = complaint()
    link_by_hand(first, sent(1, READER), by="agent", now=LATER)
    second = complaint(arrived_at=THEN)

    link_complaint(second, now=LATER)

    assert linked(second) == [two[0]]


def test_of_many_recipients_those_are_left_that_all_messages_went_to():
    known, shown = Tokens(), (TOKEN, REPORTER)
    known.read([shown])
    known.learn(shown, 1, 1, [READER, WRITER, "other@near.example"])
    assert known.meaning(shown, without=0) == ""

    known.learn(shown, 2, 2, [READER, "third@far.example"])
    assert known.meaning(shown, without=0) == READER
    assert known.meaning(shown, without=1) == ""

    known.learn(shown, 3, 3, [WRITER])
    assert known.meaning(shown, without=0) == ""


@pytest.mark.parametrize(
    ("recipient", "is_one"),
    [
        (TOKEN, True),
        ("9f86d081884c7d65@far.example", True),
        ("redacted@far.example", False),
        ("Undisclosed@far.example", False),
        ("xxxxxxxx@far.example", False),
        ("a1@far.example", False),
        ("********@far.example", False),
        ("", False),
    ],
)
def test_a_word_in_place_of_all_addresses_is_no_token(recipient, is_one):
    assert is_token(recipient) is is_one
