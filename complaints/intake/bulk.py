"""Many rows into a table at once: COPY on PostgreSQL, executemany on SQLite.

For the rows of a mail log, of which millions are written: an instance of a model for each
would cost more than reading the log. Values are written as they stand, so callers hand in
what the fields take, as text that may be stored.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, models
from django.db.models.expressions import RawSQL

CACHE_KIB = 48 * 1024
Row = tuple[Any, ...]


def expect_many() -> None:
    """Give SQLite memory for the upper pages of all indexes: 2 MB, its default, are too few."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA cache_size = -{CACHE_KIB}")


def insert(model: type[models.Model], names: Sequence[str], rows: Sequence[Row]) -> None:
    """Write the rows; `names` are the fields of their values, moments among them as `Moments`."""
    if not rows:
        return
    quoted = connection.ops.quote_name
    fields = {field.name: field for field in model._meta.concrete_fields}
    columns = ", ".join(quoted(str(fields[name].column)) for name in names)
    table = f"{quoted(model._meta.db_table)} ({columns})"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.cursor.copy(f"COPY {table} FROM STDIN") as copy:
                copy.write(_as_copied(rows))
            return
        marks = ", ".join(["%s"] * len(names))
        query = f"INSERT INTO {table} VALUES ({marks})"  # noqa: S608 (names of our own tables)
        cursor.executemany(query, rows)


def _as_copied(rows: Iterable[Row]) -> str:
    """Rows in the text format of COPY (PostgreSQL manual, COPY, "Text Format")."""
    return "".join(["\t".join([_copied(value) for value in row]) + "\n" for row in rows])


def _copied(value: Any) -> str:
    if value is None:
        return "\\N"
    text = str(value)
    if "\\" in text:
        text = text.replace("\\", "\\\\")
    if text.isprintable():
        return text
    return text.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")


class Moments(dict[datetime | None, str | None]):
    """Times in UTC as `insert` writes them, the same as Django's; many rows share a second."""

    def __init__(self) -> None:
        super().__init__({None: None})
        # SQLite has no zones: Django writes UTC without saying so.
        self._without = -len("+00:00") if connection.vendor == "sqlite" else None

    def __missing__(self, at: datetime | None) -> str | None:
        written = at.isoformat(" ")[: self._without] if at else None
        self[at] = written
        return written


def next_keys(model: type[models.Model], count: int) -> range | list[int]:
    """Primary keys for so many rows, to be written in this transaction."""
    if not count:
        return []
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
                [table, count],
            )
            return [key for (key,) in cursor.fetchall()]
        # The writer has its lock: nobody else gives keys out until it commits.
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        (last,) = cursor.fetchone() or (0,)
        return range(last + 1, last + 1 + count)


def among(values: Iterable[str]) -> RawSQL:
    """What a field may be `__in` of many thousand values: one parameter, whatever their number."""
    if connection.vendor == "postgresql":
        return RawSQL("SELECT unnest(%s::text[])", [list(values)])
    return RawSQL("SELECT value FROM json_each(%s)", [json.dumps(list(values))])
