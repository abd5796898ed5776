"""The letter's page: what was read is what is approved, and no letter is stuck."""

import pytest

from incidents.correspondence import compose, outbox
from incidents.models import Letter, Notice
from incidents.notices import publish
from incidents.workflow import planning
from tests import make
from tests.make import at

pytestmark = pytest.mark.django_db
NOW = at("1998-01-22 06:00")
LATER = at("1998-01-22 07:00")


@pytest.fixture
def incident():
    make.organisation()
    made = make.incident()
    make.campaign(made, make.relayed_message(log_lines="a line"))
    planning.plan_incident(made, now=made.discovered_at)
    return made


@pytest.fixture
def letter(incident):
    complaint = make.joined(incident)
    planning.plan_for_complaint(incident, complaint, now=NOW)
    task = incident.tasks.get(kind="answer")
    return compose.draft_letter(incident, "answer", task=task, by="agent", now=NOW)


@pytest.fixture
def lead(client):
    client.force_login(make.user("lead", "lead"))
    return client


def shown_time(page):
    return page.split('name="as_of" value="')[1].split('"')[0]


def test_the_text_that_is_approved_is_the_text_that_was_on_the_screen(lead, letter):
    address = f"/letters/{letter.pk}/"
    read_at = shown_time(lead.get(address).content.decode())
    fields = {"subject": letter.subject, "to_address": letter.to_address}
    outbox.edit(letter, body="Not read by the lead.", **fields, by="agent", now=LATER)

    page = lead.post(f"{address}approve/", {"as_of": read_at}, follow=True).content.decode()
    assert "read it again" in page
    assert Letter.objects.get().state == Letter.State.DRAFT

    read_again_at = shown_time(page)
    lead.post(f"{address}approve/", {"as_of": read_again_at})
    assert Letter.objects.get().state == Letter.State.APPROVED


def test_the_same_holds_for_a_notice(lead, incident):
    agent = make.user("agent")
    notice = publish.draft_notice(incident, language="en", by=agent, now=NOW)
    read_at = shown_time(lead.get(f"/notices/{notice.reference}/edit/").content.decode())
    publish.edit(notice, title="New", body="Not read.", by=agent, now=LATER)
    lead.post(f"/notices/{notice.reference}/approve/", {"as_of": read_at})
    assert Notice.objects.get().state == Notice.State.DRAFT


def test_a_time_that_is_none_approves_nothing(lead, letter):
    lead.post(f"/letters/{letter.pk}/approve/", {"as_of": "yesterday"})
    assert Letter.objects.get().state == Letter.State.DRAFT


def test_a_letter_that_was_perhaps_sent_is_settled_by_a_person(lead, letter):
    Letter.objects.update(state=Letter.State.UNSURE)
    assert "It has arrived" in lead.get(f"/letters/{letter.pk}/").content.decode()
    lead.post(f"/letters/{letter.pk}/arrived/", {"note": "They called."})
    assert Letter.objects.get().state == Letter.State.SENT


def test_a_letter_that_came_back_becomes_a_draft_again(lead, letter):
    Letter.objects.update(state=Letter.State.FAILED)
    assert "Make it a draft again" in lead.get(f"/letters/{letter.pk}/").content.decode()
    lead.post(f"/letters/{letter.pk}/again/")
    after = Letter.objects.get()
    assert after.state == Letter.State.DRAFT
    assert after.message_id != letter.message_id


def test_all_answers_are_drafted_with_one_button(lead, incident):
    for _ in range(3):
        planning.plan_for_complaint(incident, make.joined(incident), now=NOW)
    page = lead.post(f"/incidents/{incident.reference}/answers/", follow=True).content.decode()
    assert "3 answers are drafted." in page
    assert Letter.objects.count() == 3
