"""Whether the rollups are right: compared with a plain count that the database makes by itself.

It is written in another way than `counting` on purpose: grouped in SQL, over all days at once.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, tzinfo
from itertools import islice
from typing import Any

from django.db.models import Count, F, QuerySet
from django.db.models.functions import TruncDate

from complaints.models import AuditEntry, Complaint
from incidents.models import DayFigure, Incident, IncidentFigure, RollupState
from incidents.reporting import counting
from incidents.workflow.planning import desk_zone

MOST_TOLD = 20

Key = tuple[str, date, str]


def check(*, now: datetime) -> list[str]:
    """Compare, note what differs in the state of the rollups, and return it in words.

    Run `rollups.keep` before: what it has not counted yet would differ.
    """
    found = list(islice(_differences(desk_zone()), MOST_TOLD))
    RollupState.objects.update_or_create(pk=1, defaults={"checked_at": now, "differences": found})
    return found


def _differences(zone: tzinfo) -> Iterator[str]:
    kept = {
        (measure, day, value): count
        for measure, day, value, count in DayFigure.objects.filter(
            measure__in=[*_PLAIN, counting.ACT]
        ).values_list("measure", "day", "value", "count")
    }
    plain = Counter(dict(_plainly(zone)))
    for key in sorted(kept.keys() | plain.keys()):
        if kept.get(key, 0) != plain[key]:
            measure, day, value = key
            yield f"{day} {measure} “{value}”: {kept.get(key, 0)} kept, {plain[key]} counted"
    yield from _incidents()


_PLAIN = {
    counting.STAGE: "stage",
    **counting.FIELDS,
    counting.FOUND: "found",
}


def _plainly(zone: tzinfo) -> Iterator[tuple[Key, int]]:
    """((measure, day, value), count) of all that the tables hold."""
    every = Complaint.objects.annotate(day=TruncDate("arrived_at", tzinfo=zone))
    for measure, field in _PLAIN.items():
        rows: QuerySet[Any] = every
        if measure != counting.STAGE:
            rows = every.filter(stage__in=counting.COMPLAINT).with_found()
        grouped = rows.order_by().values_list("day", field).annotate(count=Count("pk"))
        for day, value, count in grouped.iterator():
            yield (measure, day, value), count
    acts = AuditEntry.objects.filter(user__isnull=False)
    by_day = acts.annotate(day=TruncDate("at", tzinfo=zone)).order_by()
    for day, actor, act, count in by_day.values_list("day", "actor", "action").annotate(
        count=Count("pk")
    ):
        yield (counting.ACT, day, f"{actor}\t{act}"[:200]), count


def _incidents() -> Iterator[str]:
    """Incidents of which no figures are kept, or with another number of complaints."""
    for reference in Incident.objects.filter(figure=None).values_list("reference", flat=True):
        yield f"{reference}: no figures are kept"
    counted = IncidentFigure.objects.annotate(members=Count("incident__memberships"))
    wrong = counted.exclude(members=F("complaints"))
    for reference, kept, members in wrong.values_list(
        "incident__reference", "complaints", "members"
    ):
        yield f"{reference}: {kept} complaints kept, {members} counted"
