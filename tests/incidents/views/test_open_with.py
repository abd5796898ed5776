"""An incident that a person opens with messages found in the mail log."""

import pytest

from incidents.models import Incident
from tests import make


@pytest.fixture
def agent(client, db):
    make.organisation()
    client.force_login(make.user("agent"))
    return client


def test_chosen_messages_become_an_incident_with_its_tasks(agent):
    messages = [make.relayed_message() for _ in range(3)]
    address = "/maillog/?client_ip=198.51.100.7&since=1998-01-01T00:00"
    assert agent.get(address).content.count(b'name="message"') == 3

    said = {"message": [one.pk for one in messages], "title": "A burst at night"}
    answer = agent.post("/incidents/open/", said)

    opened = Incident.objects.get()
    assert answer.headers["Location"] == f"/incidents/{opened.reference}/"
    assert (opened.title, opened.origin) == ("A burst at night", "person")
    assert opened.campaigns.get().messages.count() == 3
    assert opened.tasks.exists()


def test_a_message_that_is_in_an_incident_is_not_taken_out_of_it(agent):
    message = make.relayed_message()
    make.campaign(make.incident(), message)
    agent.post("/incidents/open/", {"message": [message.pk], "title": "Again"})
    assert Incident.objects.count() == 1


def test_a_message_is_found_by_the_beginning_of_its_subject_and_its_time(agent):
    make.relayed_message(subject="Make money fast with this", queued_at=make.at("1998-01-20 04:00"))
    for asked, count in (
        ("subject=Make money fast", 1),
        ("subject=Make", 1),
        ("subject=Nothing", 0),
        ("since=1998-01-20T03:00&until=1998-01-20T05:00", 1),
        ("since=1998-01-21T03:00", 0),
    ):
        page = agent.get(f"/maillog/?{asked}").content.decode()
        assert page.count('id="message-') == count, asked
