"""Moments: how a stated time and that of the log agree."""

from datetime import timedelta

import pytest

from complaints.linking import moments
from complaints.linking.candidate import Clues, Fact, Logged
from tests.make import at

NOON = at("2024-03-04 12:00")


def entry(taken):
    return Logged(
        key=1,
        host="mx1",
        host_name="mx1.example.org",
        queue_id="3C1F2A8B04",
        queued_at=taken,
        message_id="1@client.example",
        client_ip="198.51.100.7",
        sender="seller@shop.example",
        subject="",
        recipients=frozenset(),
        is_for_stranger=True,
    )


def said(clues, apart):
    told = moments.facts(clues, entry(NOON - apart))
    return {name: Fact(words, 0.0).words for name, words in told}


@pytest.mark.parametrize(
    ("apart", "name"),
    [
        (timedelta(seconds=4), "time to the second"),
        (timedelta(seconds=-90), "time to the minute"),
        (timedelta(minutes=15), "time to the quarter"),
        (timedelta(hours=5, minutes=31), "time but for the zone"),
        (timedelta(hours=3, minutes=45), "time on the day"),
        (timedelta(days=3), "time differs"),
    ],
)
def test_the_nearer_two_times_are_the_more_they_say(apart, name):
    assert set(said(Clues(at=NOON), apart)) == {name}


def test_a_zone_that_was_not_stated_may_well_be_another():
    told = said(Clues(at=NOON, zone_unsure=True), timedelta(hours=-9))
    assert "without a zone: a zone of -9 h would fit" in told["time but for a zone not stated"]


@pytest.mark.parametrize(
    ("apart", "name"),
    [
        (timedelta(hours=-20), "on the stated day"),
        (timedelta(hours=13), "on the stated day"),
        (timedelta(hours=15), "time differs"),
        (timedelta(hours=-39), "time differs"),
    ],
)
def test_of_a_day_alone_no_hour_is_compared(apart, name):
    assert set(said(Clues(at=NOON, is_day=True), apart)) == {name}


def test_the_reporters_clock_is_taken_off_where_that_fits_better():
    clues = Clues(at=NOON, reporter="abuse@far.example", reporter_ahead=2520.0)
    told = said(clues, timedelta(minutes=42))
    assert "(abuse@far.example's times are 2520 s ahead)" in told["time to the second"]
    assert "ahead" not in said(clues, timedelta(seconds=2))["time to the second"]
