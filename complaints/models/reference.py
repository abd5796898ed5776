"""ReferenceCounter: the last number given in a year, for C-2026-000123 and its like."""

from django.db import models


class ReferenceCounter(models.Model):
    """One row for each prefix and year; its update is the lock that keeps numbers unique."""

    prefix = models.CharField(max_length=8)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["prefix", "year"], name="reference_counter_once")
        ]

    def __str__(self) -> str:
        return f"{self.prefix}-{self.year}: {self.last}"
