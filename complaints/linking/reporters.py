"""How far the clocks of reporters are ahead of ours, as links that are certain show.

Who writes "at 14:05" by a clock that is wrong, or in a zone that he calls by another name, does so
again. Learned from times that people and their programs state; what servers stamp tells of hosts.
"""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from statistics import median

from complaints.linking.asking import LookUp, ask
from complaints.linking.candidate import Clues
from complaints.models import Complaint, Link

# What is found so surely that its times tell of clocks.
CERTAIN_FROM = 0.99
FEWEST = 2
MOST_COMPLAINTS, MOST_LINKS = 30, 9
# A difference that is smaller is the time a mail takes; one that is larger is no clock.
LEAST, MOST = timedelta(seconds=30), timedelta(hours=15)
# Of times that do not agree the median says nothing.
AGREE_WITHIN = timedelta(minutes=3)

HostAhead = Callable[[int, datetime], float | None]  # of a host at a time, in seconds

LATEST = LookUp(
    f"SELECT id FROM {Complaint._meta.db_table} WHERE sender = %s "  # noqa: S608 (our own table)
    f"ORDER BY arrived_at DESC LIMIT {MOST_COMPLAINTS}",
    (str,),
)


class Reporters:
    """What is known of the clocks of the reporters of one batch."""

    def __init__(self, host_ahead: HostAhead) -> None:
        """host_ahead: how far the clock of a host is ahead, which is not held against them."""
        self._host_ahead = host_ahead
        self._seen: dict[str, list[float]] = {}

    def read(self, senders: Collection[str]) -> None:
        """Ask what the latest certain links of these reporters say: two queries for all."""
        new = sorted(set(senders) - self._seen.keys() - {""})
        self._seen.update((name, []) for name in new)
        by_complaint = {key: name for (name,), (key,) in ask(LATEST, [(one,) for one in new])}
        if not by_complaint:
            return
        told = (
            Link.objects.filter(complaint__in=by_complaint, state__in=Link.HOLDING)
            .filter(ahead_seconds=None, score__gte=CERTAIN_FROM)
            .exclude(reported_message__arrived_at=None)
            .filter(reported_message__clock_stated=True)
            .order_by("-complaint__arrived_at", "-pk")
            .values_list(
                "complaint", "reported_message__arrived_at", "message__queued_at", "message__host"
            )
        )
        for key, stated, queued, host in told:
            sender = by_complaint[key]
            if stated is not None and len(self._seen[sender]) < MOST_LINKS:
                self.learn(sender, stated, queued, host)

    def learn(self, sender: str, stated: datetime, queued: datetime, host: int) -> None:
        """Note that a reporter states this time for what a host logged at that."""
        ahead = (stated - queued).total_seconds() + (self._host_ahead(host, queued) or 0)
        if sender in self._seen and abs(ahead) <= MOST.total_seconds():
            self._seen[sender].append(ahead)

    def ahead(self, sender: str) -> float | None:
        """By how many seconds the times of a reporter are ahead; None where they are not off."""
        return off(self._seen.get(sender, ()))


def off(seen: Collection[float]) -> float | None:
    """The median of what was seen, if most of it agrees; None where it does not, or is near 0."""
    if len(seen) < FEWEST:
        return None
    middle = median(seen)
    agreeing = sum(abs(one - middle) <= AGREE_WITHIN.total_seconds() for one in seen)
    if abs(middle) < LEAST.total_seconds() or 2 * agreeing <= len(seen):
        return None
    return middle


def states_a_time(clues: Clues) -> bool:
    """Whether the time of a message is by the reporter's clock, and not by a server's."""
    stamped = clues.their_at is not None or any(hop.at for hop in clues.hops)
    return clues.at is not None and not clues.is_day and not stamped
