"""PURE: Period, the days that a report is about, and those it is compared with."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

MOST_DAYS = 3660


class NoPeriod(ValueError):
    """The days that were asked for are none: worded for whoever asked."""


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days of the desk: `first` to `last`, both of them in it, in its zone."""

    first: date
    last: date
    zone: tzinfo

    def __post_init__(self) -> None:
        """Refuse what is no span of days."""
        if self.last < self.first:
            raise NoPeriod(f"{self.last} lies before {self.first}.")
        if self.days > MOST_DAYS:
            raise NoPeriod(f"{self.days} days are more than {MOST_DAYS}.")

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    @property
    def start(self) -> datetime:
        """The moment in which it begins."""
        return datetime.combine(self.first, time(), tzinfo=self.zone)

    @property
    def end(self) -> datetime:
        """The moment in which it has passed: the first that is not in it."""
        return datetime.combine(self.last + timedelta(days=1), time(), tzinfo=self.zone)

    @property
    def before(self) -> "Period":
        """As many days just before it; of a whole month or year, the month or year before."""
        last = self.first - timedelta(days=1)
        if self == of_month(self.first.year, self.first.month, self.zone):
            return of_month(last.year, last.month, self.zone)
        if self == of_year(self.first.year, self.zone):
            return of_year(last.year, self.zone)
        return Period(self.first - timedelta(days=self.days), last, self.zone)


def of_month(year: int, month: int, zone: tzinfo) -> Period:
    """A month of the calendar."""
    following = date(year + month // 12, month % 12 + 1, 1)
    return Period(date(year, month, 1), following - timedelta(days=1), zone)


def of_year(year: int, zone: tzinfo) -> Period:
    """A year of the calendar."""
    return Period(date(year, 1, 1), date(year, 12, 31), zone)


def of_last_days(days: int, *, today: date, zone: tzinfo) -> Period:
    """So many days, the last of them today."""
    return Period(today - timedelta(days=days - 1), today, zone)


def day_of(at: datetime, zone: tzinfo) -> date:
    """The day of the desk in which a moment lies."""
    return at.astimezone(zone).date()
