"""Relinking: today's rules on what is in an incident, told before it is done."""

import pytest
from django.core.management import call_command

from complaints.linking.link import confirm_link, link_complaint
from complaints.linking.relink import relink
from complaints.models import AuditEntry, Complaint, Link
from tests import make
from tests.make import at

NOW = at("1998-01-21 09:00")


@pytest.fixture
def grouped(db):
    """A complaint in an incident, linked by an older table to another message than is meant."""
    make.organisation()
    make.mail_host()
    wrong = make.relayed_message(queue_id="MAA11111")
    make.relayed_message(queue_id="MAA22222", message_id="2@riches.example")
    complaint = make.parsed_complaint(reported=[{"message_id": "2@riches.example"}])
    link_complaint(complaint, now=NOW)
    complaint.links.update(message=wrong, weighed_by="0")
    Complaint.objects.filter(pk=complaint.pk).update(stage=Complaint.Stage.GROUPED)
    return complaint


def linked_to(complaint):
    return [link.message.queue_id for link in complaint.links.all()]


def test_a_preview_tells_what_would_change_and_changes_nothing(grouped):
    entries = AuditEntry.objects.count()

    (one,) = relink(now=NOW, dry_run=True)

    assert one.complaint == grouped.reference
    assert one.changes == (
        "message MAA11111 on mail: linked, now not found",
        "message MAA22222 on mail: not found, now linked",
    )
    assert linked_to(grouped) == ["MAA11111"]
    assert AuditEntry.objects.count() == entries


def test_then_it_is_done_noted_and_told_no_more(grouped):
    assert len(list(relink(now=NOW, dry_run=False))) == 1

    assert linked_to(grouped) == ["MAA22222"]
    assert AuditEntry.objects.filter(action="complaint-linked").count() == 2
    grouped.refresh_from_db()
    assert grouped.stage == Complaint.Stage.GROUPED
    assert not list(relink(now=NOW, dry_run=False))


def test_what_a_person_confirmed_is_not_looked_at_again(grouped):
    confirm_link(grouped.links.get(), by="agent", now=NOW)

    assert not list(relink(now=NOW, dry_run=False))
    assert linked_to(grouped) == ["MAA11111"]


def test_what_a_person_rejected_does_not_come_back(grouped):
    meant = grouped.links.create(
        message_id=Link.objects.get().message_id + 1, state="rejected", score=1, linked_at=NOW
    )
    list(relink(now=NOW, dry_run=False))

    assert [link.pk for link in grouped.links.all()] == [meant.pk]


def test_regroup_tells_of_it_and_does_it(grouped, capsys):
    call_command("regroup", "--dry-run")
    told = capsys.readouterr().out
    assert f"{grouped.reference}  would be linked otherwise" in told
    assert "1 would be linked otherwise; they stay where they are." in told
    assert linked_to(grouped) == ["MAA11111"]

    call_command("regroup")
    assert f"{grouped.reference}  linked otherwise" in capsys.readouterr().out
    assert linked_to(grouped) == ["MAA22222"]
