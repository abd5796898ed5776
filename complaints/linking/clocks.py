"""How far the clocks of our hosts are ahead of those of the reporters, learned from exact links."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from statistics import median

from complaints.models import Link

MOST_READ = 300
# A clock is set right one day: only what was seen near the time counts.
NEAR = timedelta(days=3)
NEAREST = 9
FEWEST = 2

Sightings = list[tuple[datetime, float]]


def ahead_of(hosts: Collection[int]) -> dict[int, Sightings]:
    """By host, what the latest exact links showed: when, and by how many seconds it was ahead."""
    seen: dict[int, Sightings] = {}
    shown = Link.objects.exclude(ahead_seconds=None).order_by("-pk")
    for host, at, ahead in shown.values_list(
        "message__host", "message__queued_at", "ahead_seconds"
    )[:MOST_READ]:
        if host in hosts and ahead is not None:
            seen.setdefault(host, []).append((at, ahead))
    return seen


def at_that_time(sightings: Iterable[tuple[datetime, float]], at: datetime) -> float | None:
    """The median of the sightings nearest in time; None where too few are near."""
    near = sorted((abs(seen - at), ahead) for seen, ahead in sightings if abs(seen - at) <= NEAR)
    return median(ahead for _, ahead in near[:NEAREST]) if len(near) >= FEWEST else None
