"""Scores: what speaks for and against a link, as a probability with reasons in words."""

from datetime import timedelta

import pytest

from complaints.linking.candidate import Clues, Logged, OwnHop
from complaints.linking.score import LINKED_FROM, PROPOSED_FROM, candidates, fold_subject
from tests.make import at

NOON = at("1998-01-20 12:00")


def logged(**fields):
    facts = {
        "key": 1,
        "host": "mail",
        "host_name": "mail.example.org",
        "queue_id": "MAA11111",
        "queued_at": NOON,
        "message_id": "1@riches.example",
        "client_ip": "198.51.100.7",
        "sender": "winner@riches.example",
        "subject": "",
        "recipients": frozenset({"reader@far.example"}),
        "is_for_stranger": True,
    }
    return Logged(**facts | fields)


def test_an_exact_message_id_is_enough():
    best = candidates(Clues(message_id="1@riches.example"), [logged()])[0]
    assert best.probability > 0.99
    assert best.facts[0].words == "Message-ID <1@riches.example> as in the log"


def test_a_queue_id_of_ours_at_its_time_is_enough():
    hop = OwnHop("mail.example.org", "MAA11111", "198.51.100.7", NOON + timedelta(seconds=2))
    best = candidates(Clues(hops=(hop,)), [logged()])[0]
    assert best.probability > 0.99
    assert "our Received line says 12:00:02 UTC (2 s later)" in best.facts[0].words


def test_a_queue_id_that_came_round_again_is_not_meant():
    hop = OwnHop("mail.example.org", "MAA11111", "203.0.113.9", NOON + timedelta(days=1))
    best = candidates(Clues(hops=(hop,)), [logged()])[0]
    assert best.probability < PROPOSED_FROM


def test_a_shared_message_id_is_told_apart_by_its_recipient():
    clues = Clues(message_id="1@riches.example", recipient="reader@far.example")
    other = logged(
        key=2,
        queue_id="MAA22222",
        recipients=frozenset({"else@far.example"}),
        same_message_id=40,
    )
    both = [logged(same_message_id=40), other]
    ranked = candidates(clues, both)
    assert ranked[0].logged.key == 1
    assert ranked[0].probability >= LINKED_FROM
    assert "40 messages have it" in " ".join(fact.words for fact in ranked[0].facts)


def test_a_message_id_copied_into_a_forgery_is_not_linked():
    hop = OwnHop("mail.example.org", "XAA99999", "203.0.113.9", NOON + timedelta(days=9))
    clues = Clues(
        message_id="1@riches.example",
        hops=(hop,),
        senders=("forger@else.example",),
        recipient="victim@else.example",
        at=NOON + timedelta(days=9),
    )
    best = candidates(clues, [logged()])[0]
    assert best.probability < PROPOSED_FROM


def test_the_only_message_for_a_stranger_to_the_one_who_complains_is_linked():
    clues = Clues(recipient="reader@far.example", reporter="reader@far.example")
    assert candidates(clues, [logged()])[0].probability >= LINKED_FROM


def test_two_alike_are_proposed_not_linked():
    clues = Clues(recipient="reader@far.example", reporter="reader@far.example")
    ranked = candidates(clues, [logged(), logged(key=2, queue_id="MAA22222")])
    assert all(PROPOSED_FROM <= one.probability < LINKED_FROM for one in ranked)
    assert any("one of 2 messages" in fact.words for fact in ranked[0].facts)


def test_the_subject_seen_with_a_sender_tells_two_campaigns_apart():
    clues = Clues(reporter="reader@far.example", subject="riches for everybody")
    known = logged(sender_subjects=frozenset({"riches for everybody"}))
    other = logged(
        key=2,
        queue_id="MAA22222",
        sender="sales@tool.example",
        sender_subjects=frozenset({"the tool that sells"}),
    )
    ranked = candidates(clues, [other, known])
    assert ranked[0].logged.key == 1
    assert ranked[0].probability >= LINKED_FROM
    assert ranked[1].probability < PROPOSED_FROM


def test_mail_taken_in_after_the_complaint_is_never_meant():
    clues = Clues(message_id="1@riches.example", reported_at=NOON - timedelta(hours=2))
    assert candidates(clues, [logged()])[0].probability < LINKED_FROM


@pytest.mark.parametrize(
    ("subject", "folded"),
    [
        ("Re: Fwd:  EARN  money", "earn money"),
        ("AW: WG: Angebot", "angebot"),
        ("Note: read this", "note: read this"),
        ("", ""),
    ],
)
def test_subjects_are_compared_without_their_prefixes(subject, folded):
    assert fold_subject(subject) == folded
