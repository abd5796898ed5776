"""Complaints are linked together by a constant number of statements, as if one by one."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from complaints.linking import logged
from complaints.linking.link import link_complaint, link_complaints
from complaints.models import Complaint, Link
from complaints.querysets import OneByOne
from tests import make
from tests.make import at

NOON = at("1998-01-20 12:00")
LATER = at("1998-01-20 16:00")


@pytest.fixture(autouse=True)
def ourselves(db):
    make.organisation()
    make.mail_host()


def shown(number):
    """What a complaint shows of one message: by turns its ID, our line, its recipient, its time."""
    minute = NOON + timedelta(minutes=number)
    line = {"by": "mail.example.org", "from_ip": "198.51.100.7", "for_address": "", "raw": ""}
    line |= {"queue_id": f"ID{number:05}", "at": minute.isoformat()}
    return [
        {"message_id": f"{number}@riches.example"},
        {"hops": [line]},
        {"recipient": f"reader{number}@far.example", "date": minute},
        {"subject": f"Riches for everybody {number}", "date": minute},
    ][number % 4]


def complain(numbers):
    for number in numbers:
        if number % 2:
            make.relayed_message(
                queue_id=f"ID{number:05}",
                message_id=f"{number}@riches.example",
                queued_at=NOON + timedelta(minutes=number),
                recipients=[f"reader{number}@far.example"],
                subject=f"Riches for everybody {number}",
            )
    return [
        make.parsed_complaint(
            arrived_at=LATER, sender=f"reporter{number}@near.example", reported=[shown(number)]
        )
        for number in numbers
    ]


def statements(complaints):
    with CaptureQueriesContext(
        connection,
    ) as asked:
        link_complaints(complaints, now=LATER)
    return len(asked)


def test_a_batch_asks_as_often_whether_it_is_of_ten_or_of_fifty():
    few = complain(range(100, 110))
    many = complain(range(50))

    assert statements(few) == statements(many) < 45


def said(complaints):
    links = Link.objects.filter(complaint__in=complaints).order_by("complaint", "message")
    return [
        (link.message_id, link.state, round(link.score, 6), link.ahead_seconds, link.reasons)
        for link in links
    ] + [
        (one.verdict, one.verdict_reasons)
        for complaint in complaints
        for one in complaint.reported_messages.all()
    ]


def test_together_says_what_one_by_one_says():
    complaints = complain(range(24))
    link_complaints(complaints, now=LATER)
    together = said(complaints)
    Link.objects.all().delete()
    Complaint.objects.update(stage=Complaint.Stage.PARSED)

    for complaint in Complaint.objects.order_by("pk"):
        link_complaint(complaint, now=LATER)

    assert said(complaints) == together
    assert len(together) > 30


def test_what_is_too_much_for_many_is_looked_at_one_by_one(monkeypatch):
    monkeypatch.setattr(logged, "MOST_DELIVERIES", 1)
    complaints = complain(range(1, 9))

    with pytest.raises(OneByOne):
        link_complaints(complaints, now=LATER)

    assert all(link_complaint(complaint, now=LATER) for complaint in complaints)


def test_if_another_worker_has_one_of_them_none_is_linked():
    complaints = complain(range(1, 9))
    Complaint.objects.filter(pk=complaints[3].pk).update(stage=Complaint.Stage.QUARANTINED)

    with pytest.raises(OneByOne):
        link_complaints(complaints, now=LATER)

    assert not Link.objects.exists()
