"""Invented cases: as many as asked for, the same each time, and never among somebody's own."""

import pytest
from django.core.management import CommandError, call_command

from complaints.models import Complaint, Link, RelayedMessage
from incidents import seeding
from incidents.models import Incident, IncidentComplaint
from incidents.playbooks import registry
from tests import make

pytestmark = pytest.mark.django_db
NOW = make.at("2024-03-08 12:00")


def seed(complaints: int, log_lines: int) -> seeding.Seeded:
    return seeding.seed(
        complaints, log_lines, now=NOW, number=7, progress=lambda what, done, of: None
    )


def test_the_tables_are_filled_as_a_desk_has_them():
    seeded = seed(300, 3000)

    assert (seeded.complaints, seeded.messages, seeded.incidents) == (300, 600, 7)
    assert Complaint.objects.count() == 300
    assert RelayedMessage.objects.count() == 600
    grouped = Complaint.objects.filter(stage=Complaint.Stage.GROUPED)
    assert IncidentComplaint.objects.count() == grouped.count() > 150
    assert Link.objects.count() > 100
    assert {link.complaint.stage for link in Link.objects.select_related("complaint")} == {
        "grouped"
    }
    assert not Complaint.objects.filter(arrived_at__gt=NOW).exists()


def test_open_incidents_have_their_tasks(monkeypatch):
    monkeypatch.setattr(seeding, "SHARE_OPEN", 1.0)

    seed(40, 100)

    incident = Incident.objects.get()
    plans = registry.playbook(incident.kind).tasks
    planned = {plan.kind for plan in plans if not plan.for_each}
    assert incident.kind == registry.playbook(incident.kind).kind
    assert {task.kind for task in incident.tasks.all()} == planned


def test_a_desk_in_use_is_left_alone():
    make.organisation(name="Ministry")

    with pytest.raises(CommandError, match="is that of Ministry: seed an empty one"):
        call_command("seed", complaints=10, log_lines=10)

    assert not Complaint.objects.exists()


def test_it_may_be_seeded_further():
    seed(50, 100)
    seed(50, 100)

    assert Complaint.objects.count() == 100
