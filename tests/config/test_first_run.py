"""An empty system says what it needs, and where each is set up."""

import pytest

from tests import make


@pytest.fixture
def lead(client, db):
    client.force_login(make.user("lead", role="lead"))
    return client


def test_an_empty_desk_leads_from_triage_to_what_it_needs(lead):
    assert b'href="/setup/"' in lead.get("/").content
    page = lead.get("/setup/").content.decode()
    assert "0 of 5 are there" in page
    assert "/admin/complaints/mailbox/add/" in page


def test_what_is_there_is_done(lead):
    make.organisation()
    make.mail_host()
    make.relayed_message()
    make.user("agent")
    assert "3 of 5 are there" in lead.get("/setup/").content.decode()


def test_the_findings_of_the_doctor_are_shown_when_asked_for(lead):
    assert "database" not in lead.get("/setup/").content.decode().split("doctor-title")[2]
    page = lead.get("/setup/?look=yes").content.decode()
    assert "badge-good" in page
    assert "<strong>database</strong>" in page
