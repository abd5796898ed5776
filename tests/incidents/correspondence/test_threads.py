"""The correspondence of an incident as threads: who wrote what when, and whose turn it is."""

import pytest

from incidents.correspondence import compose
from incidents.correspondence.threads import threads_of
from incidents.models import Letter, Reply
from incidents.workflow import planning
from tests import make

pytestmark = pytest.mark.django_db
NOW = make.at("1998-01-21 09:00")


@pytest.fixture
def incident():
    make.organisation()
    found = make.incident()
    planning.plan_incident(found, now=found.discovered_at)
    return found


def sent(incident, kind, to, *, at=NOW, **fields):
    letter = compose.draft_letter(incident, kind, by="agent", now=at, **fields)
    Letter.objects.filter(pk=letter.pk).update(state="sent", sent_at=at, to_address=to)
    letter.refresh_from_db()
    return letter


def replied(letter, text, *, kind="answer", at):
    complaint = make.complaint(stage="filed", arrived_at=at, subject=f"Re: {letter.subject}")
    return Reply.objects.create(
        letter=letter, complaint=complaint, received_at=at, text=text, kind=kind
    )


def test_letters_to_one_partner_and_their_answers_are_one_thread_in_order(incident):
    first = sent(incident, "upstream", "noc@isp.example", at=make.at("1998-01-21 09:00"))
    replied(first, "We look into it.", at=make.at("1998-01-21 12:00"))
    sent(incident, "upstream", "noc@isp.example", at=make.at("1998-01-22 09:00"))
    sent(incident, "csirt", "report@cert.example", at=make.at("1998-01-21 10:00"))

    threads, older = threads_of(incident)

    assert [len(thread.said) for thread in threads] == [3, 1]
    assert [said.is_ours for said in threads[0].said] == [True, False, True]
    assert threads[0].said[1].excerpt == "We look into it."
    assert not older


def test_an_answer_to_a_complaint_begins_with_the_complaint(incident):
    complaint = make.joined(incident, text="Please stop this.")
    planning.plan_for_complaint(incident, complaint, now=complaint.arrived_at)
    task = incident.tasks.get(complaint=complaint)
    compose.draft_letter(incident, "answer", task=task, by="agent", now=NOW)

    (thread,), _older = threads_of(incident)

    assert thread.with_reporter
    assert [said.is_ours for said in thread.said] == [False, True]
    assert thread.needs_us


def test_what_waits_for_us_comes_first(incident):
    answered = sent(incident, "upstream", "noc@isp.example", at=make.at("1998-01-21 09:00"))
    sent(incident, "csirt", "report@cert.example", at=make.at("1998-01-23 09:00"))
    assert [thread.needs_us for thread in threads_of(incident)[0]] == [False, False]

    replied(answered, "Stop it yourselves.", at=make.at("1998-01-21 12:00"))
    threads, _older = threads_of(incident)
    assert [thread.needs_us for thread in threads] == [True, False]
    assert threads[0].said[0].letter == answered


def test_a_delivery_report_does_not_wait_for_an_answer(incident):
    letter = sent(incident, "csirt", "report@cert.example")
    replied(letter, "delayed", kind="bounce", at=make.at("1998-01-21 12:00"))
    assert not threads_of(incident)[0][0].needs_us


def test_the_page_shows_threads_with_a_constant_number_of_queries(
    incident, django_assert_max_num_queries
):
    for number in range(5):
        letter = sent(incident, "csirt", f"report{number}@cert.example")
        replied(letter, "Thank you.", at=make.at("1998-01-21 12:00"))
    with django_assert_max_num_queries(2):
        assert len(threads_of(incident)[0]) == 5
