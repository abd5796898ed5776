"""Statistics of a period, compared with the one before: from the rollups, in few queries."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Sum

from incidents.models import DayFigure, Incident
from incidents.reporting import counting
from incidents.reporting.period import Period
from incidents.reporting.spread import Spread, spread, spread_of_counts

# Not shown beside the others: they are many, and belong to tables of their own.
LONG = (counting.FROM_DOMAIN, counting.RIGHT, counting.WRONG, counting.ACT, counting.ACKNOWLEDGED)
SHORT = tuple(measure for measure in counting.MEASURES if measure not in LONG)

COLUMNS = (
    "kind",
    "state",
    "discovered_at",
    "notice_published_at",
    "partially_fixed_at",
    "fixed_at",
    "figure__first_action_at",
    "figure__first_letter_at",
    "figure__as_number",
    "figure__as_name",
    "figure__country",
    "figure__customer__name",
    "figure__verdict",
    "figure__tasks_kept",
    "figure__tasks_late",
    "figure__relapses",
    "host__name",
)


@dataclass(frozen=True, slots=True)
class Complaints:
    """Received mail of a period: {measure: {value: count}} for the short measures of `counting`."""

    by: dict[str, Counter[str]]
    acknowledged: Spread

    @property
    def count(self) -> int:
        """Complaints that count: read, and no copy of another."""
        return sum(self.by[counting.STAGE][stage] for stage in counting.COMPLAINT)

    @property
    def received(self) -> int:
        """Received mails, whatever they proved to be."""
        return self.by[counting.STAGE].total()

    @property
    def linked_share(self) -> float | None:
        """The share of complaints whose mail was found in our logs, 0 to 1; None of none."""
        found = self.by[counting.FOUND]
        return found["linked"] / found.total() if found else None


@dataclass(frozen=True, slots=True)
class Incidents:
    """Incidents discovered in a period, merged ones left out."""

    count: int = 0
    by_state: Counter[str] = field(default_factory=Counter)
    by_kind: Counter[str] = field(default_factory=Counter)
    by_verdict: Counter[str] = field(default_factory=Counter)
    by_country: Counter[str] = field(default_factory=Counter)
    by_source: Counter[tuple[int | None, str]] = field(default_factory=Counter)
    by_customer: Counter[str] = field(default_factory=Counter)
    by_host: Counter[str] = field(default_factory=Counter)
    times: dict[str, Spread] = field(default_factory=dict)
    tasks_kept: int = 0
    tasks_late: int = 0
    relapsed: int = 0

    @property
    def kept_share(self) -> float | None:
        """The share of finished tasks that were done in time, 0 to 1; None of none."""
        finished = self.tasks_kept + self.tasks_late
        return self.tasks_kept / finished if finished else None


@dataclass(frozen=True, slots=True)
class Reporters:
    """What came from one domain: complaints, and how many of them proved right or wrong."""

    domain: str
    complaints: int
    right: int
    wrong: int


@dataclass(frozen=True, slots=True)
class Person:
    """What somebody did at the desk in a period: {act of the history: how often}."""

    name: str
    acts: Counter[str]


# From discovery to a moment, by the name of the span.
SPANS = {
    "first-action": "figure__first_action_at",
    "first-letter": "figure__first_letter_at",
    "notice": "notice_published_at",
    "partial-fix": "partially_fixed_at",
    "fix": "fixed_at",
}


def complaints(period: Period) -> Complaints:
    """What came in."""
    by: dict[str, Counter[str]] = {measure: Counter() for measure in SHORT}
    minutes: dict[timedelta, int] = {}
    for measure, value, count in _sums(period, (*SHORT, counting.ACKNOWLEDGED)):
        if measure == counting.ACKNOWLEDGED:
            minutes[timedelta(minutes=int(value))] = count
        else:
            by[measure][value] = count
    return Complaints(by, spread_of_counts(minutes))


def per_day(period: Period) -> list[tuple[date, int, int]]:
    """(day, complaints, other mail) of each day of a period, days without any too."""
    rows = _days(period).filter(measure=counting.STAGE).values_list("day", "value", "count")
    ours, others = Counter[date](), Counter[date]()
    for day, stage, count in rows:
        (ours if stage in counting.COMPLAINT else others)[day] += count
    days = (period.first + timedelta(days=number) for number in range(period.days))
    return [(day, ours[day], others[day]) for day in days]


def incidents(period: Period) -> Incidents:
    """What was discovered, how it stands, and how long each step took."""
    discovered = Incident.objects.filter(
        merged_into=None, discovered_at__gte=period.start, discovered_at__lt=period.end
    )
    rows = [dict(zip(COLUMNS, row, strict=True)) for row in discovered.values_list(*COLUMNS)]
    return Incidents(
        count=len(rows),
        by_state=_by(rows, "state"),
        by_kind=_by(rows, "kind"),
        by_verdict=_by(rows, "figure__verdict"),
        by_country=_by(rows, "figure__country"),
        by_source=Counter(
            (row["figure__as_number"], row["figure__as_name"])
            for row in rows
            if row["figure__as_number"]
        ),
        by_customer=_by(rows, "figure__customer__name"),
        by_host=_by(rows, "host__name"),
        times={name: _times(rows, column) for name, column in SPANS.items()},
        tasks_kept=sum(row["figure__tasks_kept"] or 0 for row in rows),
        tasks_late=sum(row["figure__tasks_late"] or 0 for row in rows),
        relapsed=sum(bool(row["figure__relapses"]) for row in rows),
    )


def reporters(period: Period, *, most: int) -> list[Reporters]:
    """The domains from which most complaints came, and how often they were right."""
    grouped = _grouped(_days(period).filter(measure=counting.FROM_DOMAIN))
    top = dict(grouped.order_by("-sum", "value").values_list("value", "sum")[:most])
    judged = _days(period).filter(measure__in=[counting.RIGHT, counting.WRONG], value__in=top)
    verdicts = {
        (measure, value): count
        for measure, value, count in _grouped(judged, "measure").values_list(
            "measure", "value", "sum"
        )
    }
    return [
        Reporters(
            domain,
            count,
            verdicts.get((counting.RIGHT, domain), 0),
            verdicts.get((counting.WRONG, domain), 0),
        )
        for domain, count in top.items()
    ]


def people(period: Period) -> list[Person]:
    """What each person did, by name; what the program did by itself is left out."""
    acts: dict[str, Counter[str]] = {}
    for _, value, count in _sums(period, (counting.ACT,)):
        name, _, act = value.partition("\t")
        acts.setdefault(name, Counter())[act] += count
    return [Person(name, acts[name]) for name in sorted(acts)]


def most_first(counts: Counter[Any], most: int) -> list[tuple[Any, int]]:
    """The values that occurred most, with how often; of equals, in the order of their names."""
    return sorted(counts.items(), key=lambda each: (-each[1], str(each[0])))[:most]


def _sums(period: Period, measures: Iterable[str]) -> Iterable[tuple[str, str, int]]:
    rows = _grouped(_days(period).filter(measure__in=list(measures)), "measure")
    yield from rows.values_list("measure", "value", "sum").iterator()


def _days(period: Period) -> Any:
    return DayFigure.objects.filter(day__gte=period.first, day__lte=period.last)


def _grouped(rows: Any, *by: str) -> Any:
    return rows.order_by().values(*by, "value").annotate(sum=Sum("count"))


def _by(rows: list[dict[str, Any]], column: str) -> Counter[str]:
    """How often each value occurs; what is not known is not counted."""
    return Counter(row[column] for row in rows if row[column])


def _times(rows: list[dict[str, Any]], column: str) -> Spread:
    """From discovery to a moment, where it has come; what was done before, took no time."""
    ended = [(row["discovered_at"], row[column]) for row in rows if row[column]]
    return spread(max(end - start, timedelta(0)) for start, end in ended)
