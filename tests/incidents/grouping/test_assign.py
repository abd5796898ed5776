"""Grouping: complaints find their incident by what they are linked to, and by content."""

import itertools

import pytest

from complaints.linking.link import link_complaint
from complaints.models import Complaint
from complaints.repeats import SameCopies
from incidents.grouping import belonging
from incidents.grouping.assign import group_complaint
from incidents.grouping.detect import detect_abuse
from incidents.models import Incident, IncidentComplaint, Task
from tests import make
from tests.make import at

NOW = at("1998-01-21 09:00")


@pytest.fixture(autouse=True)
def ourselves(db):
    make.organisation()
    make.mail_host()


def walked(**fields):
    """A complaint that was linked and grouped."""
    complaint = make.parsed_complaint(**fields)
    link_complaint(complaint, now=NOW)
    group_complaint(complaint, now=NOW)
    return complaint


def test_the_first_linked_complaint_opens_an_incident_with_its_tasks():
    make.relayed_message(message_id="1@riches.example", queue_id="MAA11111")
    complaint = walked(reported=[{"message_id": "1@riches.example"}])

    incident = Incident.objects.get()
    assert incident.origin == Incident.Origin.COMPLAINT
    assert incident.kind == "relay_abuse"
    assert "MAA11111 was relayed for a stranger by mail" in incident.why_opened
    assert complaint.stage == Complaint.Stage.GROUPED
    assert set(incident.tasks.values_list("kind", flat=True)) >= {"assess", "fix", "notice"}


def test_the_second_one_joins_it():
    for number in (1, 2):
        make.relayed_message(message_id=f"{number}@riches.example")
        walked(reported=[{"message_id": f"{number}@riches.example"}])
    assert Incident.objects.get().memberships.count() == 2


def test_a_complaint_without_evidence_is_left_open():
    complaint = walked(reported=[{"subject": "something else entirely"}])
    assert complaint.stage == Complaint.Stage.OPEN
    assert not Incident.objects.exists()


def test_a_complaint_that_cannot_be_linked_joins_by_its_subject():
    make.relayed_message(message_id="1@riches.example")
    walked(reported=[{"message_id": "1@riches.example", "subject": "Riches for everybody"}])
    late = walked(
        arrived_at=at("1998-01-22 10:00"), reported=[{"subject": "Re: Riches for everybody"}]
    )
    membership = IncidentComplaint.objects.get(complaint=late)
    assert membership.reasons[0]["fact"] == (
        "the subject is like that of others: “everybody”, “riches”, “for”"
    )


def test_two_spams_through_one_hole_are_two_campaigns_whatever_the_order():
    spams = {
        "a": ("winner@riches.example", "Riches for everybody"),
        "b": ("carl@envelope.example", "Riches for everybody"),
        "c": ("sales@tool.example", "The tool that sells"),
    }
    for order in itertools.permutations(spams):
        Incident.objects.all().delete()
        for name in order:
            sender, subject = spams[name]
            message_id = f"{name}-{'-'.join(order)}@spam.example"
            make.relayed_message(message_id=message_id, sender=sender)
            walked(reported=[{"message_id": message_id, "subject": subject, "header_from": sender}])
        campaigns = Incident.objects.get().campaigns.filter(merged_into=None)
        families = [set(campaign.values_of("sender")) for campaign in campaigns]
        assert {"sales@tool.example"} in families
        assert {"winner@riches.example", "carl@envelope.example"} in families
        assert len(families) == 2


def test_a_threat_gets_a_task_with_a_deadline_and_makes_the_incident_urgent():
    make.relayed_message(message_id="1@riches.example")
    complaint = walked(
        arrived_at=at("1998-01-21 03:00"),
        threatens_block=True,
        reported=[{"message_id": "1@riches.example"}],
    )
    task = Task.objects.get(kind="threat")
    assert task.complaint == complaint
    assert task.due_at == at("1998-01-22 03:00")
    assert Incident.objects.get().priority == Incident.Priority.URGENT


