"""Many rows of a table written at once: COPY on PostgreSQL, one prepared statement on SQLite.

For instances of models, whose values are turned into the database's by their fields; what the
ORM does beside that for each row costs more than writing it.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import connection, models

UPDATED_AT_ONCE = 500

# Values of these types go into columns of these fields as they are. Asking the field costs more
# than all else that is done to a value, and most values are such.
AS_THEY_ARE: dict[type[Any], type[Any]] = {
    models.CharField: str,
    models.TextField: str,
    models.BooleanField: bool,
    models.FloatField: float,
    models.IntegerField: int,
    models.PositiveIntegerField: int,
    models.PositiveSmallIntegerField: int,
    models.SmallIntegerField: int,
    models.BigIntegerField: int,
    models.PositiveBigIntegerField: int,
    models.BigAutoField: int,
    models.ForeignKey: int,
    models.OneToOneField: int,
}


def insert(made: Sequence[models.Model]) -> None:
    """Write new rows of one table; the instances do not learn their keys."""
    if not made:
        return
    fields = [field for field in made[0]._meta.concrete_fields if not field.primary_key]
    rows = _values(made, fields)
    columns = ", ".join(_quoted(field) for field in fields)
    place = f"{_table(made[0])} ({columns})"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            errors = connection.wrap_database_errors
            with errors, cursor.cursor.copy(f"COPY {place} FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            return
        marks = ", ".join(["%s"] * len(fields))
        query = f"INSERT INTO {place} VALUES ({marks})"  # noqa: S608 (names of our own tables)
        cursor.executemany(query, list(rows))


def insert_and_know(made: Sequence[models.Model], by: str) -> None:
    """Write new rows whose instances learn their keys, by a field that is another for each."""
    if not made:
        return
    insert(made)
    named = {getattr(one, by): one for one in made}
    found = type(made[0])._default_manager.filter(**{f"{by}__in": list(named)})
    for key, name in found.values_list("pk", by):
        named[name].pk = key
        named[name]._state.adding = False


def update(changed: Sequence[models.Model], names: Collection[str]) -> None:
    """Write these fields (`stage`, `follows_id`) of rows that are there, by their primary keys."""
    if not changed or not names:
        return
    fields = [field for field in changed[0]._meta.concrete_fields if field.attname in names]
    rows = list(_values(changed, [*fields, changed[0]._meta.pk]))
    if connection.vendor == "postgresql":
        for start in range(0, len(rows), UPDATED_AT_ONCE):
            _update_at_once(_table(changed[0]), fields, rows[start : start + UPDATED_AT_ONCE])
        return
    columns = ", ".join(f"{_quoted(field)} = %s" for field in fields)
    query = f"UPDATE {_table(changed[0])} SET {columns} WHERE id = %s"  # noqa: S608 (as above)
    with connection.cursor() as cursor:
        cursor.executemany(query, rows)


def _update_at_once(table: str, fields: Sequence[Any], rows: Sequence[tuple[Any, ...]]) -> None:
    """Write rows by one statement: one for each would be planned, and waited for, by itself.

    A list of values has types of its own, so each is cast; not to its length, which would cut it.
    """
    kinds = [str(field.db_type(connection)).partition("(")[0] for field in fields]
    columns = ", ".join(
        f"{_quoted(field)} = new.v{place}::{kind}"
        for place, (field, kind) in enumerate(zip(fields, kinds, strict=True))
    )
    names = ", ".join([*(f"v{place}" for place in range(len(fields))), "id"])
    marks = ", ".join([f"({', '.join(['%s'] * (len(fields) + 1))})"] * len(rows))
    query = f"UPDATE {table} SET {columns} FROM (VALUES {marks}) AS new ({names}) "  # noqa: S608 (as above)
    with connection.cursor() as cursor:
        given = [value for row in rows for value in row]
        cursor.execute(f"{query} WHERE {table}.id = new.id", given)


def _values(given: Iterable[models.Model], fields: Sequence[Any]) -> Iterable[tuple[Any, ...]]:
    ready = [(field.attname, AS_THEY_ARE.get(type(field)), _preparing(field)) for field in fields]
    for one in given:
        row = []
        for name, plain, prepared in ready:
            value = getattr(one, name)
            as_is = type(value) is plain or (value is None and plain is not None)
            row.append(value if as_is else prepared(value))
        yield tuple(row)


def _preparing(field: Any) -> Callable[[Any], Any]:
    """What makes the value of a field one of the database."""

    def by_field(value: Any) -> Any:
        return field.get_db_prep_save(value, connection)

    def by_moment(value: Any) -> Any:
        if type(value) is datetime and value.tzinfo is UTC:
            return connection.ops.adapt_datetimefield_value(value)
        return by_field(value)

    return by_moment if type(field) is models.DateTimeField else by_field


def _table(one: models.Model) -> str:
    return connection.ops.quote_name(one._meta.db_table)


def _quoted(field: Any) -> str:
    return connection.ops.quote_name(field.column)
