"""Which fix of an incident was the last by a time, and when it was done."""

from datetime import datetime

from incidents.models import Fix, Incident, Task


def last_fix(incident: Incident | None, *, by_then: datetime) -> Fix | None:
    """The last fix that was done by then."""
    if incident is None:
        return None
    return incident.fixes.filter(done_at__lte=by_then).order_by("-done_at", "-pk").first()


def fixed_since(incident: Incident | None, *, by_then: datetime) -> datetime | None:
    """When the last fix was done, None while there is none.

    A task that a person finished later, without saying what was done, counts as a fix too, from
    when it was finished. One that a verdict finished tells nothing of when the fix was done.
    """
    if incident is None:
        return None
    fix = last_fix(incident, by_then=by_then)
    tasks = incident.tasks.filter(kind="fix", state=Task.State.DONE)
    if fix is not None:
        tasks = tasks.exclude(outcome="fixed").filter(finished_at__gt=fix.recorded_at)
    done_at = tasks.order_by("-finished_at").values_list("finished_at", flat=True).first()
    return done_at or (fix.done_at if fix else None)
