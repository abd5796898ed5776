"""Journeys: the queue IDs that one message had at several hosts of ours count as one message."""

from datetime import timedelta

from complaints.linking.candidate import Clues, Logged
from complaints.linking.journeys import journeys
from complaints.linking.score import LINKED_FROM, candidates
from tests.make import at

NOON = at("2024-03-04 12:00")
READER = frozenset({"reader@far.example"})


def logged(**fields):
    facts = {
        "key": 1,
        "host": "mx1",
        "host_name": "mx1.example.org",
        "host_addresses": frozenset({"192.0.2.10"}),
        "queue_id": "3C1F2A8B04",
        "queued_at": NOON,
        "message_id": "1@client.example",
        "client_ip": "198.51.100.7",
        "sender": "seller@shop.example",
        "subject": "",
        "recipients": READER,
        "is_for_stranger": False,
    }
    return Logged(**facts | fields)


def on_relay(**fields):
    facts = {
        "key": 2,
        "host": "relay",
        "host_name": "relay.example.org",
        "host_addresses": frozenset({"192.0.2.12"}),
        "queue_id": "2F63D5C8E4",
        "queued_at": NOON - timedelta(seconds=40),
        "client_ip": "192.0.2.10",
        "client_is_ours": True,
    }
    return logged(**facts | fields)


def in_filter(**fields):
    facts = {
        "key": 3,
        "queue_id": "69907145BD",
        "queued_at": NOON - timedelta(seconds=39),
        "client_ip": "127.0.0.1",
    }
    return on_relay(**facts | fields)


def test_hosts_that_handed_a_message_on_make_one_journey_from_where_it_came_in():
    found = journeys([in_filter(), on_relay(), logged()])
    assert [leg.queue_id for leg in found[0].legs] == ["3C1F2A8B04", "2F63D5C8E4", "69907145BD"]
    assert len(found) == 1


def test_the_same_mail_to_somebody_else_is_another_message():
    other = on_relay(recipients=frozenset({"else@far.example"}))
    assert len(journeys([logged(), other])) == 2


def test_mail_that_came_from_elsewhere_is_another_message():
    other = on_relay(client_ip="198.51.100.8", client_is_ours=False)
    assert len(journeys([logged(), other])) == 2


def test_a_queue_id_that_the_next_host_named_joins_whatever_else_differs():
    later = on_relay(message_id="", sender="", recipients=frozenset())
    found = journeys([logged(next_queue_ids=frozenset({"2F63D5C8E4"})), later])
    assert len(found) == 1


def test_a_message_that_passed_three_hosts_does_not_compete_with_itself():
    clues = Clues(reporter="reader@far.example", reported_at=NOON + timedelta(hours=3))
    best = candidates(clues, [logged(), on_relay(), in_filter()])[0]
    assert best.probability >= LINKED_FROM
    assert best.logged.queue_id == "3C1F2A8B04"


def test_what_one_host_logged_speaks_for_the_message_as_a_whole():
    clues = Clues(reporter="reader@far.example", subject="a pill for all")
    told = candidates(clues, [logged(), on_relay(subject="A pill for ? all")])[0]
    assert "the logged subject is “A pill for ? all”" in [fact.words for fact in told.facts]


def test_a_bounce_of_a_message_is_another_message():
    bounce = logged(key=4, queue_id="8C4A8FC543", sender="", message_id="b@mx1", parent=1)
    assert len(journeys([logged(), bounce])) == 2


def test_a_circle_of_parents_ends():
    ring = [logged(parent=2), on_relay(parent=1)]
    assert sum(len(journey.legs) for journey in journeys(ring)) == 2


def test_an_id_that_the_second_host_gave_joins_what_came_without_one():
    given = on_relay(message_id="202403041200.2F63D5C8E4@relay.example.org")
    found = journeys([logged(message_id=""), given])
    assert [leg.queue_id for leg in found[0].legs] == ["3C1F2A8B04", "2F63D5C8E4"]
    assert len(found) == 1
    elsewhere = on_relay(message_id="202403041200.2F63D5C8E4@mail.far.example")
    assert len(journeys([logged(message_id=""), elsewhere])) == 2
    had_one = on_relay(message_id="202403041200.2F63D5C8E4@relay.example.org")
    assert len(journeys([logged(), had_one])) == 2
