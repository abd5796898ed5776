"""Who sent how much in which hour: counted as the log grows, so that what is usual is known.

An hour is counted whole each time something new of it is in the log: to count one twice changes
nothing. The mark moves on when what was counted has been looked at, so a worker that dies loses
nothing.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Max, Min, Q, QuerySet

from complaints.maillog.direction import Ourselves
from complaints.models import MailHost, RelayedMessage
from incidents.grouping.casework import network_of
from incidents.grouping.keys import GroupKey, LinkedMessage, incident_keys
from incidents.grouping.signs import Sent, Usual
from incidents.models import LogMark, SentHour

AT_ONCE = 20_000
HOUR = timedelta(hours=1)
# What is usual: the weeks before, without the last day, since floods begin with a trickle.
WEEKS, LAST_DAY, KNOWN_AFTER = timedelta(weeks=4), timedelta(days=1), timedelta(days=3)
# What looked like abuse and went on for longer is usual, or somebody has acted.
STAYS_A_SIGN = timedelta(days=7)
KEPT = timedelta(days=60)
TRIED_BEFORE = timedelta(days=1)
DIRECTIONS = (RelayedMessage.Direction.OUT, RelayedMessage.Direction.STRANGER)
REASONS = {
    "relay-host": "{} relays for strangers",
    "account": "the account {} sends in bulk",
    "script": "mail made on the host itself is sent in bulk: {}",
    "customer": "the customer {} sends in bulk",
    "own-client": "{}, one of ours, sends in bulk",
}


# Kind and value of a sender, and the hour.
Named = tuple[str, str, datetime]


@dataclass(slots=True)
class Sending:
    """What one sender handed in within one hour, as it is counted.

    clients  the addresses it came from; none for what was made on the host itself
    """

    key: GroupKey
    host: MailHost
    hour: datetime
    messages: int = 0
    recipients: int = 0
    clients: set[str] = field(default_factory=set)
    senders: set[str] = field(default_factory=set)
    domains: set[str] = field(default_factory=set)

    @property
    def sent(self) -> Sent:
        """The counts."""
        return Sent(
            self.key.kind,
            self.key.value,
            self.hour,
            self.messages,
            self.recipients,
            sources=len(self.clients),
            networks=len({network_of(one) for one in self.clients}),
            senders=len(self.senders),
            domains=len(self.domains),
        )


@dataclass(frozen=True, slots=True)
class Counted:
    """Hours of which the log has something new, and up to which message they were counted."""

    hours: tuple[Sending, ...]
    upto: int

    def move_mark(self) -> None:
        """What was counted has been looked at."""
        LogMark.objects.filter(pk=1, message__lt=self.upto).update(message=self.upto)


def count_some(us: Ourselves) -> Counted | None:
    """Count the hours of the messages that the log has since last time; None if it has none."""
    mark, _made = LogMark.objects.get_or_create(pk=1)
    newest = RelayedMessage.objects.filter(pk__gt=mark.message).order_by("pk")
    counter, upto = _Counter(us), mark.message
    touched: set[Named] = set()
    for number, *facts in newest.values_list("pk", *_Row._fields)[:AT_ONCE]:
        upto, row = number, _Row(*facts)
        key = counter.key_of(row)
        if key is not None:
            touched.add((key.kind, key.value, hour_of(row.queued_at)))
    if upto == mark.message:
        return None
    for first, last in _stretches({hour for _, _, hour in touched}):
        rows = RelayedMessage.objects.filter(
            queued_at__gte=first, queued_at__lt=last + HOUR, direction__in=DIRECTIONS, parent=None
        )
        for facts in rows.values_list(*_Row._fields).iterator():
            counter.count(_Row(*facts), touched)
    hours = sorted(counter.found.values(), key=lambda one: (one.hour, one.key.kind, one.key.value))
    _store(hours)
    return Counted(tuple(hours), upto)


def usual_of(sent: Sent) -> Usual:
    """The most that this sender handed in within an hour of the weeks before."""
    before = SentHour.objects.filter(hour__range=(sent.hour - WEEKS, sent.hour - LAST_DAY))
    since = before.aggregate(first=Min("hour"))["first"]
    own = before.filter(kind=sent.kind, value=sent.value)
    most = own.exclude(is_sign=True, hour__gte=sent.hour - STAYS_A_SIGN).aggregate(
        messages=Max("messages"), recipients=Max("recipients"), domains=Max("domains")
    )
    known = since is not None and since <= sent.hour - KNOWN_AFTER
    return Usual(**{name: value or 0 for name, value in most.items()}, is_known=known)


def note_signs(sent: Iterable[Sent]) -> None:
    """What was abuse shall not pass as usual."""
    for one in sent:
        SentHour.objects.filter(kind=one.kind, value=one.value, hour=one.hour).update(is_sign=True)


def messages_in(hours: Collection[Sending]) -> QuerySet[RelayedMessage]:
    """The messages that one sender handed in within these hours, oldest first.

    Of strangers, those of the day before too: a relay is tried before it is used.
    """
    one = next(iter(hours))
    spans = Q()
    wanted = {each.hour for each in hours}
    if one.key.kind == "relay-host":
        wanted |= {hour - HOUR * back for hour in wanted for back in range(TRIED_BEFORE // HOUR)}
    for first, last in _stretches(wanted):
        spans |= Q(queued_at__gte=first, queued_at__lt=last + HOUR)
    rows = RelayedMessage.objects.filter(spans, direction__in=DIRECTIONS, parent=None)
    return _of_sender(rows, one.key, one.host, hours).select_related("host").order_by("queued_at")


def known_clients(messages: Collection[RelayedMessage], before: datetime) -> set[str]:
    """From which of these addresses the same account had sent in the weeks before."""
    users = {row.authenticated_user for row in messages} - {""}
    if not users:
        return set()
    earlier = RelayedMessage.objects.filter(
        client_ip__in={row.client_ip for row in messages},
        queued_at__gte=before - WEEKS,
        queued_at__lt=before,
        authenticated_user__in=users,
    )
    return set(earlier.order_by().values_list("client_ip", flat=True).distinct())


def forget_old() -> None:
    """Forget what is long ago."""
    newest = SentHour.objects.aggregate(newest=Max("hour"))["newest"]
    if newest is not None:
        SentHour.objects.filter(hour__lt=newest - KEPT).delete()


def hour_of(at: datetime) -> datetime:
    """When the hour begins in which this is."""
    return at.replace(minute=0, second=0, microsecond=0)


def _of_sender(
    rows: QuerySet[RelayedMessage], key: GroupKey, host: MailHost, hours: Iterable[Sending]
) -> QuerySet[RelayedMessage]:
    strangers = RelayedMessage.Direction.STRANGER
    if key.kind == "relay-host":
        return rows.filter(direction=strangers, host=host)
    rows = rows.exclude(direction=strangers)
    if key.kind == "account":
        user = key.value.partition(":")[2]
        return rows.filter(authenticated_user=user, host=host).exclude(client_ip="")
    if key.kind == "script":
        who = key.value.partition(":")[2]
        made_here = rows.filter(client_ip="", host=host)
        return made_here.filter(Q(sender=who) | Q(sender="", authenticated_user=who))
    clients = {client for one in hours for client in one.clients}
    return rows.filter(client_ip__in=clients, authenticated_user="")


def _store(hours: Iterable[Sending]) -> None:
    rows = [
        SentHour(
            kind=one.key.kind,
            value=one.key.value,
            hour=one.hour,
            messages=one.messages,
            recipients=one.recipients,
            domains=len(one.domains),
        )
        for one in hours
    ]
    SentHour.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["kind", "value", "hour"],
        update_fields=["messages", "recipients", "domains"],
        batch_size=1000,
    )


def _stretches(hours: Collection[datetime]) -> Iterator[tuple[datetime, datetime]]:
    """Hours that follow each other, as the first and the last of each stretch."""
    first = last = None
    for hour in sorted(hours):
        if last is not None and first is not None and hour - last > HOUR:
            yield first, last
            first = hour
        first, last = first or hour, hour
    if first is not None and last is not None:
        yield first, last


class _Row(NamedTuple):
    """What is counted of a message of the log."""

    queued_at: datetime
    direction: str
    parent_id: int | None
    host_id: int
    authenticated_user: str
    client_ip: str
    sender: str
    recipient_count: int


class _Counter:
    """Adds up rows of the log by sender and hour."""

    def __init__(self, us: Ourselves) -> None:
        self.us = us
        self.hosts = {host.pk: host for host in MailHost.objects.all()}
        self.found: dict[Named, Sending] = {}
        self._keys: dict[tuple[str, int, str, str, str], GroupKey | None] = {}

    def key_of(self, row: _Row) -> GroupKey | None:
        """Who handed the message in; None for what is for us, and for what came from our hosts."""
        if row.parent_id is not None or row.direction not in DIRECTIONS:
            return None
        sender = "" if row.client_ip else row.sender
        known = (row.direction, row.host_id, row.authenticated_user, row.client_ip, sender)
        if known not in self._keys:
            self._keys[known] = self._named(row)
        return self._keys[known]

    def _named(self, row: _Row) -> GroupKey | None:
        if row.client_ip in self.us.host_addresses:
            return None
        host = self.hosts[row.host_id]
        message = LinkedMessage(
            host=host.name,
            queue_id="",
            direction=row.direction,
            authenticated_user=row.authenticated_user,
            client_ip=row.client_ip,
            customer=self.us.customer_of(row.client_ip),
            client_is_ours=self.us.has_address(row.client_ip),
            sender=row.sender,
        )
        key = next(iter(incident_keys([message])), None)
        if key is None:
            return None
        called = host.fqdn if key.kind == "relay-host" else key.value
        return replace(key, reason=REASONS[key.kind].format(called))

    def count(self, row: _Row, touched: set[Named]) -> None:
        """Add one row, if its sender and hour are among those touched."""
        key = self.key_of(row)
        if key is None:
            return
        hour = hour_of(row.queued_at)
        name = (key.kind, key.value, hour)
        if name not in touched:
            return
        one = self.found.get(name)
        if one is None:
            one = self.found[name] = Sending(key, self.hosts[row.host_id], hour)
        one.messages += 1
        one.recipients += row.recipient_count
        if row.client_ip:
            one.clients.add(row.client_ip)
        one.senders.add(row.sender.lower())
        domain = row.sender.rpartition("@")[2].lower()
        if domain and not self.us.has_domain(domain):
            one.domains.add(domain)
