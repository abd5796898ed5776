"""Asks the database the same of many values at once: one statement, however many they are.

PostgreSQL plans such a statement once for all values of a table (LATERAL). SQLite, which has no
LATERAL, gets a part for each of them. Either reads no more for one value than the limit in its
look-up says.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any

from django.db import connection

PARTS_AT_ONCE = 200
ARRAYS = {str: "text", datetime: "timestamptz", int: "bigint"}

Values = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class LookUp:
    """A SELECT that is asked for each of some values.

    query    with a `%s` for each value
    types    of the values
    """

    query: str
    types: tuple[type, ...]


def ask(look_up: LookUp, wanted: Sequence[Values]) -> Iterator[tuple[Values, tuple[Any, ...]]]:
    """Each of the values that something was found for, with the columns of what was found."""
    for _, values, found in ask_all([(look_up, wanted)]):
        yield values, found


def ask_all(
    asked: Sequence[tuple[LookUp, Sequence[Values]]],
) -> Iterator[tuple[int, Values, tuple[Any, ...]]]:
    """As `ask`, for several look-ups that answer with the same columns; their numbers first."""
    at_once = connection.vendor == "postgresql"
    for portion in [asked] if at_once else _portions(asked):
        parts, given = [], []
        for number, (look_up, wanted) in enumerate(portion):
            if wanted:
                part, values = (_for_all if at_once else _for_each)(look_up, number, wanted)
                parts.append(part)
                given += values
        if not parts:
            continue
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(parts), given)
            for number, place, *found in cursor.fetchall():
                yield number, portion[number][1][place], tuple(found)


def _for_all(look_up: LookUp, number: int, wanted: Sequence[Values]) -> tuple[str, list[Any]]:
    arrays = ["%s::int[]", *(f"%s::{ARRAYS[one]}[]" for one in look_up.types)]
    names = ", ".join(["n", *(f"v{place}" for place in range(len(look_up.types)))])
    places = count()
    query = re.sub("%s", lambda _: f"asked.v{next(places)}", look_up.query)
    part = (
        f"SELECT {number}, asked.n, found.* FROM unnest({', '.join(arrays)}) AS asked({names}) "  # noqa: S608 (look-ups of ours)
        f"CROSS JOIN LATERAL ({query}) AS found"
    )
    return part, [list(range(len(wanted))), *map(list, zip(*wanted, strict=True))]


def _for_each(look_up: LookUp, number: int, wanted: Sequence[Values]) -> tuple[str, list[Any]]:
    parts = [
        f"SELECT {number}, {place}, found.* FROM ({look_up.query}) AS found"  # noqa: S608 (as above)
        for place in range(len(wanted))
    ]
    return " UNION ALL ".join(parts), [_stored(one) for values in wanted for one in values]


def _portions(
    asked: Sequence[tuple[LookUp, Sequence[Values]]],
) -> Iterator[list[tuple[LookUp, list[Values]]]]:
    """The same in portions of so many parts as SQLite takes in one statement."""
    every = [(number, values) for number, (_, some) in enumerate(asked) for values in some]
    for start in range(0, len(every), PARTS_AT_ONCE):
        portion: list[tuple[LookUp, list[Values]]] = [(look_up, []) for look_up, _ in asked]
        for number, values in every[start : start + PARTS_AT_ONCE]:
            portion[number][1].append(values)
        yield portion


def _stored(value: Any) -> Any:
    """A value as the tables have it."""
    return connection.ops.adapt_datetimefield_value(value) if type(value) is datetime else value
