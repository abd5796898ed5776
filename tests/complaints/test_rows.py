"""Many rows written at once: each gets its own values, of every kind, and no value is cut."""

import pytest
from django.db import DatabaseError, transaction

from complaints import rows
from complaints.models import Complaint, ReportedMessage
from tests import make
from tests.make import at


def test_many_rows_are_updated_each_with_its_own_values(db, monkeypatch):
    monkeypatch.setattr(rows, "UPDATED_AT_ONCE", 2)
    complaints = [make.parsed_complaint(reported=[{}]) for _ in range(5)]
    reported = [one.reported_messages.get() for one in complaints]
    for number, (complaint, one) in enumerate(zip(complaints, reported, strict=True)):
        complaint.waiting_for_log_since = at(f"2024-03-0{number + 1} 12:00") if number else None
        one.verdict = ReportedMessage.Verdict.NOT_OURS if number % 2 else ""
        one.verdict_reasons = [f"{number} %s “odd”"] if number else []
    rows.update(complaints, ["waiting_for_log_since"])
    rows.update(reported, ["verdict", "verdict_reasons"])

    for complaint, one in zip(complaints, reported, strict=True):
        stored = Complaint.objects.get(pk=complaint.pk)
        assert stored.waiting_for_log_since == complaint.waiting_for_log_since
        again = stored.reported_messages.get()
        assert (again.verdict, again.verdict_reasons) == (one.verdict, one.verdict_reasons)


def test_a_text_that_is_too_long_is_refused_not_cut(db):
    one = make.parsed_complaint(reported=[{}]).reported_messages.get()
    one.verdict = "x" * 21
    if rows.connection.vendor != "postgresql":  # SQLite knows no length of a text
        rows.update([one], ["verdict"])
        assert ReportedMessage.objects.get(pk=one.pk).verdict == one.verdict
        return
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.update([one], ["verdict"])
