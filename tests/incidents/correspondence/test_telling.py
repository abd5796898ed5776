"""Reporters are told by one approved text, each of the own mail only, and once a day at most."""

from datetime import timedelta

import pytest

from complaints.models import RelayedMessage, ReportedMessage
from incidents.correspondence import outbox, telling
from incidents.correspondence.draft import Draft
from incidents.models import Letter, Telling
from incidents.workflow.moves import NotAllowed
from tests.incidents.correspondence.conftest import NOW
from tests.make import at

pytestmark = pytest.mark.django_db


@pytest.fixture
def reporters(incident, complain):
    """Two people, of whom one's message was found and one writes Japanese; a machine; one twice."""
    message = RelayedMessage.objects.order_by("pk")[0]
    ann = complain(message, sender="ann@quarry.example", sender_name="Ann Quarry")
    ken = complain(sender="ken@minato.example", sender_name="港 健", language="ja")
    complain(sender="noreply@robot.example")
    complain(sender="Ann@quarry.example", sender_name="Ann Quarry")
    return ann, ken


def told(incident, occasion, agent, lead, now=NOW):
    made = telling.draft_telling(incident, occasion, by=agent, now=now)
    telling.approve(made, by=lead, now=now)
    return made


def test_each_gets_a_letter_of_the_own_and_nobody_sees_another(
    incident, reporters, agent, lead, sink
):
    told(incident, "linked", agent, lead)
    assert outbox.send_due(now=NOW) == 2
    ann, ken = Letter.objects.order_by("pk")
    assert [ann.to_address, ken.to_address] == ["ann@quarry.example", "ken@minato.example"]
    assert ann.answers == reporters[0]
    assert "Ann Quarry" in ann.body
    assert "minato" not in ann.body
    assert "港 健 様" in ken.body
    assert "queue ID" in ann.body
    assert "quarry" not in ken.body
    assert [len(mail.recipients) for mail in sink.mails] == [1, 1]
    assert all(b"Auto-Submitted: auto-replied" in mail.raw for mail in sink.mails)


def test_nobody_is_told_more_than_once_a_day(incident, reporters, agent, lead, sink):
    told(incident, "linked", agent, lead)
    outbox.send_due(now=NOW)
    incident.fixed_at = NOW
    incident.save()
    told(incident, "fixed", agent, lead, now=NOW + timedelta(hours=1))
    assert outbox.send_due(now=NOW + timedelta(hours=2)) == 0
    assert outbox.send_due(now=NOW + timedelta(hours=25)) == 2


def test_nothing_is_claimed_before_it_is_so(incident, agent):
    for occasion in ("fixed", "closed"):
        with pytest.raises(NotAllowed, match="nobody can be told so"):
            telling.draft_telling(incident, occasion, by=agent, now=NOW)


def test_not_ours_goes_with_its_proof_to_those_whose_mail_it_was_and_nothing_else_does(
    incident, reporters, agent, lead
):
    ReportedMessage.objects.create(
        complaint=reporters[1],
        number=1,
        where="attached message 1",
        verdict=ReportedMessage.Verdict.NOT_OURS,
        verdict_reasons=["the line that names our host is forged: no message had its queue ID"],
    )
    told(incident, "not-ours", agent, lead)
    letter = Letter.objects.get()
    assert letter.answers == reporters[1]
    assert "is forged" in letter.body
    told(incident, "linked", agent, lead)
    assert not Letter.objects.filter(telling__occasion="linked", answers=reporters[1]).exists()


def test_a_second_person_approves_what_was_read_and_once(incident, reporters, agent, lead):
    made = telling.draft_telling(incident, "linked", by=agent, now=NOW)
    with pytest.raises(NotAllowed, match="you wrote it"):
        telling.approve(made, by=agent, now=NOW)
    with pytest.raises(NotAllowed, match="draft of this already"):
        telling.draft_telling(incident, "linked", by=agent, now=NOW)
    read = Telling.objects.get()
    text = {"en": Draft("Hello", "Dear $reporter, $status", "en")}
    telling.edit(made, text, by=agent, now=NOW + timedelta(minutes=1))
    with pytest.raises(NotAllowed, match="read it again"):
        telling.approve(read, by=lead, now=NOW)
    telling.approve(made, by=lead, now=NOW)
    with pytest.raises(NotAllowed, match="read it again"):
        telling.approve(made, by=lead, now=NOW)
    assert Letter.objects.count() == 2


@pytest.mark.parametrize("slot", ["$password", "${__class__}", "$ 5", "$reporter_"])
def test_a_text_can_name_facts_and_nothing_more(incident, reporters, agent, slot):
    made = telling.draft_telling(incident, "linked", by=agent, now=NOW)
    with pytest.raises(NotAllowed, match="no placeholder"):
        telling.edit(made, {"en": Draft("x", f"costs {slot}", "en")}, by=agent, now=NOW)


def test_a_fact_that_is_not_known_stops_them_all(incident, reporters, agent, lead):
    made = telling.draft_telling(incident, "linked", by=agent, now=NOW)
    telling.edit(made, {"en": Draft("x", "fixed at $fixed_at", "en")}, by=agent, now=NOW)
    with pytest.raises(NotAllowed, match="fixed_at"):
        telling.approve(made, by=lead, now=at("1998-01-24 00:00"))
    assert not Letter.objects.exists()
