"""Which period the dashboard shows: a choice of usual ones, or the days that somebody names."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from incidents.reporting.period import Period, day_of, of_last_days, of_month, of_year

USUAL = {
    "7d": gettext_noop("7 days"),
    "30d": gettext_noop("30 days"),
    "90d": gettext_noop("90 days"),
    "month": gettext_noop("This month"),
    "last-month": gettext_noop("Last month"),
    "year": gettext_noop("This year"),
    "last-year": gettext_noop("Last year"),
}
DEFAULT = "30d"


@dataclass(frozen=True, slots=True)
class Choice:
    """A period that may be chosen."""

    label: str
    href: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for: a period, the choices beside it, and what was wrong with the asking."""

    period: Period
    choices: list[Choice]
    problem: str = ""


def asked_for(query: QueryDict, *, now: datetime, zone: tzinfo) -> Asked:
    """The period named by `period=30d`, or by `first` and `last` as days; else the usual one."""
    today = day_of(now, zone)
    name = query.get("period", "")
    chosen = name if name in USUAL else DEFAULT
    period, problem = _usual(chosen, today, zone), ""
    if query.get("first") or query.get("last"):
        try:
            chosen, period = "", _named(query, zone)
        except ValueError:
            problem = _("Name two days, the first no later than the last, at most ten years apart.")
    choices = [Choice(_(label), f"?period={key}", key == chosen) for key, label in USUAL.items()]
    return Asked(period, choices, problem)


def _named(query: QueryDict, zone: tzinfo) -> Period:
    """The days that were named. Raises ValueError where they are none."""
    first, last = (date.fromisoformat(query.get(name, "")) for name in ("first", "last"))
    return Period(first, last, zone)


def _usual(name: str, today: date, zone: tzinfo) -> Period:
    match name:
        case "month":
            return of_month(today.year, today.month, zone)
        case "last-month":
            last = today.replace(day=1) - timedelta(days=1)
            return of_month(last.year, last.month, zone)
        case "year":
            return of_year(today.year, zone)
        case "last-year":
            return of_year(today.year - 1, zone)
        case _:
            return of_last_days(int(name.removesuffix("d")), today=today, zone=zone)
