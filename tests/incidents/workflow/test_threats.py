"""A threat to refuse our mail: from a complaint, by a person; lifted by a person or an answer."""

import pytest
from django.db import transaction
from django.urls import reverse

from complaints.models import AuditEntry
from incidents.grouping import corrections, priorities
from incidents.models import Letter, Reply, Threat
from incidents.workflow import moves, planning, threats
from tests import make
from tests.make import at

pytestmark = pytest.mark.django_db
NOW = at("1998-01-20 05:00")
SENTENCE = "We will refuse all mail from your server unless this stops."


@pytest.fixture
def incident():
    make.organisation()
    made = make.incident()
    planning.plan_incident(made, now=NOW)
    return made


@pytest.fixture
def complaint(incident):
    made = make.joined(
        incident, threatens_block=True, notes=["odd", SENTENCE], answer_by=at("1998-01-22 12:00")
    )
    planning.plan_for_complaint(incident, made, now=NOW)
    return made


def answered(incident, text, received_at=NOW, number=1):
    task = incident.tasks.get(kind="threat")
    letter = Letter.objects.create(
        incident=incident,
        task=task,
        kind="threat",
        state=Letter.State.SENT,
        drafted_at=NOW,
        token=f"t{number}",
        message_id=f"m{number}",
    )
    mail = make.complaint(stage="filed", arrived_at=received_at)
    return Reply.objects.create(letter=letter, complaint=mail, received_at=received_at, text=text)


def told(incident, word="threat-"):
    entries = AuditEntry.objects.filter(incident_reference=incident.reference)
    return [one.action for one in entries.order_by("sequence") if one.action.startswith(word)]


def test_a_complaint_that_threatens_is_a_threat_with_its_sentence_and_deadline(incident, complaint):
    threat = Threat.objects.get()
    assert (threat.who, threat.sentence) == ("Ann Quarry", SENTENCE)
    assert threat.deadline == at("1998-01-22 12:00")
    planning.plan_for_complaint(incident, complaint, now=NOW)
    assert Threat.objects.count() == 1
    assert told(incident) == ["threat-noted"]


def test_its_task_is_due_by_their_deadline_where_that_is_sooner(incident):
    def due(answer_by):
        made = make.joined(incident, threatens_block=True, answer_by=answer_by, arrived_at=NOW)
        (task,) = planning.plan_for_complaint(incident, made, now=NOW)
        return task.due_at

    planned = at("1998-01-21 05:00")
    assert due(None) == planned
    assert due(at("1998-01-20 17:00")) == at("1998-01-20 17:00")
    assert due(at("1998-01-25 17:00")) == planned
    assert due(at("1998-01-20 04:00")) == planned  # over already: a time like any other


def test_the_outcome_of_its_task_is_the_threats(incident, complaint):
    task = incident.tasks.get(kind="threat")
    moves.complete(task, outcome="lifted", note="They wrote so.", by="lead", now=NOW)
    threat = Threat.objects.get()
    assert (threat.state, threat.outcome) == ("lifted", "They wrote so.")
    assert threat.ended_by == "lead"


@pytest.mark.parametrize(
    ("text", "lifts"),
    [
        ("Thank you. The block has been lifted this morning.", True),
        ("We have removed the filter.", True),
        ("ご連絡ありがとうございます。受信拒否を解除いたしました。", True),
        ("Die Sperre wurde aufgehoben.", True),
        ("We no longer refuse mail from your server.", True),
        ("The block will be lifted when it is fixed.", False),
        ("The block has not been lifted.", False),
        ("Has the block been lifted?", False),
        ("修正が確認でき次第、拒否を解除します。", False),
        ("> The block has been lifted.\nNo.", False),
        ("Thank you for your message.", False),
    ],
)
def test_only_a_plain_sentence_of_their_own_lifts_it(incident, complaint, text, lifts):
    reply = answered(incident, text)
    assert threats.read_answers(now=NOW) == lifts
    assert threats.read_answers(now=NOW) == 0
    threat = Threat.objects.get()
    assert (threat.state == "lifted") == lifts
    assert (threat.lifted_by == reply) == lifts


