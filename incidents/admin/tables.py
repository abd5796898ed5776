"""The tables and cards of the dashboard: every number with the address of the rows behind it."""

from collections import Counter
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

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


def count(number: int) -> str:
    """A whole number as people write it."""
    return number_format(number, use_l10n=True, force_grouping=True)


def share(part: float | None) -> str:
    """A share from 0 to 1 as percent; a dash where there is none."""
    return "–" if part is None else f"{number_format(part * 100, decimal_pos=1)} %"


def span(of: timedelta | None) -> str:
    """A span of time in the unit that suits it; a dash where there is none."""
    if of is None:
        return "–"
    if of < timedelta(hours=1):
        return _("%(number)s min") % {"number": number_format(of / timedelta(minutes=1), 0)}
    if of < timedelta(days=2):
        return _("%(number)s h") % {"number": number_format(of / timedelta(hours=1), 1)}
    return _("%(number)s days") % {"number": number_format(of / timedelta(days=1), 1)}


def change(now: int, before: int) -> str:
    """How a number has changed against the one before, in words."""
    if not before:
        return _("none in the period before") if now else _("none before either")
    by = round((now - before) * 100 / before)
    return _("%(change)s %% against %(before)s before") % {
        "change": f"{by:+d}",
        "before": count(before),
    }


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
        for value, number in _most_first(values)[:MOST_ROWS]
    ]
    if (more := len(values) - MOST_ROWS) > 0:
        title = _("%(title)s (%(more)s more)") % {"title": title, "more": more}
    return Table(title, [_("Value"), _("Count"), _("Share"), _("Before")], rows)


def _most_first(values: Counter[Hashable]) -> list[tuple[Any, int]]:
    return sorted(values.items(), key=lambda each: (-each[1], str(each[0])))
