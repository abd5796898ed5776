"""A person finds in the mail log the message that a complaint is about."""

import pytest

from complaints.linking.link import link_complaint
from complaints.models import AuditEntry, Complaint, Link
from tests import make
from tests.make import at


@pytest.fixture
def case(db):
    make.organisation()
    make.mail_host()
    message = make.relayed_message(queue_id="MAA11111")
    complaint = make.parsed_complaint(reported=[{"message_id": "9@else.example"}])
    link_complaint(complaint, now=at("1998-01-20 17:00"))
    Complaint.objects.filter(pk=complaint.pk).update(stage=Complaint.Stage.OPEN)
    return complaint, message


def test_what_a_person_finds_is_linked_and_the_complaint_walks_on(client, case):
    complaint, message = case
    client.force_login(make.user("agent"))
    page = client.get(f"/maillog/?complaint={complaint.reference}&queue_id=MAA11111")
    address = f"/complaints/{complaint.reference}/link/{message.pk}/"
    assert address in page.content.decode()
    client.post(address)
    link = complaint.links.get()
    assert (link.message, link.state) == (message, Link.State.CONFIRMED)
    complaint.refresh_from_db()
    assert complaint.stage == Complaint.Stage.LINKED
    assert AuditEntry.objects.get(action="link-by-hand").actor == "agent"


def test_a_reader_may_not_link(client, case):
    complaint, message = case
    client.force_login(make.user("reader", role="reader"))
    client.post(f"/complaints/{complaint.reference}/link/{message.pk}/")
    assert not complaint.links.exists()
    page = client.get(f"/maillog/?complaint={complaint.reference}&queue_id=MAA11111")
    assert "/link/" not in page.content.decode()
