"""Lists a page at a time, each from the row where the last one ended; counts up to a bound."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import IntegerField, Q, QuerySet, Subquery

A_PAGE = 50
# Whoever has more than this does not care how many more; and counting them would cost.
MOST_COUNTED = 1000


class Counted(Subquery):
    """The number of rows of a query, as a value within another."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) counted)"
    output_field = IntegerField()

    @classmethod
    def up_to(cls, most: int, rows: "QuerySet[Any]") -> "Counted":
        """Counts no further than `most`."""
        return cls(rows.order_by().values("pk")[:most])


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of a list, and the key of the row after which it goes on; None where it ends."""

    rows: list[Any] = field(default_factory=list)
    after: int | None = None
    is_first: bool = True


def page(rows: "QuerySet[Any]", by: Sequence[str], *, after: str = "", most: int = A_PAGE) -> Page:
    """One page of a list that is in an order by fields that are never empty.

    by      names of fields as for order_by; the last one is the key
    after   the key of the last row of the page before; "" for the first page, as is a key that
            names nothing
    most    rows of a page
    """
    start = None
    names = [name.removeprefix("-") for name in by]
    if after.isdecimal() and len(after) < 19:
        start = rows.model._default_manager.filter(pk=after).values_list(*names).first()
    ordered = rows.order_by(*by)
    if start is not None:
        ordered = ordered.filter(_beyond(by, start))
    found = list(ordered[: most + 1])
    shown = found[:most]
    return Page(shown, shown[-1].pk if len(found) > most else None, start is None)


def _beyond(by: Sequence[str], start: Sequence[Any]) -> Q:
    """Rows after a place. The bound on the first field alone is what an index can begin at."""
    beyond, same = Q(), Q()
    for name, value in zip(by, start, strict=True):
        field, way = name.removeprefix("-"), "lt" if name.startswith("-") else "gt"
        beyond |= same & Q(**{f"{field}__{way}": value})
        same &= Q(**{field: value})
    first, way = by[0].removeprefix("-"), "lte" if by[0].startswith("-") else "gte"
    return Q(**{f"{first}__{way}": start[0]}) & beyond