def test_an_answer_to_another_letter_lifts_nothing(incident, complaint):
    reply = answered(incident, "The block has been lifted.")
    Letter.objects.update(task=incident.tasks.get(kind="upstream"))
    assert threats.read_answers(now=NOW) == 0
    assert Threat.objects.open().exists()
    assert reply.lifted.count() == 0


def test_a_threat_that_was_lifted_counts_no_more_until_it_stands_again(incident, complaint):
    def weight():
        priorities.keep(now=NOW)
        incident.refresh_from_db()
        return [one["count"] for one in incident.priority_facts if one["fact"] == "threat"]

    threat = Threat.objects.get()
    assert weight() == [1]
    assert threats.end(threat, state="lifted", outcome="By telephone.", by="lead", now=NOW)
    assert not threats.end(threat, state="lifted", outcome="Again.", by="lead", now=NOW)
    assert weight() == []
    threats.reopen(threat, by="lead", now=NOW)
    assert weight() == [1]
    assert told(incident) == ["threat-noted", "threat-lifted", "threat-reopened"]


def test_a_threat_goes_with_its_complaint_and_comes_back_with_it(incident, complaint):
    other = make.incident(host=make.mail_host(name="other"))
    done = corrections.move(complaint, incident, other, by="lead", now=NOW)
    assert Threat.objects.get().incident == other
    corrections.undo(done, by="lead", now=NOW)
    assert Threat.objects.get().incident == incident


def test_a_threat_by_telephone_is_written_down_proven_and_ended_on_the_page(incident, client):
    client.force_login(make.user("agent"))
    page = reverse("incidents:blocking", args=[incident.reference])
    said = {"who": "Quarry mail", "sentence": "We block you on Friday.", "deadline": ""}
    client.post(reverse("incidents:record-threat", args=[incident.reference]), said)
    threat = Threat.objects.get()
    client.post(
        reverse("incidents:change-threat", args=[threat.pk]),
        {"condition": "Relaying ends.", "deadline": "1998-01-23T12:00"},
    )
    client.post(reverse("incidents:threat-proof", args=[threat.pk]), {"proof": "The verdict."})
    shown = client.get(page).content.decode()
    assert "Relaying ends." in shown
    assert "The verdict." in shown
    end = reverse("incidents:end-threat", args=[threat.pk])
    client.post(end, {"state": "carried-out", "outcome": "Bounces came."})
    threat.refresh_from_db()
    assert (threat.state, threat.ended_by) == ("carried-out", "agent")
    again = client.post(end, {"state": "lifted", "outcome": "x"}, follow=True)
    assert "It has ended already." in again.content.decode()
    client.force_login(make.user("reader", "reader"))
    assert client.post(end, {"state": "lifted", "outcome": "x"}).status_code == 403


def test_the_page_shows_the_letter_that_answers_it_and_the_report_names_no_reporter(
    incident, complaint, client
):
    answered(incident, "Thank you.")
    Letter.objects.update(subject="Where the fix stands", sent_at=NOW)
    client.force_login(make.user("agent"))
    shown = client.get(reverse("incidents:blocking", args=[incident.reference])).text
    assert "Where the fix stands" in shown
    report = client.get(reverse("incidents:incident-file", args=[incident.reference, "md"])).text
    assert "Who refuses our mail" in report
    assert "Ann Quarry" not in report.partition("Who refuses our mail")[2].partition("##")[0]


def test_the_page_asks_as_much_for_many_threats_as_for_few(
    incident, client, django_assert_max_num_queries
):
    client.force_login(make.user("agent"))
    with transaction.atomic():
        for _ in range(12):
            made = make.joined(incident, threatens_block=True)
            planning.plan_for_complaint(incident, made, now=NOW)
    with django_assert_max_num_queries(9):
        client.get(reverse("incidents:blocking", args=[incident.reference]))
