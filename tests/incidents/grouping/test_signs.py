"""Signs of abuse in an hour of the log: of an open relay, and of senders of ours."""

from dataclasses import replace

import pytest

from incidents.grouping.signs import Sent, Usual, sign_of
from tests.make import at

HOUR = at("1998-01-20 04:00")
OFTEN = Usual(messages=12, recipients=12, domains=1, is_known=True)


def sent(kind="relay-host", messages=1, recipients=None, **facts):
    recipients = messages if recipients is None else recipients
    return Sent(kind, "one", HOUR, messages, recipients, **facts)


def test_one_test_message_is_no_sign():
    assert sign_of(sent()) is None
    assert sign_of(sent(messages=10)) is None


def test_an_hour_with_many_relayed_messages_is_a_sign():
    sign = sign_of(sent(messages=20, sources=3, senders=7))
    assert sign.words == (
        "In the hour from 20 January 1998 04:00 UTC, 20 messages for 20 recipients passed, "
        "none of them from or for us: 3 sources, 7 sender addresses."
    )


def test_few_messages_to_very_many_are_a_sign():
    assert sign_of(sent(messages=1, recipients=200)).sent.recipients == 200


@pytest.mark.parametrize("kind", ["account", "script", "customer", "own-client"])
def test_what_a_sender_of_ours_sends_is_held_against_what_is_usual(kind):
    assert sign_of(sent(kind, messages=48), OFTEN) is None
    assert "never more than 12 messages an hour" in sign_of(sent(kind, messages=49), OFTEN).words
    few_to_many = sent(kind, messages=2, recipients=400)
    assert "never more than 12 recipients an hour" in sign_of(few_to_many, OFTEN).words
    # While nobody knows what is usual, much is no sign.
    assert sign_of(sent(kind, messages=500), Usual()) is None


def test_an_account_in_use_from_everywhere_is_a_sign_whatever_is_usual():
    stolen = sent("account", messages=10, networks=4)
    assert "one account from 4 networks" in sign_of(stolen).words
    assert sign_of(replace(stolen, networks=3)) is None
    assert sign_of(replace(stolen, messages=9)) is None
    assert "in 5 names" in sign_of(sent("account", messages=10, senders=5)).words


def test_a_customer_in_the_name_of_many_others_is_a_sign_unless_it_always_is():
    forwarder = Usual(messages=100, recipients=100, domains=9, is_known=True)
    forging = sent("customer", messages=40, domains=12, networks=9)
    assert "in the name of 12 domains" in sign_of(forging, OFTEN).words
    assert sign_of(forging, forwarder) is None
