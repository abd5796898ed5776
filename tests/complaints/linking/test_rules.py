"""Rules: what each finds, what it leaves out, and that a cut is said."""

from datetime import timedelta

import pytest

from complaints.linking import rules
from complaints.linking.candidate import Clues
from complaints.linking.link import link_complaint
from tests import make
from tests.make import at

NOON = at("2024-03-04 12:00")
LATER = at("2024-03-04 18:00")
CLIENT = "198.51.100.7"


@pytest.fixture(autouse=True)
def ourselves(db):
    make.organisation()
    make.mail_host()


def found(rule, **clues):
    (one,) = rule([[Clues(reported_at=LATER, **clues)]])
    return one


@pytest.mark.parametrize("hours", [-8, -5.5, 9, 12])
def test_a_client_is_found_at_the_time_in_another_zone(hours):
    meant = make.relayed_message(queued_at=NOON + timedelta(hours=hours, seconds=70))
    make.relayed_message(queued_at=NOON + timedelta(hours=hours, minutes=17))
    make.relayed_message(queued_at=NOON + timedelta(hours=hours), client_ip="198.51.100.8")

    assert found(rules.by_another_zone, at=NOON, source_ip=CLIENT).keys == {meant.pk}
    assert not found(rules.by_circumstance, at=NOON, source_ip=CLIENT).keys


def test_where_only_a_day_is_stated_all_of_it_is_looked_at():
    meant = make.relayed_message(queued_at=NOON + timedelta(hours=22))
    make.relayed_message(queued_at=NOON + timedelta(days=3))

    clues = {"at": NOON, "is_day": True, "source_ip": CLIENT}
    assert found(rules.by_circumstance, **clues).keys == {meant.pk}


def test_the_size_of_the_copy_picks_from_many_at_a_domain():
    for number in range(90):
        make.relayed_message(
            queued_at=NOON + timedelta(seconds=number),
            recipients=[f"reader{number}@far.example", f"writer{number}@far.example"],
            size_bytes=40_000,
        )
    meant = make.relayed_message(
        queued_at=NOON + timedelta(seconds=95),
        recipients=["somebody@far.example"],
        size_bytes=9_000,
    )

    clues = {"at": NOON, "recipient": "xxx@far.example"}
    without = found(rules.by_neighbourhood, **clues)
    assert len(without.keys) == rules.HALF
    assert meant.pk not in without.keys
    assert meant.pk in found(rules.by_neighbourhood, **clues, size_bytes=9_900).keys


def test_a_feedback_id_leads_to_what_its_sender_sent():
    shown = {"message_id": "1@shop.example", "feedback_id": "spring:77:news:shop"}
    make.relayed_message(message_id="1@shop.example", sender="news@shop.example")
    complaint = make.parsed_complaint(reported=[shown])
    link_complaint(complaint, now=LATER)
    assert complaint.links.get().state == "linked"
    other = make.relayed_message(queued_at=NOON, sender="news@shop.example")
    make.relayed_message(queued_at=NOON, sender="other@shop.example")

    one = found(rules.by_circumstance, at=NOON, feedback_id="spring:77:news:shop")
    assert one.keys == {other.pk}
    assert not found(rules.by_circumstance, at=NOON, feedback_id="autumn:77:news:shop").keys


def test_a_cut_is_said_with_the_rule_and_its_number():
    for number in range(82):
        make.relayed_message(queued_at=NOON + timedelta(seconds=number))

    one = found(rules.by_circumstance, at=NOON, source_ip=CLIENT)
    assert len(one.keys) == 80
    assert one.cuts == [
        "more than 80 messages came from this client at that time; 80 of them were weighed"
    ]


def test_a_cut_stands_among_the_reasons_of_what_is_not_certain():
    for number in range(82):
        make.relayed_message(queued_at=NOON + timedelta(seconds=number))
    complaint = make.parsed_complaint(
        arrived_at=LATER, reported=[{"source_ip": CLIENT, "arrived_at": NOON}]
    )
    link_complaint(complaint, now=LATER)

    reasons = complaint.reported_messages.get().verdict_reasons
    assert any("more than 80 messages came from this client" in reason for reason in reasons)
