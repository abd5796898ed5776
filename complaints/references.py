"""References people use: C-2026-000123 for a complaint, I-2026-0042 for an incident."""

from django.db.models import F

from complaints.models import ReferenceCounter


def next_reference(prefix: str, year: int, *, digits: int) -> str:
    """Take the next number of a year; see next_references."""
    return next_references(prefix, year, digits=digits, count=1)[0]


def next_references(prefix: str, year: int, *, digits: int, count: int) -> list[str]:
    """Take the next numbers of a year. Call it inside the transaction that saves their rows.

    The counter's row is locked until that transaction ends, so numbers neither clash nor
    skip when the transaction is rolled back.
    """
    counters = ReferenceCounter.objects.filter(prefix=prefix, year=year)
    if not counters.update(last=F("last") + count):
        ReferenceCounter.objects.get_or_create(prefix=prefix, year=year)
        counters.update(last=F("last") + count)
    last = counters.values_list("last", flat=True).get()
    return [f"{prefix}-{year}-{number:0{digits}d}" for number in range(last - count + 1, last + 1)]
