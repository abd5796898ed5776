"""What comes after the end: within ninety days the incident is open again, later one follows it."""

import pytest

from complaints.linking.link import link_complaint
from complaints.models import Complaint
from incidents.grouping.assign import group_complaint
from incidents.grouping.detect import detect_abuse
from incidents.models import Incident, IncidentKey
from tests import make
from tests.make import at

NOW = at("1998-01-21 09:00")
CLOSED_AT = at("1998-01-25 09:00")
RICHES = {"subject": "Riches for everybody", "body_text": "Five dollars to each of these names"}


@pytest.fixture(autouse=True)
def ourselves(db):
    make.organisation()
    make.mail_host()


def walked(message_id="", **fields):
    shown = RICHES | ({"message_id": message_id} if message_id else {})
    complaint = make.parsed_complaint(reported=[shown], **fields)
    link_complaint(complaint, now=NOW)
    group_complaint(complaint, now=NOW)
    complaint.refresh_from_db()
    return complaint


@pytest.fixture
def closed():
    """An incident of the relay `mail` that was closed."""
    make.relayed_message(message_id="1@riches.example", recipient_count=9)
    incident = walked("1@riches.example").incidents.get()
    state = Incident.State.CLOSED
    Incident.objects.filter(pk=incident.pk).update(state=state, closed_at=CLOSED_AT)
    return Incident.objects.get()


def later_mail(when):
    make.relayed_message(message_id="2@riches.example", recipient_count=9, queued_at=at(when))
    return walked("2@riches.example", arrived_at=at(when))


def test_mail_within_ninety_days_opens_it_again(closed):
    assert later_mail("1998-04-20 09:00").incidents.get() == closed
    closed.refresh_from_db()
    assert closed.state == Incident.State.OPEN


def test_mail_after_ninety_days_opens_a_follow_up_that_has_the_key(closed):
    late = later_mail("1998-06-20 09:00").incidents.get()
    assert late.follow_up_of == closed
    closed.refresh_from_db()
    assert closed.state == Incident.State.CLOSED
    assert set(IncidentKey.objects.filter(is_active=True).values_list("incident", flat=True)) == {
        late.pk
    }
    make.relayed_message(
        message_id="3@riches.example", recipient_count=9, queued_at=at("1998-06-20 11:00")
    )
    assert walked("3@riches.example", arrived_at=at("1998-06-20 12:00")).incidents.get() == late


def test_late_word_of_mail_from_before_the_end_joins_the_closed_one(closed):
    make.relayed_message(message_id="2@riches.example", recipient_count=9)
    late = walked("2@riches.example", arrived_at=at("1998-06-20 09:00"))
    assert late.incidents.get() == closed
    closed.refresh_from_db()
    assert closed.state == Incident.State.CLOSED


def test_what_only_looks_the_same_opens_a_follow_up(closed):
    first = walked(arrived_at=at("1998-02-01 09:00"))
    assert first.stage == Complaint.Stage.OPEN
    second = walked(arrived_at=at("1998-02-01 10:00"))
    assert second.incidents.get().follow_up_of == closed


def test_a_flood_long_after_the_end_is_a_follow_up(closed):
    for _ in range(30):
        make.relayed_message(queued_at=at("1998-07-01 04:00"))
    (opened,) = detect_abuse(now=at("1998-07-01 05:00"))
    assert opened.follow_up_of == closed


def test_both_pages_lead_to_each_other(closed, client):
    late = later_mail("1998-06-20 09:00").incidents.get()
    client.force_login(make.user("ann"))
    assert f"/incidents/{closed.reference}/" in client.get(f"/incidents/{late.reference}/").text
    assert (
        f"/incidents/{late.reference}/"
        in client.get(f"/incidents/{closed.reference}/neighbours/").text
    )
