"""Rule: one look-up. The rules of a step ask for all complaints of a batch by one statement.

A statement looks for each value by itself and reads no more of its index than it may find. What
is cut is said.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from django.db import connection

from complaints.linking.asking import LookUp, Values, ask_all
from complaints.linking.candidate import Clues
from complaints.linking.row import COLUMNS, MESSAGES, Row, row_of

MOST_BY_RULE = 80
# By how many seconds a message is apart from a stated time.
APART = {
    "postgresql": "ABS(EXTRACT(EPOCH FROM m.queued_at - %s))::bigint",
    "sqlite": "ABS(CAST(strftime('%%s', m.queued_at) AS INTEGER) - "
    "CAST(strftime('%%s', %s) AS INTEGER))",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One look-up.

    finds    what it finds, in words: "messages that went to this address"
    where    what it asks of a message `m` and its host `h`
    values   from clues to the values for its places, one tuple for each thing looked for
    types    of these values
    joined   the tables it needs beside that of the messages
    among    the messages it looks at, where not at all of them
    most     so many are found for each complaint
    by_recipient  a message of several recipients may be found several times
    """

    finds: str
    where: str
    values: Callable[[Clues], Iterable[Values]]
    types: tuple[type, ...]
    joined: str = ""
    among: str = MESSAGES
    most: int = MOST_BY_RULE
    by_recipient: bool = False


@dataclass(slots=True)
class Found:
    """What is in question for one complaint.

    rows     of messages, by their keys
    cuts     in a sentence each, which rules would have found more
    """

    rows: dict[int, Row] = field(default_factory=dict)
    cuts: list[str] = field(default_factory=list)

    @property
    def keys(self) -> set[int]:
        """The keys of the messages."""
        return set(self.rows)


def find(rules: Sequence[Rule], asked: Sequence[Sequence[Clues]]) -> list[Found]:
    """What each complaint's clues find by these rules: one statement for all of them."""
    wanted = [_wanted(rule, asked) for rule in rules]
    by_rule: list[list[dict[int, Row]]] = [[{} for _ in asked] for _ in rules]
    for number, values, row in _looked_up(rules, wanted):
        for asking in wanted[number][values]:
            by_rule[number][asking][row.id] = row
    found = [Found() for _ in asked]
    for rule, of_rule in zip(rules, by_rule, strict=True):
        for one, some in zip(found, of_rule, strict=True):
            one.rows.update(list(some.items())[: rule.most])
            if len(some) > rule.most:
                words = f"more than {rule.most} {rule.finds}; {rule.most} of them were weighed"
                one.cuts.append(words)
    return found


def _wanted(rule: Rule, asked: Sequence[Sequence[Clues]]) -> Mapping[Values, list[int]]:
    """What is looked for, and which complaints ask for it."""
    wanted: dict[Values, list[int]] = {}
    for number, clues in enumerate(asked):
        for values in dict.fromkeys(one for each in clues for one in rule.values(each)):
            wanted.setdefault(values, []).append(number)
    return wanted


def _looked_up(
    rules: Sequence[Rule], wanted: Sequence[Mapping[Values, list[int]]]
) -> Iterator[tuple[int, Values, Row]]:
    """The number of a rule, the values it looked for, and a message that it found by them."""
    asked = [(_look_up(rule), list(some)) for rule, some in zip(rules, wanted, strict=True)]
    for number, values, columns in ask_all(asked):
        yield number, values, row_of(columns)


@cache
def _look_up(rule: Rule) -> LookUp:
    distinct = "DISTINCT " if rule.by_recipient else ""
    query = (
        f"SELECT {COLUMNS} FROM (SELECT {distinct}m.id FROM {rule.among} m {rule.joined} "  # noqa: S608 (our own tables)
        f"WHERE {rule.where} LIMIT {rule.most + 1}) AS ids JOIN {MESSAGES} w ON w.id = ids.id"
    )
    if connection.vendor == "postgresql":  # the name by which Django made the index
        query = query.replace("SUBSTR(", "SUBSTRING(")
    return LookUp(query.replace("APART", APART[connection.vendor]), rule.types)
