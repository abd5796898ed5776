"""The history: one chain, in which every change, gap and insertion shows."""

import threading

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import F

from complaints import audit
from complaints.models import AuditEntry
from tests import make
from tests.make import at

NOW = at("1998-01-20 16:00")


@pytest.fixture
def chain(db):
    """A history of five entries about one complaint."""
    complaint = make.complaint()
    for number in range(5):
        audit.record("looked-at", complaint, at=NOW, by="lead", number=number)
    return complaint


def test_an_entry_tells_who_did_what_to_which_row(db):
    complaint, lead = make.complaint(), make.user("lead")

    by_hand = audit.record("looked-at", complaint, at=NOW, by=lead, why="asked to")
    by_itself = audit.record("moved-on", complaint, at=NOW)

    assert (by_hand.actor, by_hand.user, by_hand.details) == ("lead", lead, {"why": "asked to"})
    assert (by_itself.actor, by_itself.user) == ("Meyasu", None)
    assert list(audit.entries_of(complaint)) == [by_hand, by_itself]
    assert by_hand.subject_reference == complaint.reference


def test_an_untouched_history_holds(chain):
    assert list(audit.verify()) == []
    assert list(audit.verify(audit.head())) == []


def test_a_person_may_be_deleted_without_breaking_the_chain(db):
    lead = make.user("lead")
    audit.record("looked-at", make.complaint(), at=NOW, by=lead)

    lead.delete()

    assert list(audit.verify()) == []
    assert AuditEntry.objects.get().actor == "lead"


CHANGES = {
    "at": at("1998-01-21 16:00"),
    "actor": "somebody else",
    "action": "not-looked-at",
    "subject_kind": "incident",
    "subject_reference": "C-1998-999999",
    "incident_reference": "I-1998-0001",
    "details": {"number": 7},
    "previous_hash": "0" * 64,
    "entry_hash": "f" * 64,
}


@pytest.mark.parametrize("name", sorted(CHANGES))
def test_a_changed_entry_is_found_where_it_is(chain, name):
    AuditEntry.objects.filter(sequence=3).update(**{name: CHANGES[name]})

    assert next(audit.verify()).sequence == 3


def test_a_deleted_entry_is_found(chain):
    AuditEntry.objects.filter(sequence=3).delete()

    found = next(audit.verify())

    assert (found.sequence, found.why) == (4, "entry 3 is missing")


def test_a_deleted_entry_is_found_though_the_rest_was_numbered_anew(chain):
    AuditEntry.objects.filter(sequence=3).delete()
    for entry in AuditEntry.objects.filter(sequence__gt=3).order_by("sequence"):
        AuditEntry.objects.filter(pk=entry.pk).update(sequence=F("sequence") - 1)

    assert next(audit.verify()).sequence == 3


def test_an_end_that_was_cut_off_is_found_by_the_head_that_was_kept(chain):
    head = audit.head()
    AuditEntry.objects.filter(sequence__gt=3).delete()

    assert list(audit.verify()) == []
    assert next(audit.verify(head)).sequence == 5


def test_a_chain_made_anew_is_found_by_the_head_that_was_kept(chain):
    head = audit.head()
    AuditEntry.objects.all().delete()
    for number in range(5):
        audit.record("forged", chain, at=NOW, number=number)

    assert next(audit.verify(head)).sequence == 5


def test_details_may_hold_what_a_database_refuses(chain):
    audit.record("odd", chain, at=NOW, said="NUL \x00, surrogate \udc80", more=[{"a": "\x00"}])

    entry = AuditEntry.objects.get(action="odd")
    assert "\x00" not in str(entry.details)
    assert list(audit.verify()) == []


def test_numbers_in_details_survive_the_database(chain):
    audit.record("counted", chain, at=NOW, score=0.953, none=None, many=10**15, yes=True)

    assert list(audit.verify()) == []


def test_writers_at_once_make_one_chain(transactional_db):
    complaint = make.complaint()

    def write():
        try:
            for _ in range(10):
                with transaction.atomic():
                    audit.record("looked-at", complaint, at=NOW)
        finally:
            connection.close()

    writers = [threading.Thread(target=write) for _ in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert AuditEntry.objects.count() == 30
    assert list(audit.verify()) == []


def test_the_command_says_whether_the_chain_holds(chain, capsys):
    call_command("audit", "verify")
    said = capsys.readouterr().out
    assert said.startswith("5 entries, unbroken. Head: 5:")

    AuditEntry.objects.filter(sequence=2).update(actor="somebody else")
    with pytest.raises(CommandError, match="Entry 2 of the history: its content does not fit"):
        call_command("audit", "verify")
    with pytest.raises(CommandError, match="64 hexadecimal digits"):
        call_command("audit", "verify", "--head", "5")
