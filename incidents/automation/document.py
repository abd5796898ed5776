"""PURE: rules as JSON: what their rows are kept as, and what goes from one desk to another."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from typing import Any

from incidents.automation import conditions
from incidents.automation.terms import Terms
from incidents.playbooks.document import MOST_BYTES, Unreadable
from incidents.playbooks.playbook import gettext_noop

FORMAT = "meyasu-rules-1"
MOST_RULES, MOST_TEXT = 200, 200
WHERE = "where"
# What rules were kept without, before there were further conditions.
NOTHING_FURTHER: dict[str, Any] = {WHERE: []}


def write(terms: Terms) -> dict[str, Any]:
    """The values of a rule, JSON ones."""
    values = {
        name: list(value) if isinstance(value, tuple) else value for name, value in _of(terms)
    }
    return values | {WHERE: conditions.write(terms.where)}


def read(values: Any) -> Terms:
    """The rule with these values; what it does not know is refused.

    raises  Unreadable, worded for a person
    """
    if not isinstance(values, dict):
        raise Unreadable(gettext_noop("A rule has to be an object with names."))
    known = {field.name: field for field in fields(Terms)}
    where = conditions.read(values.get(WHERE, []))
    for name, value in values.items():
        if name == WHERE:
            continue
        if name not in known or not _fits(value, known[name].type):
            raise Unreadable(
                gettext_noop("“%(name)s” of a rule is not what it has to be."), name=str(name)[:50]
            )
    missing = {"name", "trigger"} - set(values)
    if missing:
        raise Unreadable(gettext_noop("A rule has no “%(name)s”."), name=min(missing))
    said: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in values.items()
    }
    return Terms(**said | {WHERE: where})


def dumps(rules: Iterable[Mapping[str, Any]]) -> str:
    """A file with these rules."""
    return json.dumps({"format": FORMAT, "rules": list(rules)}, indent=2, ensure_ascii=False) + "\n"


def loads(raw: bytes) -> list[Terms]:
    """The rules in a file.

    raises  Unreadable, worded for a person
    """
    if len(raw) > MOST_BYTES:
        raise Unreadable(gettext_noop("The file is larger than %(most)s bytes."), most=MOST_BYTES)
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError) as error:
        why = str(error)[:200]
        raise Unreadable(gettext_noop("This cannot be read as JSON: %(why)s"), why=why) from None
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise Unreadable(
            gettext_noop("These are no rules: their “format” is not “%(format)s”."), format=FORMAT
        )
    rules = found.get("rules")
    if not isinstance(rules, list) or len(rules) > MOST_RULES:
        raise Unreadable(
            gettext_noop("“rules” has to be a list of at most %(most)s rules."), most=MOST_RULES
        )
    return [read(one) for one in rules]


def _of(terms: Terms) -> list[tuple[str, Any]]:
    return list(asdict(terms).items())


def _fits(value: Any, kind: Any) -> bool:
    """Whether a value is of the kind that a field of Terms has."""
    if kind is bool:
        return isinstance(value, bool)
    if kind is str:
        return isinstance(value, str) and len(value) <= MOST_TEXT
    if kind in (int, float):
        is_number = isinstance(value, int if kind is int else int | float)
        return is_number and not isinstance(value, bool) and abs(value) < 1e6
    texts = isinstance(value, list) and len(value) <= 50
    return texts and all(isinstance(one, str) and len(one) <= MOST_TEXT for one in value)
