"""References people use: C-2026-000123 for a complaint, I-2026-0042 for an incident."""

from django.db.models import F

from complaints.models import ReferenceCounter


def next_reference(prefix: str, year: int, *, digits: int) -> str:
    """Take the next number of a year. Call it inside the transaction that saves its row.

    The counter's row is locked until that transaction ends, so numbers neither clash nor
    skip when the transaction is rolled back.
    """
    counter, _ = ReferenceCounter.objects.get_or_create(prefix=prefix, year=year)
    ReferenceCounter.objects.filter(pk=counter.pk).update(last=F("last") + 1)
    counter.refresh_from_db()
    return f"{prefix}-{year}-{counter.last:0{digits}d}"
