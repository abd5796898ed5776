"""A fix as an object: what a person may record, what follows, and two fixes of one incident."""

from datetime import timedelta

import pytest
from django.urls import reverse

from complaints.models import AuditEntry
from incidents.models import Fix, ProbeRun
from incidents.verification.fixes import record_fix
from incidents.workflow import fixed, moves
from tests import make
from tests.make import at

SEEN, NOW = at("1998-01-20 05:00"), at("1998-01-25 02:00")
pytestmark = pytest.mark.django_db


@pytest.fixture
def incident():
    made = make.incident(first_seen_at=SEEN)
    make.task(made, "fix")
    return made


def record(incident, **changes):
    said = {
        "kind": Fix.Kind.BLOCK_LIST,
        "what": "Three senders are blocked.",
        "done_by": "the vendor",
        "done_at": at("1998-01-25 01:24"),
    }
    return record_fix(incident, **said | changes, by="lead", now=changes.pop("now", NOW))


def test_a_recorded_fix_finishes_its_task_and_is_verified_minutes_later(incident):
    fix = record(incident)
    incident.refresh_from_db()
    assert (fix.recorded_at, fix.recorded_by) == (NOW, "lead")
    assert incident.tasks.get(kind="fix").outcome_note == "Three senders are blocked."
    assert incident.next_verification_at == NOW + moves.VERIFIED_AFTER
    assert fixed.fixed_since(incident, by_then=NOW) == at("1998-01-25 01:24")
    told = AuditEntry.objects.get(action="fix-recorded")
    assert told.details["done_by"] == "the vendor"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"done_at": NOW + timedelta(minutes=1)}, "still to come"),
        ({"done_at": SEEN - timedelta(minutes=1)}, "before the abuse was seen"),
    ],
)
def test_a_fix_that_cannot_be_one_is_refused(incident, changes, why):
    with pytest.raises(moves.NotAllowed, match=why):
        record(incident, **changes)
    assert not Fix.objects.exists()
    assert incident.tasks.get(kind="fix").is_open


def test_a_closed_incident_takes_no_fix(incident):
    incident.state = "closed"
    with pytest.raises(moves.NotAllowed, match="closed"):
        record(incident)


def test_two_fixes_of_an_incident_are_told_apart(incident):
    first = record(incident)
    later = at("1998-01-30 09:05")
    second = record_fix(
        incident, kind=Fix.Kind.UPGRADE, what="A new sendmail.", done_by="the vendor",
        done_at=later, by="lead", now=later + timedelta(minutes=2),
    )  # fmt: skip
    assert fixed.last_fix(incident, by_then=at("1998-01-26 02:00")) == first
    assert fixed.last_fix(incident, by_then=at("1998-01-31 02:00")) == second
    assert fixed.fixed_since(incident, by_then=at("1998-01-31 02:00")) == later


def test_the_screen_shows_each_fix_with_its_kind_and_what_it_was_worth(client, incident):
    client.force_login(make.user("lea", "lead"))
    address = reverse("incidents:record-fix", args=[incident.reference])
    client.post(address, {"kind": "block-list", "what": "Three senders", "done_by": "vendor"})
    fix = Fix.objects.get()
    ProbeRun.objects.create(
        incident=incident, fix=fix, started_at=NOW, finished_at=NOW, started_by="lead",
        verdict="partial",
    )  # fmt: skip
    page = client.get(reverse("incidents:incident", args=[incident.reference])).content.decode()
    assert "senders or addresses blocked by name" in page
    assert "Three senders" in page
