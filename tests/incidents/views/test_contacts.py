"""The screen of whom to write to: what it offers is taken only as it stands there."""

import pytest

from incidents.models import Contact, Letter
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def incident(db):
    make.organisation()
    made = make.incident()
    message = make.relayed_message(client_ip="185.0.2.7", client_name="line9.slipstream.example")
    make.campaign(made, message)
    return made


def test_a_guess_is_taken_into_the_list_and_written_to(client, incident):
    client.force_login(make.user("agent"))
    page = f"/incidents/{incident.reference}"
    assert "abuse@slipstream.example" in client.get(f"{page}/contacts/").content.decode()
    said = {"about": "185.0.2.7", "source": "guess", "address": "abuse@slipstream.example"}
    client.post(f"{page}/confirm/", said)
    contact = Contact.objects.get()
    assert (contact.source, contact.confirmed_by, contact.networks) == (
        "guess",
        "agent",
        ["185.0.2.7"],
    )
    client.post(f"{page}/letters/")
    assert Letter.objects.get().to_address == "abuse@slipstream.example"


@pytest.mark.parametrize("other", [{"address": "x@evil.example"}, {"source": "person"}])
def test_what_is_not_offered_is_not_taken(client, incident, other):
    client.force_login(make.user("agent"))
    said = {"about": "185.0.2.7", "source": "guess", "address": "abuse@slipstream.example"}
    client.post(f"/incidents/{incident.reference}/confirm/", said | other)
    assert not Contact.objects.exists()


def test_letters_are_offered_once_somebody_is_known(client, incident):
    client.force_login(make.user("agent"))
    page, offer = f"/incidents/{incident.reference}", "Draft one letter for each"
    assert offer not in client.get(f"{page}/contacts/").content.decode()
    said = {"about": "185.0.2.7", "source": "guess", "address": "abuse@slipstream.example"}
    client.post(f"{page}/confirm/", said)
    assert offer in client.get(f"{page}/contacts/").content.decode()


def test_a_reader_sees_it_and_takes_nothing(client, incident):
    client.force_login(make.user("reader", "reader"))
    page = f"/incidents/{incident.reference}"
    assert "/confirm/" not in client.get(f"{page}/contacts/").content.decode()
    assert client.post(f"{page}/confirm/").status_code == 403
