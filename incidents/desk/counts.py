"""How much waits, of each kind: counted up to a bound, all in one query; and what is new since."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet

from complaints.models import Complaint
from complaints.paging import Counted
from incidents.desk import sources
from incidents.desk.item import KINDS, Filters
from incidents.models import Incident, Reply, Task

# Whoever has more than this does not care how many more; and counting them would cost.
MOST = 100


def _counted(rows: "QuerySet[Any]") -> Counted:
    return Counted.up_to(MOST, rows)


def counts(user: User, now: datetime) -> dict[str, int]:
    """By kind of KINDS, with `mine`, `walking` and `open_incidents`; at most MOST."""
    everything = Filters()
    wanted = {source.name: _counted(source.rows(now, everything)) for source in sources.ALL}
    wanted |= {
        "mine": _counted(Task.objects.ready().filter(taken_by=user.pk)),
        "walking": _counted(Complaint.objects.filter(stage__in=Complaint.WAITING)),
        "open_incidents": _counted(Incident.objects.open()),
    }
    found = _asked(user, wanted)
    by_kind = {kind: sum(found[name] for name in names) for kind, names in KINDS.items()}
    rest = {name: found[name] for name in ("mine", "walking", "open_incidents")}
    return by_kind | rest


def new_since(user: User, moment: datetime) -> int:
    """How many things began to wait for a person since a moment; at most MOST of a kind."""
    rows = {
        "complaints": Complaint.objects.to_review().filter(recorded_at__gt=moment),
        "tasks": Task.objects.ready().filter(created_at__gt=moment),
        "replies": Reply.objects.filter(kind=Reply.Kind.ANSWER, received_at__gt=moment),
    }
    return sum(_asked(user, {name: _counted(found) for name, found in rows.items()}).values())


def _asked(user: User, wanted: dict[str, Counted]) -> dict[str, int]:
    """All counts by one query. The names of sources are also fields: each gets a mark."""
    marked: Any = {f"count_{name}": count for name, count in wanted.items()}
    row: dict[str, Any] = dict(User.objects.filter(pk=user.pk).values(**marked)[0])
    return {name.removeprefix("count_"): value for name, value in row.items()}
