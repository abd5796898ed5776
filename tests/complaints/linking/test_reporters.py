"""The clocks of reporters: learned from certain links, applied to others, and shown."""

from datetime import timedelta

import pytest

from complaints.linking.link import link_complaint, link_complaints
from complaints.linking.reporters import off
from tests import make
from tests.make import at

NOON = at("2024-03-04 12:00")
LATER = at("2024-03-05 18:00")
REPORTER = "abuse@far.example"
AHEAD = timedelta(minutes=42)


@pytest.fixture(autouse=True)
def ourselves(db):
    make.organisation()
    make.mail_host()


def certain(number, sender=REPORTER):
    """A complaint that names its message by its ID, and states a time 42 minutes too late."""
    taken = NOON - timedelta(hours=number)
    make.relayed_message(
        message_id=f"{number}@riches.example",
        queued_at=taken,
        client_ip=f"203.0.113.{number}",
        sender=f"winner{number}@riches.example",
    )
    return make.parsed_complaint(
        sender=sender,
        arrived_at=LATER,
        reported=[{"message_id": f"{number}@riches.example", "arrived_at": taken + AHEAD}],
    )


def by_time(sender=REPORTER):
    """A complaint that knows no more than the client and the time by the reporter's clock."""
    return make.parsed_complaint(
        sender=sender,
        arrived_at=LATER,
        reported=[{"source_ip": "203.0.113.99", "arrived_at": NOON + AHEAD}],
    )


@pytest.fixture
def meant():
    for minutes in (0, 42):  # without the reporter's clock the other one would be meant
        message = make.relayed_message(
            queue_id=f"AT{minutes:02}MINUTES",
            queued_at=NOON + timedelta(minutes=minutes),
            client_ip="203.0.113.99",
            sender=f"sender{minutes}@riches.example",
        )
        if not minutes:
            wanted = message
    return wanted


def best(complaint):
    return complaint.links.order_by("-score").first()


def test_a_clock_that_is_off_is_learned_applied_and_shown(meant):
    for number in (1, 2, 3):
        link_complaint(certain(number), now=LATER)
    complaint = by_time()
    link_complaint(complaint, now=LATER)

    assert best(complaint).message == meant
    told = " ".join(reason["fact"] for reason in best(complaint).reasons)
    assert "(abuse@far.example's times are 2520 s ahead)" in told


def test_nothing_is_known_of_the_clocks_of_others(meant):
    for number in (1, 2, 3):
        link_complaint(certain(number), now=LATER)
    complaint = by_time(sender="somebody@else.example")
    link_complaint(complaint, now=LATER)

    assert best(complaint) is None or best(complaint).message != meant


def test_in_a_batch_later_complaints_know_it_from_those_before(meant):
    complaints = [certain(number) for number in (1, 2, 3)] + [by_time()]
    link_complaints(complaints, now=LATER)

    assert best(complaints[-1]).message == meant


@pytest.mark.parametrize(
    ("seen", "ahead"),
    [
        ([], None),
        ([3600.0], None),
        ([3600.0, 3590.0], 3595.0),
        ([3600.0, 3590.0, -7200.0], 3590.0),
        ([3600.0, 0.0, -7200.0], None),
        ([4.0, 5.0, 9.0], None),
    ],
)
def test_times_that_do_not_agree_or_are_right_say_nothing(seen, ahead):
    assert off(seen) == ahead
