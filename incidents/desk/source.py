"""Source: one kind of thing that waits for a person; a query, its order, and a row in words."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db.models import DateTimeField, F, Q, QuerySet
from django.urls import reverse

from complaints.prepared import Bound
from incidents.desk.item import Filters, Moments, Waiting

Rows = Callable[[Moments, Filters], "QuerySet[Any]"]
# Stands in an address where a reference does.
A_REFERENCE = "A-0"
BOUND = Moments(Bound("now", DateTimeField()), Bound("soon", DateTimeField()))
MOST_FACTS = 2


@dataclass(frozen=True, slots=True)
class Source:
    """One kind of thing that waits.

    at      the field that orders rows of one rank
    ranks   of its rows, ascending
    fields  what a row has, as for values_list
    shown   puts a row with these fields into words
    beyond  rows above a rank that lies between its own ranks
    stored  whether the rows are annotated with their rank and ordered by it first
    """

    name: str
    at: str
    ranks: tuple[int, ...]
    rows: Rows
    fields: tuple[str, ...]
    shown: Callable[[Any, Moments], Waiting]
    beyond: Callable[[Moments], Q] | None = None
    stored: bool = False

    @property
    def may_lack_time(self) -> bool:
        """Whether there may be rows without the time that orders them: these come last."""
        return self.at == "due_at"

    def in_order(self, at: Moments, filters: Filters) -> "QuerySet[Any]":
        """Its rows, most urgent first."""
        by = (F(self.at).asc(nulls_last=True), "pk")
        return self.rows(at, filters).order_by(*(("rank", *by) if self.stored else by))


def about(*parts: str) -> str:
    """Where a thing belongs, in a line."""
    return " · ".join(part for part in parts if part)


def facts_of(reasons: list[dict[str, Any]]) -> str:
    """The strongest reasons in a line; what speaks against has a minus before it."""
    facts = [(str(reason["fact"]), reason.get("weight", 0) < 0) for reason in reasons[:MOST_FACTS]]
    return "; ".join(f"− {fact}" if is_against else fact for fact, is_against in facts)


@cache
def _pattern(name: str) -> tuple[str, str]:
    before, _, after = reverse(name, args=[A_REFERENCE]).partition(A_REFERENCE)
    return before, after


def address_of(name: str, reference: str) -> str:
    """The address of a page that is named by a reference: like reverse(), but looked up once."""
    before, after = _pattern(name)
    return f"{before}{reference}{after}"
