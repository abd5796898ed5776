"""How much waits, of each kind: counted up to a bound, all in one query; and what is new since."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db.models import DateTimeField, IntegerField, QuerySet

from complaints.models import Complaint
from complaints.paging import Counted
from complaints.prepared import Bound, prepared
from incidents.desk import of_tasks, sources
from incidents.desk.item import KINDS, Filters
from incidents.desk.source import BOUND
from incidents.models import Incident, Reply, Task

# Whoever has more than this does not care how many more; and counting them would cost.
MOST = 100
USER = Bound("user", IntegerField())


def counts(user: User, now: datetime) -> dict[str, int]:
    """By kind of KINDS, with `mine`, `walking` and `open_incidents`; at most MOST."""
    found = _asked(_all_that_waits, user, now=now, soon=now + of_tasks.SOON)
    by_kind = {kind: sum(found[name] for name in names) for kind, names in KINDS.items()}
    rest = {name: found[name] for name in ("mine", "walking", "open_incidents")}
    return by_kind | rest


def new_since(user: User, moment: datetime) -> int:
    """How many things began to wait for a person since a moment; at most MOST of a kind."""
    return sum(_asked(_new, user, moment=moment).values())


def _all_that_waits() -> dict[str, "QuerySet[Any]"]:
    everything = Filters()
    return {source.name: source.rows(BOUND, everything) for source in sources.ALL} | {
        "mine": Task.objects.ready().filter(taken_by=USER),
        "walking": Complaint.objects.filter(stage__in=Complaint.WAITING),
        "open_incidents": Incident.objects.open(),
    }


def _new() -> dict[str, "QuerySet[Any]"]:
    moment = Bound("moment", DateTimeField())
    return {
        "complaints": Complaint.objects.to_review().filter(recorded_at__gt=moment),
        "tasks": Task.objects.ready().filter(created_at__gt=moment),
        "replies": Reply.objects.filter(kind=Reply.Kind.ANSWER, received_at__gt=moment),
    }


def _asked(
    wanted: Callable[[], dict[str, "QuerySet[Any]"]], user: User, **values: Any
) -> dict[str, int]:
    """All counts by one query. The names of sources are also fields: each gets a mark."""

    def build() -> "QuerySet[Any, tuple[Any, ...]]":
        marked: Any = {
            f"count_{name}": Counted.up_to(MOST, rows) for name, rows in wanted().items()
        }
        return User.objects.filter(pk=USER).annotate(**marked).values_list(*marked)

    row = next(prepared(("counts", wanted.__name__, MOST), build).ask(user=user.pk, **values))
    return {name.removeprefix("count_"): value for name, value in row._asdict().items()}
