"""From one message to its run: what its source sent in the same burst, and who complains."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from complaints.maillog.direction import Ourselves
from complaints.models import Delivery, Link, RelayedMessage

# A source that was silent for longer began another run.
LONGEST_PAUSE = timedelta(hours=6)
REACH = timedelta(days=3)
MOST_COUNTED = 10_000

Seen = tuple[int, datetime]  # key of a message, and when it came in


@dataclass(frozen=True, slots=True)
class Run:
    """A burst of one source: its extent, how many it reached, and how many complain of it.

    source   the client, or the envelope sender of mail that was made on a host of ours
    is_cut   there may be more: only so many messages were counted
    """

    source: str
    messages: int
    recipients: int
    complaints: int
    first_at: datetime
    last_at: datetime
    is_cut: bool = False

    @property
    def percent_complaining(self) -> float | None:
        """Complaints of a hundred recipients; None where nobody got it."""
        return 100 * self.complaints / self.recipients if self.recipients else None


def runs_of(messages: Iterable[RelayedMessage], us: Ourselves) -> list[Run]:
    """The runs of linked messages, each once; three queries for each that is not in one before."""
    found: list[Run] = []
    for message in messages:
        source = _source(message, us)
        if any(source == run.source and _is_within(run, message.queued_at) for run in found):
            continue
        found.append(_run(message, source, us))
    return found


def _source(message: RelayedMessage, us: Ourselves) -> str:
    """Who sent it: hosts of ours only handed it on."""
    if message.client_ip and not us.has_host(message.client_ip):
        return message.client_ip
    return message.sender


def _is_within(run: Run, at: datetime) -> bool:
    return run.first_at <= at <= run.last_at


def _run(message: RelayedMessage, source: str, us: Ourselves) -> Run:
    by_client = source == message.client_ip
    same = Q(client_ip=source) if by_client else Q(client_ip=message.client_ip, sender=source)
    around = (message.queued_at - REACH, message.queued_at + REACH)
    times = list(
        RelayedMessage.objects.filter(same, queued_at__range=around)
        .order_by("queued_at", "pk")
        .values_list("pk", "queued_at")[:MOST_COUNTED]
    )
    burst = burst_around(times, message.pk)
    span = (burst[0][1], burst[-1][1])
    within = RelayedMessage.objects.filter(same, queued_at__range=span)
    reached = Delivery.objects.filter(message__in=within.values("pk"))
    told = Link.objects.filter(state__in=Link.HOLDING, message__in=within.values("pk"))
    return Run(
        source=source,
        messages=len(burst),
        recipients=reached.values("recipient").distinct().count(),
        complaints=told.values("complaint").distinct().count(),
        first_at=span[0],
        last_at=span[1],
        is_cut=len(times) == MOST_COUNTED,
    )


def burst_around(times: Sequence[Seen], key: int) -> Sequence[Seen]:
    """Those before and behind this one, up to the first long pause on either side.

    times    in their order; where `key` is not among them, because they were cut, the first
             stands for it
    """
    middle = next((n for n, (one, _) in enumerate(times) if one == key), 0)
    first = last = middle
    while first > 0 and times[first][1] - times[first - 1][1] <= LONGEST_PAUSE:
        first -= 1
    while last + 1 < len(times) and times[last + 1][1] - times[last][1] <= LONGEST_PAUSE:
        last += 1
    return times[first : last + 1]
