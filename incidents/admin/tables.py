"""The tables and cards of the dashboard: every number with the address of the rows behind it."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from incidents.reporting.statistics import most_first
from incidents.reporting.words import count, share

MOST_ROWS = 12


@dataclass(frozen=True, slots=True)
class Card:
    """One figure, large: what it is, the number, the rows behind it, a word beside it."""

    title: str
    number: str
    href: str
    note: str


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells under headers; the first cell of a row says what the others are about."""

    title: str
    headers: list[str]
    rows: list[list[Any]]


def link(number: str, href: str) -> SafeString:
    """A number that leads to its rows."""
    return format_html('<a href="{}">{}</a>', href, number)


def breakdown(
    title: str,
    values: Counter[Any],
    before: Counter[Any],
    *,
    label: Callable[[Any], str],
    href: Callable[[Any], str],
) -> Table:
    """A table of how often each value occurred, most first; the rest is summed up in its title."""
    total = values.total()
    rows = [
        [
            label(value),
            link(count(number), href(value)),
            share(number / total),
            count(before[value]),
        ]
        for value, number in most_first(values, MOST_ROWS)
    ]
    if (more := len(values) - MOST_ROWS) > 0:
        title = _("%(title)s (%(more)s more)") % {"title": title, "more": more}
    return Table(title, [_("Value"), _("Count"), _("Share"), _("Before")], rows)