def test_a_flood_in_the_log_opens_the_incident_before_any_complaint():
    for number in range(30):
        make.relayed_message(recipients=[f"r{number}@far.example"])
    opened = detect_abuse(now=NOW)
    assert [incident.origin for incident in opened] == [Incident.Origin.LOG]
    assert detect_abuse(now=NOW) == []
    make.relayed_message(message_id="1@riches.example")
    walked(reported=[{"message_id": "1@riches.example"}])
    incident = Incident.objects.get()
    assert incident.memberships.count() == 1
    assert incident.campaigns.get().messages.count() == 31


def test_a_single_relay_test_opens_nothing():
    make.relayed_message()
    assert detect_abuse(now=NOW) == []
    assert not Incident.objects.exists()


def test_mail_relayed_after_the_fix_reopens_the_incident():
    for _ in range(30):
        make.relayed_message()
    incident = detect_abuse(now=NOW)[0]
    Incident.objects.filter(pk=incident.pk).update(
        state=Incident.State.FIXED, fixed_at=at("1998-01-22 09:00")
    )
    make.relayed_message(queued_at=at("1998-01-23 09:00"))
    detect_abuse(now=at("1998-01-23 09:05"))
    incident.refresh_from_db()
    assert incident.state == Incident.State.OPEN


@pytest.mark.parametrize(
    ("queued_at", "state"),
    [("1998-01-20 04:00", Incident.State.CLOSED), ("1998-03-01 04:00", Incident.State.OPEN)],
)
def test_a_complaint_of_later_mail_opens_a_closed_incident_again(queued_at, state):
    make.relayed_message(message_id="1@riches.example")
    walked(reported=[{"message_id": "1@riches.example"}])
    Incident.objects.update(state=Incident.State.CLOSED, closed_at=at("1998-02-20 04:00"))
    make.relayed_message(message_id="2@riches.example", queued_at=at(queued_at))

    walked(arrived_at=at("1998-03-01 09:00"), reported=[{"message_id": "2@riches.example"}])

    incident = Incident.objects.get()
    assert incident.memberships.count() == 2
    assert incident.state == state


def test_two_complaints_alike_open_an_incident_though_nothing_was_relayed():
    forged = {
        "subject": "Riches for everybody",
        "body_text": "Be rich by Friday, send five notes to the address below",
        "source_ip": "203.0.113.9",
    }
    first = walked(reported=[forged])
    assert first.stage == Complaint.Stage.OPEN

    second = walked(reported=[forged])

    first.refresh_from_db()
    assert first.stage == second.stage == Complaint.Stage.GROUPED
    incident = Incident.objects.get()
    assert incident.title.endswith("Riches for everybody")
    assert incident.memberships.count() == 2


def test_strangers_who_quote_the_subject_of_a_letter_open_nothing():
    quoted = {"subject": "Bulk mail from your network (I-1998-0001) [I-1998-0001:0123456789abcd]"}
    for _ in range(3):
        assert walked(reported=[quoted]).stage == Complaint.Stage.OPEN
    assert not Incident.objects.exists()


def test_one_mail_about_two_holes_is_in_both_incidents():
    make.relayed_message(message_id="1@riches.example")
    make.relayed_message(
        message_id="2@pills.example",
        direction="out",
        authenticated_user="ann@example.org",
        client_ip="203.0.113.77",
        sender="ann@example.org",
        queued_at=at("1998-01-20 05:00"),
    )
    both = walked(
        reported=[
            {"message_id": "1@riches.example", "subject": "Riches for everybody"},
            {
                "message_id": "2@pills.example",
                "subject": "Cheap pills for all of you",
                "header_from": "ann@example.org",
                "source_ip": "203.0.113.77",
            },
        ]
    )
    assert sorted(both.incidents.values_list("kind", flat=True)) == [
        "compromised_account",
        "relay_abuse",
    ]


def test_a_mail_in_a_thread_is_about_what_the_first_was_about():
    make.relayed_message(message_id="1@riches.example")
    first = walked(reported=[{"message_id": "1@riches.example"}])
    reply = walked(follows=first)
    assert reply.incidents.get() == first.incidents.get()


