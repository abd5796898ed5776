"""Clues: what a complaint shows of a message, and whose word each part of it is."""

import pytest

from complaints import organisation
from complaints.linking.clues import clues_of, verp_recipient
from tests import make
from tests.make import at


@pytest.fixture(autouse=True)
def ourselves(db):
    make.organisation()
    make.mail_host()


def hop(**fields):
    empty = {"from_ip": "", "by": "", "queue_id": "", "for_address": "", "at": ""}
    return empty | fields


THEIRS = hop(
    from_ip="192.0.2.25", by="mx.far.example", queue_id="THEIRS1", at="2024-03-04T12:00:05+00:00"
)
OURS = hop(
    from_ip="198.51.100.7", by="mail.example.org", queue_id="OURS1", at="2024-03-04T12:00:00+00:00"
)
CLAIMED = hop(from_ip="203.0.113.66", by="made.up.example", queue_id="FAKE1")


def clues(**reported):
    complaint = make.parsed_complaint(sender="reader@far.example", reported=[reported])
    us, hosts = organisation.ourselves(), organisation.host_names()
    return clues_of(complaint.reported_messages.get(), complaint, us, hosts)


def test_the_lines_of_the_receiving_side_ours_and_claims_are_told_apart():
    found = clues(hops=[THEIRS, OURS, CLAIMED], source_ip="203.0.113.66")
    assert [one.queue_id for one in found.hops] == ["OURS1"]
    assert found.hops[0].client_ip == "198.51.100.7"
    assert found.their_queue_ids == {"THEIRS1"}
    assert found.their_at == at("2024-03-04 12:00:05")
    assert found.source_ip == ""
    assert found.passed_us is True


def test_a_line_of_ours_below_one_that_got_it_from_elsewhere_is_a_forgery():
    stranger = THEIRS | {"from_ip": "203.0.113.9"}
    found = clues(hops=[stranger, OURS])
    assert found.hops == ()
    assert found.passed_us is False


def test_where_our_lines_were_taken_out_our_address_still_shows_that_it_passed_us():
    found = clues(hops=[THEIRS, CLAIMED], source_ip="203.0.113.66")
    assert found.passed_us is True
    assert found.hosts_named == {"mail"}
    assert found.source_ip == ""


def test_an_address_of_ours_names_a_host_and_no_client():
    found = clues(source_ip="192.0.2.25")
    assert found.hosts_named == {"mail"}
    assert found.source_ip == ""


def test_the_reporters_own_address_is_not_the_recipient_that_the_mail_shows():
    assert clues(recipient="Reader@far.example").recipient == ""
    assert clues(recipient="else@far.example").recipient == "else@far.example"


def test_addresses_in_unsubscribe_links_and_envelope_senders_are_recipients():
    found = clues(
        urls=["http://news.example/out?who=reader%40far.example&n=7"],
        envelope_from="news-mary=far.example@example.org",
    )
    assert found.more_recipients == ("mary@far.example", "reader@far.example")


@pytest.mark.parametrize(
    ("sender", "recipient"),
    [
        ("news-7-mary=far.example@example.org", "mary@far.example"),
        ("bounces+mary=far.example@example.org", "mary@far.example"),
        ("mary=far@example.org", ""),
        ("mary@example.org", ""),
        ("=far.example@example.org", ""),
        ("", ""),
    ],
)
def test_a_recipient_is_read_from_a_variable_envelope_sender(sender, recipient):
    assert verp_recipient(sender) == recipient
