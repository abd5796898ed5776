"""Regrouping: today's rules move what is in no incident, and only tell of what is in one."""

import pytest
from django.core.management import call_command

from complaints.linking.link import link_complaint
from complaints.models import AuditEntry, Complaint
from incidents.grouping.assign import group_complaint
from incidents.grouping.regroup import Change, differing, regroup
from incidents.models import Incident, IncidentComplaint, IncidentKey, Task
from tests import make
from tests.make import at

NOW = at("1998-01-21 09:00")
SPAM = {"message_id": "1@riches.example"}


@pytest.fixture(autouse=True)
def ourselves(db):
    make.organisation()
    make.mail_host()


def walked(**fields):
    """A complaint that was linked and grouped by the rules of the day it came."""
    complaint = make.parsed_complaint(**fields)
    link_complaint(complaint, now=NOW)
    group_complaint(complaint, now=NOW)
    return complaint


@pytest.fixture
def in_no_incident():
    """A complaint whose message became known only after it was grouped."""
    complaint = walked(reported=[SPAM])
    assert complaint.stage == Complaint.Stage.OPEN
    make.relayed_message(message_id="1@riches.example", queue_id="MAA11111")
    return complaint


def relay_incident():
    """The incident of the relay host `mail`."""
    incident = make.incident()
    IncidentKey.objects.create(incident=incident, kind="relay-host", value="mail", reason="relays")
    return incident


def test_what_the_rules_tie_today_joins_its_incident(in_no_incident):
    incident = relay_incident()

    (change,) = regroup(now=NOW, dry_run=False)

    assert (change.change, change.incident) == (Change.JOINS, incident.reference)
    assert change.reasons == ("message MAA11111 was relayed for a stranger by mail",)
    assert in_no_incident.incidents.get() == incident
    in_no_incident.refresh_from_db()
    assert in_no_incident.stage == Complaint.Stage.GROUPED
    assert in_no_incident.links.get().message.queue_id == "MAA11111"


def test_an_incident_that_is_not_there_yet_is_opened_with_its_tasks(in_no_incident):
    (change,) = regroup(now=NOW, dry_run=False)

    assert change.change == Change.OPENS
    assert Task.objects.filter(incident=Incident.objects.get()).exists()


def test_a_dry_run_tells_the_same_and_changes_nothing(in_no_incident):
    incident = relay_incident()
    entries = AuditEntry.objects.count()

    (change,) = regroup(now=NOW, dry_run=True)

    assert (change.change, change.incident) == (Change.JOINS, incident.reference)
    in_no_incident.refresh_from_db()
    assert in_no_incident.stage == Complaint.Stage.OPEN
    assert not in_no_incident.links.exists()
    assert not IncidentComplaint.objects.exists()
    assert AuditEntry.objects.count() == entries


def test_a_second_time_there_is_nothing_to_change(in_no_incident):
    assert list(regroup(now=NOW, dry_run=False))
    assert not list(regroup(now=NOW, dry_run=False))
    assert IncidentComplaint.objects.count() == 1


def test_one_that_was_alone_follows_another_that_is_linked_now():
    alike = {"subject": "Riches for everybody", "header_from": "winner@riches.example"}
    early = walked(reported=[alike], arrived_at=at("1998-01-20 12:00"))
    assert early.stage == Complaint.Stage.OPEN
    make.relayed_message(message_id="1@riches.example", queue_id="MAA11111")

    late = walked(reported=[SPAM | alike], arrived_at=at("1998-01-20 18:00"))

    early.refresh_from_db()
    assert early.stage == Complaint.Stage.GROUPED
    assert early.incidents.get() == late.incidents.get()
    assert not list(regroup(now=NOW, dry_run=False))


def test_the_history_tells_of_no_look_that_found_nothing():
    complaint = walked(reported=[{"message_id": "unknown@far.example"}])
    entries = AuditEntry.objects.count()

    assert not list(regroup(now=NOW, dry_run=False))

    complaint.refresh_from_db()
    assert complaint.stage == Complaint.Stage.OPEN
    assert AuditEntry.objects.count() == entries


def test_a_link_that_a_person_rejected_does_not_come_back(in_no_incident):
    message = make.relayed_message(queue_id="MAA22222")
    in_no_incident.links.create(message=message, state="rejected", score=0.9, linked_at=NOW)
    in_no_incident.reported_messages.update(message_id=message.message_id)

    assert not list(regroup(now=NOW, dry_run=False))
    assert in_no_incident.links.get().state == "rejected"


def test_a_complaint_in_an_incident_stays_and_is_told_of():
    make.relayed_message(message_id="1@riches.example", queue_id="MAA11111")
    complaint = walked(reported=[SPAM])
    first = complaint.incidents.get()
    second = make.incident(title="another one")
    IncidentKey.objects.update(incident=second)

    (change,) = differing()

    assert (change.complaint, change.change) == (complaint.reference, Change.DIFFERS)
    assert change.incident == second.reference
    assert complaint.incidents.get() == first


def test_what_a_person_decided_is_not_questioned():
    make.relayed_message(message_id="1@riches.example", queue_id="MAA11111")
    complaint = walked(reported=[SPAM])
    complaint.memberships.update(joined_by="ann", incident=make.incident(title="another one"))

    assert not list(differing())


def test_a_complaint_whose_incident_went_into_another_is_where_it_belongs():
    make.relayed_message(message_id="1@riches.example", queue_id="MAA11111")
    complaint = walked(reported=[SPAM])
    whole = make.incident(title="the whole of it")
    Incident.objects.exclude(pk=whole.pk).update(merged_into=whole)
    complaint.memberships.update(incident=whole)

    assert not list(differing())


def test_the_command_says_what_would_move_and_why(in_no_incident, capsys):
    incident = relay_incident()

    call_command("regroup", "--dry-run")

    told = [line.split("  ") for line in capsys.readouterr().out.splitlines()]
    cells = [[cell.strip() for cell in line if cell.strip()] for line in told]
    assert cells == [
        ["complaint", "is in", "by today's rules", "why"],
        [
            in_no_incident.reference,
            "no incident",
            f"would join {incident.reference}",
            "message MAA11111 was relayed for a stranger by mail",
        ],
        ["1 would change, 0 stay though the rules name another incident."],
        ["Others that are like these may follow them."],
    ]
    assert not IncidentComplaint.objects.exists()

    call_command("regroup")
    assert f"joins {incident.reference}" in capsys.readouterr().out


def test_a_message_that_may_be_meant_is_proposed_and_moves_nothing():
    """A sender and a time alone are no proof."""
    complaint = walked(
        reported=[{"envelope_from": "winner@riches.example", "date": at("1998-01-20 04:00")}]
    )
    make.relayed_message(queue_id="MAA11111")
    make.relayed_message(queue_id="MAA22222")

    (change,) = regroup(now=NOW, dry_run=False)

    assert (change.change, change.incident) == (Change.LINKS, "")
    assert len(change.reasons) == 2
    assert change.reasons[0].startswith("proposed: message MAA11111")
    complaint.refresh_from_db()
    assert complaint.stage == Complaint.Stage.OPEN
    assert not complaint.incidents.exists()
