"""Facts: what leads to a message, and what only tells such messages apart."""

from datetime import timedelta

from complaints.linking.candidate import Clues, Logged
from complaints.linking.score import LINKED_FROM, PROPOSED_FROM, candidates
from tests.make import at

NOON = at("2024-03-04 12:00")


def logged(**fields):
    facts = {
        "key": 1,
        "host": "mx1",
        "host_name": "mx1.example.org",
        "queue_id": "3C1F2A8B04",
        "queued_at": NOON,
        "message_id": "1@client.example",
        "client_ip": "198.51.100.7",
        "sender": "seller@shop.example",
        "subject": "",
        "recipients": frozenset({"reader77@far.example"}),
        "is_for_stranger": True,
    }
    return Logged(**facts | fields)


def names(clues, message):
    return {fact.name for one in candidates(clues, [message]) for fact in one.facts}


def test_the_moment_alone_names_nobody_where_several_passed():
    clues = Clues(reporter="reader@else.example", at=NOON)
    assert candidates(clues, [logged(), logged(key=2, queue_id="4D2A3B9C15")]) == []


def test_what_the_desk_wrote_itself_is_not_complained_of():
    letter = logged(sender="abuse@example.org", sender_is_ours=True, is_from_desk=True)
    clues = Clues(reporter="reader77@far.example", reported_at=NOON + timedelta(hours=5))
    assert candidates(clues, [letter])[0].probability < PROPOSED_FROM


def test_the_complaint_on_its_own_way_to_us_is_never_meant():
    clues = Clues(reporter="reader77@far.example", own_message_id="1@client.example")
    assert candidates(clues, [logged()]) == []


def test_a_recipient_whom_the_text_calls_by_name_is_told_from_others():
    clues = Clues(source_ip="198.51.100.7", at=NOON, text="dear reader77, your parcel waits")
    other = logged(key=2, recipients=frozenset({"somebody@far.example"}))
    best = candidates(clues, [other, logged()])[0]
    assert best.logged.key == 1
    assert best.probability >= LINKED_FROM


def test_a_message_id_that_the_receiving_server_gave_is_no_contradiction():
    clues = Clues(message_id="abc@mx.far.example", source_ip="198.51.100.7", at=NOON)
    found = names(clues, logged(message_id=""))
    assert "message-id of the receiving side" in found
    assert "message-id not logged" in names(
        Clues(message_id="abc@mx.else.example", source_ip="198.51.100.7"), logged(message_id="")
    )


def test_a_masked_message_id_is_compared_by_what_is_left_of_it():
    clues = Clues(message_id="1xxxxxx@client.example", source_ip="198.51.100.7")
    assert "message-id masked" in names(clues, logged(message_id="1234@client.example"))
    assert "message-id differs" in names(clues, logged(message_id="9234@client.example"))


def test_a_recipient_is_known_again_without_its_tag():
    clues = Clues(recipient="reader77@far.example")
    found = names(clues, logged(recipients=frozenset({"reader77+shop@far.example"})))
    assert "recipient apart from its tag" in found


def test_the_clock_of_a_host_is_taken_into_account_and_shown():
    clues = Clues(source_ip="198.51.100.7", at=NOON)
    fast = logged(queued_at=NOON + timedelta(seconds=120), ahead_seconds=118.0)
    facts = candidates(clues, [fast])[0].facts
    told = next(fact for fact in facts if fact.name == "time to the second")
    assert "mx1's clock is 118 s ahead" in told.words


def test_a_wrong_zone_is_told_and_weighs_less_than_the_right_time():
    clues = Clues(source_ip="198.51.100.7", at=NOON + timedelta(hours=9))
    fact = next(one for one in candidates(clues, [logged()])[0].facts if "zone" in one.name)
    assert "a zone of +9 h" in fact.words


def test_the_server_that_got_it_names_it_in_our_log_and_in_its_own_line():
    clues = Clues(their_queue_ids=frozenset({"THEIRS1"}), reporter="reader@else.example")
    message = logged(next_queue_ids=frozenset({"THEIRS1"}))
    assert candidates(clues, [message])[0].probability >= LINKED_FROM
