"""Rule: one look-up, asked for all complaints of a batch by one statement.

A statement has a part for each value that is looked for, which reads no more of its index than it
may find. What is cut is said.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from complaints.linking.candidate import Clues
from complaints.models import RelayedMessage

MOST_BY_RULE = 80
PARTS_AT_ONCE = 200
MESSAGES = RelayedMessage._meta.db_table
# By how many seconds a message is apart from a stated time.
APART = {
    "postgresql": "ABS(EXTRACT(EPOCH FROM m.queued_at - %s))::bigint",
    "sqlite": "ABS(CAST(strftime('%%s', m.queued_at) AS INTEGER) - "
    "CAST(strftime('%%s', %s) AS INTEGER))",
}

Values = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """One look-up.

    finds    what it finds, in words: "messages that went to this address"
    where    what it asks of a message `m`, its host `h` and its deliveries `d`
    values   from clues to the values for its places, one tuple for each thing looked for
    joined   the tables it needs beside that of the messages
    among    the messages it looks at, where not at all of them
    most     so many are found for each complaint
    by_recipient  a message of several recipients may be found several times
    """

    finds: str
    where: str
    values: Callable[[Clues], Iterable[Values]]
    joined: str = ""
    among: str = ""
    most: int = MOST_BY_RULE
    by_recipient: bool = False


@dataclass(slots=True)
class Found:
    """What is in question for one complaint.

    keys     of messages
    cuts     in a sentence each, which rules would have found more
    """

    keys: set[int] = field(default_factory=set)
    cuts: list[str] = field(default_factory=list)


def find(rules: Sequence[Rule], asked: Sequence[Sequence[Clues]]) -> list[Found]:
    """What each complaint's clues find by these rules: for each of them one statement."""
    found = [Found() for _ in asked]
    for rule in rules:
        wanted: dict[Values, list[int]] = {}
        for number, clues in enumerate(asked):
            for values in dict.fromkeys(one for each in clues for one in rule.values(each)):
                wanted.setdefault(values, []).append(number)
        by_rule: list[dict[int, None]] = [{} for _ in asked]
        for values, keys in _looked_up(rule, list(wanted)):
            for number in wanted[values]:
                by_rule[number].update(dict.fromkeys(keys))
        for one, some in zip(found, by_rule, strict=True):
            one.keys.update(list(some)[: rule.most])
            if len(some) > rule.most:
                words = f"more than {rule.most} {rule.finds}; {rule.most} of them were weighed"
                one.cuts.append(words)
    return found


def _looked_up(rule: Rule, wanted: Sequence[Values]) -> Iterator[tuple[Values, list[int]]]:
    """For each of the values the keys of messages that were found by it."""
    for start in range(0, len(wanted), PARTS_AT_ONCE):
        some = wanted[start : start + PARTS_AT_ONCE]
        parts = [_part(rule, number) for number in range(len(some))]
        given = [_stored(value) for values in some for value in values]
        keys: dict[int, list[int]] = {}
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(parts), given)
            for number, key in cursor.fetchall():
                keys.setdefault(number, []).append(key)
        yield from ((some[number], found) for number, found in keys.items())


def _part(rule: Rule, number: int) -> str:
    distinct = "DISTINCT " if rule.by_recipient else ""
    part = (
        f"SELECT {number}, id FROM (SELECT {distinct}m.id FROM {rule.among or MESSAGES} m "  # noqa: S608
        f"{rule.joined} WHERE {rule.where} LIMIT {rule.most + 1}) AS found"
    )
    if connection.vendor == "postgresql":  # the name by which Django made the index
        part = part.replace("SUBSTR(", "SUBSTRING(")
    return part.replace("APART", APART[connection.vendor])


def _stored(value: Any) -> Any:
    """A value as the tables have it."""
    return connection.ops.adapt_datetimefield_value(value) if type(value) is datetime else value
