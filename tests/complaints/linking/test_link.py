"""Links: from a complaint to the very message in the log, or the wait for the log."""

from datetime import timedelta

import pytest

from complaints.linking.link import (
    confirm_link,
    link_complaint,
    reject_link,
    relink_waiting,
)
from complaints.models import AuditEntry, Complaint, Link
from tests import make
from tests.make import at


@pytest.fixture(autouse=True)
def ourselves(db):
    make.organisation()
    make.mail_host()


def received(queue_id, moment):
    return {
        "helo": "riches",
        "from_name": "",
        "from_ip": "198.51.100.7",
        "by": "mail.example.org",
        "queue_id": queue_id,
        "with_protocol": "SMTP",
        "for_address": "",
        "at": at(moment).isoformat(),
        "raw": "",
        "envelope_from": "",
    }


def test_a_reused_queue_id_links_to_the_message_of_that_day():
    make.relayed_message(queue_id="MAA11111", queued_at=at("1998-01-19 12:00"))
    tuesday = make.relayed_message(queue_id="MAA11111", queued_at=at("1998-01-20 12:00"))
    complaint = make.parsed_complaint(
        reported=[{"hops": [received("MAA11111", "1998-01-20 12:00:01")]}]
    )

    assert link_complaint(complaint, now=at("1998-01-20 16:01"))

    link = complaint.links.get()
    assert link.message == tuesday
    assert link.state == Link.State.LINKED
    assert complaint.stage == Complaint.Stage.LINKED


def test_a_second_worker_links_nothing():
    make.relayed_message(message_id="1@riches.example")
    complaint = make.parsed_complaint(reported=[{"message_id": "1@riches.example"}])
    same = Complaint.objects.get(pk=complaint.pk)
    assert link_complaint(complaint, now=at("1998-01-20 16:01"))
    assert not link_complaint(same, now=at("1998-01-20 16:01"))
    assert AuditEntry.objects.filter(action="complaint-linked").count() == 1


def test_a_complaint_waits_for_a_late_log_and_is_linked_when_it_comes():
    complaint = make.parsed_complaint(
        reported=[{"message_id": "1@riches.example", "date": at("1998-01-20 12:00")}]
    )
    link_complaint(complaint, now=at("1998-01-20 16:01"))
    assert complaint.waiting_for_log_since == at("1998-01-20 16:01")
    Complaint.objects.filter(pk=complaint.pk).update(stage=Complaint.Stage.OPEN)

    make.relayed_message(message_id="1@riches.example", queued_at=at("1998-01-20 12:00"))
    assert relink_waiting(now=at("1998-01-20 18:00")) == 1

    complaint.refresh_from_db()
    assert complaint.links.get().state == Link.State.LINKED
    assert complaint.stage == Complaint.Stage.LINKED
    assert complaint.waiting_for_log_since is None


def test_what_a_person_rejected_never_comes_back():
    make.relayed_message(message_id="1@riches.example")
    complaint = make.parsed_complaint(reported=[{"message_id": "1@riches.example"}])
    link_complaint(complaint, now=at("1998-01-20 16:01"))
    reject_link(complaint.links.get(), by="agent", now=at("1998-01-20 17:00"))
    Complaint.objects.filter(pk=complaint.pk).update(stage=Complaint.Stage.PARSED)
    complaint.refresh_from_db()

    link_complaint(complaint, now=at("1998-01-20 17:01"))

    assert complaint.links.get().state == Link.State.REJECTED


def test_what_a_person_confirmed_stays_and_is_in_the_history():
    make.relayed_message(message_id="1@riches.example")
    complaint = make.parsed_complaint(reported=[{"message_id": "1@riches.example"}])
    link_complaint(complaint, now=at("1998-01-20 16:01"))
    confirm_link(complaint.links.get(), by="agent", now=at("1998-01-20 17:00"))
    assert complaint.links.get().state == Link.State.CONFIRMED
    assert AuditEntry.objects.get(action="link-confirmed").actor == "agent"


def test_linking_asks_a_constant_number_of_queries(django_assert_max_num_queries):
    for number in range(40):
        make.relayed_message(message_id="1@riches.example", recipients=[f"r{number}@far.example"])
    complaint = make.parsed_complaint(
        sender="r1@far.example", reported=[{"message_id": "1@riches.example"}]
    )
    with django_assert_max_num_queries(30):
        link_complaint(complaint, now=at("1998-01-20 16:01"))
    assert complaint.links.get().message.deliveries.get().recipient == "r1@far.example"


def test_an_id_that_our_own_second_host_gave_leads_to_where_the_mail_came_in():
    entry = make.mail_host(name="mx1", addresses=["192.0.2.10"])
    relay = make.mail_host(name="relay", addresses=["192.0.2.12"])
    moment = at("2024-03-04 12:00")
    first = make.relayed_message(
        host=entry,
        queue_id="4YbYwq4yDk",
        message_id="",
        queued_at=moment,
        sender="a@shop.example",
        recipients=["reader@far.example"],
    )
    make.relayed_message(
        host=relay,
        queue_id="50JMJWim05",
        message_id=f"202403041200.50JMJWim05@{relay.fqdn}",
        queued_at=moment - timedelta(seconds=23),
        client_ip="192.0.2.10",
        sender="a@shop.example",
        recipients=["reader@far.example"],
    )
    complaint = make.parsed_complaint(
        arrived_at=moment + timedelta(hours=1),
        reported=[{"message_id": f"202403041200.50JMJWim05@{relay.fqdn}"}],
    )

    assert link_complaint(complaint, now=moment + timedelta(hours=2))

    assert [(link.message, link.state) for link in complaint.links.all()] == [(first, "linked")]
