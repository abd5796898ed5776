"""Signs of relay abuse: an hour of it is seen, a single test message is not."""

from datetime import timedelta

from incidents.grouping.signs import Relayed, relay_signs
from tests.make import at


def relayed(minute, recipients=1):
    moment = at("1998-01-20 04:00") + timedelta(minutes=minute)
    return Relayed(moment, "198.51.100.7", "winner@riches.example", recipients)


def test_one_test_message_is_no_sign():
    assert relay_signs([relayed(0)]) == []


def test_an_hour_with_many_messages_is_a_sign():
    sign = relay_signs([relayed(minute) for minute in range(20)])[0]
    assert (sign.messages, sign.recipients, sign.sources) == (20, 20, 1)
    assert "20 messages for 20 recipients" in sign.words


def test_few_messages_to_very_many_are_a_sign():
    assert relay_signs([relayed(0, recipients=200)])[0].recipients == 200


def test_the_same_number_over_many_hours_is_none():
    assert relay_signs([relayed(60 * hour) for hour in range(20)]) == []
