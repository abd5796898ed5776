"""Figures in words, in the language that is active: numbers, shares, spans of time, moments."""

from datetime import datetime, timedelta, tzinfo

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

NOTHING = "–"


def count(number: int) -> str:
    """A whole number as people write it."""
    return number_format(number, use_l10n=True, force_grouping=True)


def share(part: float | None) -> str:
    """A share from 0 to 1 as percent; a dash where there is none."""
    return NOTHING if part is None else f"{number_format(part * 100, decimal_pos=1)} %"


def steps() -> dict[str, str]:
    """How the steps of `statistics.SPANS` are called."""
    return {
        "first-action": _("First act of a person"),
        "first-letter": _("First letter sent"),
        "notice": _("Public notice"),
        "partial-fix": _("Partial fix"),
        "fix": _("Fix"),
    }


def span(of: timedelta | None) -> str:
    """A span of time in the unit that suits it; a dash where there is none."""
    if of is None:
        return NOTHING
    if of < timedelta(hours=1):
        return _("%(number)s min") % {"number": number_format(of / timedelta(minutes=1), 0)}
    if of < timedelta(days=2):
        return _("%(number)s h") % {"number": number_format(of / timedelta(hours=1), 1)}
    return _("%(number)s days") % {"number": number_format(of / timedelta(days=1), 1)}


def days(number: int | None) -> str:
    """Whole days of the desk's calendar; a dash where what they run to has not come."""
    if number is None:
        return NOTHING
    return _("1 day") if number == 1 else _("%(number)s days") % {"number": count(number)}


def change(now: int, before: int) -> str:
    """How a number has changed against the one before."""
    if not before:
        return _("none in the period before") if now else _("none before either")
    by = round((now - before) * 100 / before)
    against = {"change": f"{by:+d}", "before": count(before)}
    return _("%(change)s %% against %(before)s before") % against


def moment(at: datetime | None, zone: tzinfo) -> str:
    """A moment with its zone; a dash for none."""
    if at is None:
        return NOTHING
    local = at.astimezone(zone)
    parts = {"day": date_format(local, _("j F Y")), "time": f"{local:%H:%M}", "zone": f"{local:%Z}"}
    return _("%(day)s, %(time)s %(zone)s") % parts
