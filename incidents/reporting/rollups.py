"""Rollups: kept as facts arrive, made anew by one command, and checked against a plain count.

Whatever happens is in the history, and the history has one order. So what has to be counted
again follows from the entries that were not looked at yet: the days of the complaints they name,
the days on which people acted, and the incidents they belong to.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from django.conf import settings
from django.db import transaction

from complaints.models import AuditEntry, Complaint
from incidents.models import DayFigure, Incident, IncidentFigure, RollupState
from incidents.reporting import counting, incidentfigures
from incidents.reporting.networks import Origins, read_origins
from incidents.reporting.period import Period, day_of
from incidents.workflow.planning import desk_offset, desk_zone

AT_ONCE = 2000  # entries of the history in one transaction
INCIDENTS_AT_ONCE = 200

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class _Touched:
    """What entries of the history say has to be counted again; `until` is the last of them."""

    until: int
    days: frozenset[date]
    incidents: frozenset[str]


def keep(*, now: datetime) -> int:
    """Count what has changed since last time; returns how many days were counted anew.

    Safe to run twice at once: whoever finds the state moved on leaves the rest to the other.
    Where the desk has moved to another zone, the history is gone through from its beginning.
    """
    state = RollupState.objects.get_or_create(pk=1)[0]
    if state.utc_offset != desk_offset():
        _begin_anew(state)
    zone, counted, origins = desk_zone(), 0, None
    while touched := _touched(state.history_sequence, zone):
        origins = origins or read_origins(settings.MEYASU_NETWORK_TABLE)
        if not _count(state, touched, zone=zone, origins=origins, now=now):
            break
        counted += len(touched.days)
    return counted


def rebuild(*, now: datetime, progress: Progress = lambda *_: None) -> int:
    """Count everything anew, day by day; returns how many days. Reports go on meanwhile."""
    zone, origins = desk_zone(), read_origins(settings.MEYASU_NETWORK_TABLE)
    newest = AuditEntry.objects.order_by("-sequence").values_list("sequence", flat=True).first()
    days = list(_all_days(zone))
    for done, day in enumerate(days, start=1):
        counts = counting.counts_of(Period(day, day, zone))
        with transaction.atomic():
            _write({day: counts})
        progress("days", done, len(days))
    DayFigure.objects.exclude(day__in=days).delete()
    _rebuild_incidents(origins, now=now, progress=progress)
    RollupState.objects.update_or_create(
        pk=1,
        defaults={
            "history_sequence": newest or 0,
            "utc_offset": desk_offset(),
            "counted_at": now,
            "differences": [],
        },
    )
    return len(days)


def _begin_anew(state: RollupState) -> None:
    with transaction.atomic():
        DayFigure.objects.all().delete()
        state.history_sequence, state.utc_offset = 0, desk_offset()
        state.save(update_fields=["history_sequence", "utc_offset"])


def _touched(after: int, zone: tzinfo) -> _Touched | None:
    """What the next entries of the history touch; None if there are none."""
    entries = AuditEntry.objects.filter(sequence__gt=after).order_by("sequence")[:AT_ONCE]
    rows = entries.values_list(
        "sequence", "at", "user_id", "subject_kind", "subject_reference", "incident_reference"
    )
    until, days, references, incidents = after, set(), set(), set()
    for sequence, at, user, kind, subject, incident in rows:
        until = sequence
        if user is not None:
            days.add(day_of(at, zone))
        if kind == "complaint":
            references.add(subject)
        incidents.add(subject if kind == "incident" else incident)
    if until == after:
        return None
    days |= _days_of(references, zone)
    return _Touched(until, frozenset(days), frozenset(incidents - {""}))


def _days_of(references: Iterable[str], zone: tzinfo) -> set[date]:
    arrived = Complaint.objects.filter(reference__in=references)
    return {day_of(at, zone) for at in arrived.values_list("arrived_at", flat=True)}


def _count(
    state: RollupState, touched: _Touched, *, zone: tzinfo, origins: Origins, now: datetime
) -> bool:
    """Count what was touched and save it, if nobody else has meanwhile."""
    counted = {day: counting.counts_of(Period(day, day, zone)) for day in touched.days}
    found = Incident.objects.filter(reference__in=touched.incidents)
    rows = [incidentfigures.count_incident(each, origins=origins, now=now) for each in found]
    with transaction.atomic():
        unmoved = RollupState.objects.filter(pk=1, history_sequence=state.history_sequence)
        if not unmoved.update(history_sequence=touched.until, counted_at=now):
            return False
        _write(counted)
        incidentfigures.save(rows)
    state.history_sequence = touched.until
    return True


def _write(counted: dict[date, counting.Counts]) -> None:
    DayFigure.objects.filter(day__in=counted).delete()
    DayFigure.objects.bulk_create(
        (
            DayFigure(measure=measure, day=day, value=value, count=count)
            for day, counts in counted.items()
            for (measure, value), count in counts.items()
        ),
        batch_size=1000,
    )


def _all_days(zone: tzinfo) -> Iterator[date]:
    """Each day from the first on which anything happened to the last."""
    arrived = Complaint.objects.order_by("arrived_at").values_list("arrived_at", flat=True)
    acts = AuditEntry.objects.filter(user__isnull=False).order_by("at").values_list("at", flat=True)
    ends = [at for rows in (arrived, acts) for at in (rows.first(), rows.last()) if at]
    if ends:
        day, last = day_of(min(ends), zone), day_of(max(ends), zone)
        while day <= last:
            yield day
            day += timedelta(days=1)


def _rebuild_incidents(origins: Origins, *, now: datetime, progress: Progress) -> None:
    total = Incident.objects.count()
    rows: list[IncidentFigure] = []
    for done, incident in enumerate(Incident.objects.order_by("pk").iterator(), start=1):
        rows.append(incidentfigures.count_incident(incident, origins=origins, now=now))
        if len(rows) == INCIDENTS_AT_ONCE or done == total:
            incidentfigures.save(rows)
            rows = []
            progress("incidents", done, total)
    incidentfigures.save(rows)
