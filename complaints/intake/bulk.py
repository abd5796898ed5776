"""Many rows into a table at once: COPY on PostgreSQL, executemany on SQLite.

For the rows of a mail log, of which millions are written: an instance of a model for each
would cost more than reading the log. Values are written as they stand, so callers hand in
what the fields take, as text that may be stored.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, models
from django.db.models.expressions import RawSQL

CACHE_KIB = 40 * 1024
CHECKPOINT_PAGES = 64 * 256
Row = tuple[Any, ...]
Column = Iterable[Any]


def expect_many() -> None:
    """Give SQLite memory for the pages of all indexes, and let it write each less often.

    Its defaults, 2 MB and a checkpoint every 4 MB, write the same index pages again and again.
    """
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
            cursor.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")


def insert(model: type[models.Model], names: Sequence[str], rows: Sequence[Row]) -> None:
    """Write the rows; `names` are the fields of their values, moments among them as `Moments`."""
    if not rows:
        return
    table, columns = _quoted(model, names)
    place = f"{table} ({', '.join(columns)})"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.cursor.copy(f"COPY {place} FROM STDIN") as copy:
                copy.write(_as_copied(rows))
            return
        marks = ", ".join(["%s"] * len(names))
        query = f"INSERT INTO {place} VALUES ({marks})"  # noqa: S608 (names of our own tables)
        cursor.executemany(query, rows)


def insert_columns(model: type[models.Model], columns: Mapping[str, Column]) -> None:
    """Write rows that are given as one column of values for each field, all of one length.

    Values are those of `insert`; a text that must not stand as it is in COPY is rare, so each
    column is looked at as a whole.
    """
    table, names = _quoted(model, list(columns))
    place = f"{table} ({', '.join(names)})"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.cursor.copy(f"COPY {place} FROM STDIN") as copy:
                rows = zip(*map(_column_as_copied, columns.values()), strict=True)
                copy.write("".join([f"{row}\n" for row in map("\t".join, rows)]))
            return
        marks = ", ".join(["%s"] * len(names))
        query = f"INSERT INTO {place} VALUES ({marks})"  # noqa: S608 (names of our own tables)
        cursor.executemany(query, list(zip(*columns.values(), strict=True)))


def _column_as_copied(values: Column) -> list[str]:
    """One column in the text format of COPY."""
    values = list(values)
    kinds = set(map(type, values))
    if kinds == {str}:
        whole = "".join(values)
        if "\\" not in whole and whole.isprintable():
            return values
    elif kinds == {int}:
        return list(map(str, values))
    return [_copied(value) for value in values]


def update(model: type[models.Model], names: Sequence[str], rows: Sequence[Row]) -> None:
    """Change the rows; the last value of each is its primary key, which `names` does not name."""
    if not rows:
        return
    table, columns = _quoted(model, names)
    changes = ", ".join(f"{column} = %s" for column in columns)
    query = f"UPDATE {table} SET {changes} WHERE id = %s"  # noqa: S608 (names of our own tables)
    with connection.cursor() as cursor:
        cursor.executemany(query, rows)


def _quoted(model: type[models.Model], names: Sequence[str]) -> tuple[str, list[str]]:
    """The names of a table and of its columns, as SQL writes them."""
    quoted = connection.ops.quote_name
    fields = {field.name: field for field in model._meta.concrete_fields}
    return quoted(model._meta.db_table), [quoted(str(fields[name].column)) for name in names]


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
