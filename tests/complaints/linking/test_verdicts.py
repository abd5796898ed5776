"""Verdicts: what is said of a reported message that is not in our log, with the proof."""

import pytest

from complaints.linking import queue_ids
from complaints.linking.link import link_complaint, relink_waiting
from complaints.models import ReportedMessage
from tests import make
from tests.make import at

Verdict = ReportedMessage.Verdict
NOON = at("2024-03-04 12:00")
LATER = at("2024-03-04 18:00")


@pytest.fixture(autouse=True)
def ourselves(db):
    make.organisation()
    make.mail_host(mta="postfix")


def hop(**fields):
    empty = {"from_ip": "", "by": "", "queue_id": "", "for_address": "", "at": "", "raw": ""}
    return empty | fields


FORGED = hop(by="mail.example.org", queue_id="ZZTOP99", at=NOON.isoformat())


def verdict(**fields):
    reported = fields.pop("reported", {})
    complaint = make.parsed_complaint(
        arrived_at=LATER, sender="reader@far.example", reported=[reported], **fields
    )
    link_complaint(complaint, now=LATER)
    return complaint.reported_messages.get()


def test_a_received_line_that_our_log_contradicts_is_proved_a_forgery():
    make.relayed_message(queue_id="3C1F2A8B04", queued_at=at("2024-03-04 12:10"))
    stranger = hop(by="mx.far.example", from_ip="203.0.113.9", at=NOON.isoformat())
    found = verdict(reported={"hops": [stranger, FORGED]})
    assert found.verdict == Verdict.NOT_OURS
    told = " ".join(found.verdict_reasons)
    assert "names mail.example.org with the queue ID ZZTOP99 at 04 Mar 12:00:00 UTC" in told
    assert "of that hour 1 other message" in told
    assert "gave nearest to that time: 3C1F2A8B04 at 04 Mar 12:10:00 UTC" in told
    assert "mail.example.org runs postfix, which gives no IDs of that form" in told
    assert "mx.far.example, which wrote the line above, got it from 203.0.113.9" in told


def test_a_host_that_was_silent_in_that_hour_is_told():
    make.relayed_message(queue_id="3C1F2A8B04", queued_at=at("2024-03-04 06:00"))
    found = verdict(reported={"hops": [FORGED]})
    assert "of that hour no message at all" in " ".join(found.verdict_reasons)


def test_nothing_is_proved_where_the_log_of_that_day_was_not_read():
    make.relayed_message(queued_at=at("2024-02-01 12:00"))
    assert verdict(reported={"hops": [FORGED]}).verdict == Verdict.WAITING


def test_a_mail_that_the_receiver_got_from_elsewhere_is_not_ours():
    make.relayed_message(queued_at=NOON)
    line = hop(by="mx.far.example", from_ip="203.0.113.9", at=NOON.isoformat())
    found = verdict(reported={"hops": [line], "message_id": "9@else.example"})
    assert found.verdict == Verdict.NOT_OURS
    assert "mx.far.example got it from 203.0.113.9" in found.verdict_reasons


def test_mail_older_than_the_log_is_outside_of_it():
    make.relayed_message(queued_at=at("2024-03-01 00:00"))
    found = verdict(reported={"message_id": "9@else.example", "date": at("2024-02-10 08:00")})
    assert found.verdict == Verdict.OUTSIDE_LOG
    assert "begins on 01 Mar 2024" in found.verdict_reasons[0]


def test_a_complaint_that_shows_nothing_says_what_to_ask_for():
    make.relayed_message(queued_at=NOON)
    found = verdict()
    assert found.verdict == Verdict.NO_EVIDENCE
    assert any("every Received line" in reason for reason in found.verdict_reasons)


def test_what_the_log_of_the_time_does_not_have_is_not_found():
    make.relayed_message(queued_at=NOON)
    found = verdict(reported={"message_id": "9@else.example", "date": NOON})
    assert found.verdict == Verdict.NOT_FOUND


def test_a_late_log_turns_waiting_into_a_link():
    found = verdict(reported={"message_id": "9@else.example", "date": NOON})
    assert found.verdict == Verdict.WAITING
    assert found.complaint.waiting_for_log_since == LATER
    make.relayed_message(message_id="9@else.example", queued_at=NOON)
    assert relink_waiting(now=at("2024-03-05 09:00")) == 1
    found.refresh_from_db()
    assert found.verdict == Verdict.LINKED
    assert found.verdict_reasons == []


@pytest.mark.parametrize(
    ("software", "queue_id", "fits"),
    [
        ("postfix", "3C1F2A8B04", True),
        ("postfix", "4Y6R9j2HN1zypcL", True),
        ("postfix", "5072Wnon016251", False),
        ("sendmail", "5072Wnon016251", True),
        ("sendmail", "MAA11111", True),
        ("sendmail", "4Y6R9j2HN1zypcL", False),
        ("exim", "1tABcd-000123-4E", True),
        ("exim", "1tABcd-00000001abC-1a2B", True),
        ("exim", "3C1F2A8B04", False),
        ("nonsuch", "3C1F2A8B04", None),
        ("postfix", "", False),
    ],
)
def test_queue_ids_have_the_form_of_the_software(software, queue_id, fits):
    assert queue_ids.fits(software, queue_id) is fits