def test_the_first_of_a_thread_joins_when_a_later_mail_brings_the_evidence():
    make.relayed_message(message_id="1@riches.example")
    first = walked()
    assert first.stage == Complaint.Stage.OPEN
    walked(follows=first, reported=[{"message_id": "1@riches.example"}])
    first.refresh_from_db()
    assert first.incidents.get() == Incident.objects.get()


def test_what_a_machine_of_ours_does_is_an_incident_of_its_own():
    scan = {"source_ip": "192.0.2.77", "arrived_at": at("1998-01-20 05:00")}
    for number in range(2):
        walked(category="port-scan", reported=[scan], sender=f"fw{number}@far.example")
    incident = Incident.objects.get()
    assert incident.kind == "login_attack"
    assert incident.memberships.count() == 2


def test_who_reports_the_only_copy_of_a_message_a_second_time_repeats_the_first():
    make.relayed_message(message_id="1@riches.example")
    make.relayed_message(message_id="2@riches.example", recipient_count=9)
    one, many = ([{"message_id": f"{number}@riches.example"}] for number in (1, 2))
    first = walked(reported=one, arrived_at=at("1998-01-20 15:00"))
    assert walked(reported=one).duplicate_of == first
    walked(reported=many, arrived_at=at("1998-01-20 15:00"))
    assert walked(reported=many).stage == Complaint.Stage.GROUPED
    assert walked(reported=one, threatens_block=True).stage == Complaint.Stage.GROUPED


def test_two_machines_of_one_customer_are_two_incidents_though_the_excerpts_are_alike():
    excerpt = "May 3 04:00:11 gw sshd[77]: Failed password for root from outside, activity blocked"
    for address in ("192.0.2.77", "192.0.2.78"):
        for number in range(2):
            walked(
                category="login-attack",
                reported=[{"source_ip": address, "body_text": excerpt}],
                sender=f"fw{number}@far.example",
            )
    assert Incident.objects.count() == 2
    assert all(incident.memberships.count() == 2 for incident in Incident.objects.all())


def test_a_complaint_in_an_incident_is_no_repetition_when_grouped_again(monkeypatch):
    make.relayed_message(message_id="1@riches.example")
    first = walked(reported=[{"message_id": "1@riches.example"}])
    make.relayed_message(message_id="2@riches.example")
    second = walked(reported=[{"message_id": "2@riches.example"}])
    monkeypatch.setattr(SameCopies, "earlier_of", lambda self, complaint: first)
    Complaint.objects.filter(pk=second.pk).update(stage=Complaint.Stage.LINKED)
    second.refresh_from_db()

    assert group_complaint(second, now=NOW)

    second.refresh_from_db()
    assert second.stage == Complaint.Stage.GROUPED
    assert second.duplicate_of is None


@pytest.mark.parametrize(("state", "members"), [("OPEN", 2), ("CLOSED", 1)])
def test_by_its_content_alone_a_complaint_joins_no_closed_incident(state, members):
    make.relayed_message(message_id="1@riches.example")
    walked(reported=[{"message_id": "1@riches.example", "subject": "Riches for everybody"}])
    Incident.objects.update(state=Incident.State[state])
    walked(arrived_at=at("1998-01-22 10:00"), reported=[{"subject": "Riches for everybody"}])
    assert Incident.objects.get().memberships.count() == members


def test_a_likely_link_of_a_complaint_that_shows_nothing_is_left_to_a_person():
    def guessed(message, score, state="linked"):
        complaint = make.parsed_complaint()
        link_complaint(complaint, now=NOW)
        complaint.links.create(message=message, state=state, score=score, linked_at=NOW)
        group_complaint(complaint, now=NOW)
        return complaint

    make.relayed_message(message_id="1@riches.example")
    walked(reported=[{"message_id": "1@riches.example"}])
    message = make.relayed_message(message_id="2@riches.example", recipient_count=9)
    first = guessed(message, 0.85)
    assert first.stage == Complaint.Stage.OPEN
    meant = belonging.proposal_for(first)
    assert meant.incident == Incident.objects.get()
    assert guessed(message, 0.95).incidents.get() == Incident.objects.get()
    again = make.relayed_message(message_id="3@riches.example")
    assert guessed(again, 0.85, state="confirmed").incidents.get() == Incident.objects.get()
