"""Lists of the admin that stay quick with millions of rows: how they count, filter and search."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.contrib.admin import AllValuesFieldListFilter
from django.core.paginator import Paginator
from django.db.models import Q
from django.utils.functional import cached_property

if TYPE_CHECKING:  # Django's own class takes no type arguments
    AnyPaginator = Paginator[Any]
else:
    AnyPaginator = Paginator

MOST_COUNTED = 10_000
LATELY = 5_000  # rows that tell which values there are


class BoundedPaginator(AnyPaginator):
    """Counts no further than `MOST_COUNTED`: whoever wants to see more, filters."""

    @cached_property
    def count(self) -> int:
        """How many rows there are, or `MOST_COUNTED`."""
        return min(self._counted, MOST_COUNTED)

    @property
    def has_more(self) -> bool:
        """Whether there are more rows than were counted."""
        return self._counted > MOST_COUNTED

    @cached_property
    def _counted(self) -> int:
        rows: Any = self.object_list
        counted: int = rows.order_by()[: MOST_COUNTED + 1].count()
        return counted


class LatelyFilter(AllValuesFieldListFilter):
    """The values that occurred lately; to list those of all rows, all would have to be read."""

    def __init__(
        self, field: Any, request: Any, params: Any, model: Any, model_admin: Any, field_path: str
    ) -> None:
        """As of any field; only where the values come from is another."""
        super().__init__(field, request, params, model, model_admin, field_path)
        newest = model.objects.order_by("-pk").values_list(field_path, flat=True)[:LATELY]
        self.lookup_choices: Any = sorted(value for value in set(newest) if value)


def found_exactly(rows: Any, words: str, fields: Iterable[str]) -> Any:
    """Rows in which each word is one of these indexed fields, in any usual case."""
    for word in words.split():
        wanted = Q()
        for field in fields:
            wanted |= Q(**{f"{field}__in": {word, word.lower(), word.upper()}})
        rows = rows.filter(wanted)
    return rows
