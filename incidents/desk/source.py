"""Source: one kind of thing that waits for a person; a query, its order, and a row in words."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Q, QuerySet

from incidents.desk.item import Filters, Waiting

Rows = Callable[[datetime, Filters], "QuerySet[Any]"]


@dataclass(frozen=True, slots=True)
class Source:
    """One kind of thing that waits.

    at      the field that orders rows of one rank
    ranks   of its rows, ascending
    beyond  rows above a rank that lies between its own ranks
    stored  whether the rows are annotated with their rank and ordered by it first
    """

    name: str
    at: str
    ranks: tuple[int, ...]
    rows: Rows
    shown: Callable[[Any, datetime], Waiting]
    beyond: Callable[[datetime], Q] | None = None
    stored: bool = False

    @property
    def may_lack_time(self) -> bool:
        """Whether there may be rows without the time that orders them: these come last."""
        return self.at == "due_at"

    def in_order(self, now: datetime, filters: Filters) -> "QuerySet[Any]":
        """Its rows, most urgent first."""
        by = (F(self.at).asc(nulls_last=True), "pk")
        return self.rows(now, filters).order_by(*(("rank", *by) if self.stored else by))


def about(*parts: str) -> str:
    """Where a thing belongs, in a line."""
    return " · ".join(part for part in parts if part)
