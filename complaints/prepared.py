"""Queries that are compiled once and asked many times with other values.

Django builds the SQL of a query anew each time it is asked. For a list that joins many tables
this costs more of the processor than the database needs to answer, so here it is kept.
"""

import threading
from collections import namedtuple
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import Expression, Field, QuerySet


@dataclass(frozen=True, slots=True)
class _Given:
    """Stands among the parameters of a statement for a value that comes later."""

    name: str


class Bound(Expression):
    """A value of a query that is given by its name each time the query is asked."""

    def __init__(self, name: str, field: "Field[Any, Any]") -> None:
        super().__init__(output_field=field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        """A place for the value."""
        return "%s", (_Given(self.name),)


class Prepared:
    """The statement of one query of `values_list`, and how its rows are read."""

    def __init__(self, rows: "QuerySet[Any, tuple[Any, ...]]") -> None:
        self._compiler = rows.query.get_compiler(rows.db)
        self._row: Any = namedtuple("Row", list(rows.query.selected or ()))  # type: ignore[misc]
        try:
            self._sql, self._params = self._compiler.as_sql()
        except EmptyResultSet:
            self._sql, self._params = "", ()

    def ask(self, **values: Any) -> Iterator[Any]:
        """The rows for these values, all of which are read at once, each a named tuple.

        values  by the names of its Bound; times are aware
        """
        if not self._sql:
            return iter(())
        adapted = self._compiler.connection.ops.adapt_datetimefield_value
        params = [
            adapted(value) if isinstance(value := _given(one, values), datetime) else value
            for one in self._params
        ]
        with self._compiler.connection.cursor() as cursor:
            cursor.execute(self._sql, params)
            found = cursor.fetchall()
        return map(self._row._make, self._compiler.results_iter([found]))


def _given(param: Any, values: dict[str, Any]) -> Any:
    return values[param.name] if isinstance(param, _Given) else param


class _Kept(threading.local):
    """What a thread has compiled. A compiler belongs to the connection of its thread."""

    def __init__(self) -> None:
        self.by_key: dict[Hashable, Prepared] = {}


_kept = _Kept()


def prepared(key: Hashable, build: Callable[[], "QuerySet[Any, tuple[Any, ...]]"]) -> Prepared:
    """The query that this thread keeps by a key; built when it is asked for first.

    key    says all that shapes the query; there are few of them, whatever people ask for
    """
    if key not in _kept.by_key:
        _kept.by_key[key] = Prepared(build())
    return _kept.by_key[key]
