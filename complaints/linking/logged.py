"""What the log has of the messages in question: read for many complaints at once, as Logged."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Count, QuerySet

from complaints import organisation
from complaints.linking.acquainted import Acquainted
from complaints.linking.candidate import Logged
from complaints.maillog.direction import Ourselves
from complaints.models import Delivery, RelayedMessage
from complaints.querysets import OneByOne

MOST_DELIVERIES = 20_000
MOST_OTHER_LEGS = 200
# Legs of one journey: minutes apart where the clocks of our hosts are.
ON_ITS_WAY = timedelta(minutes=15)
# Values that one statement names.
NAMED_AT_ONCE = 400


class Row(NamedTuple):
    """A row of the table of messages, as far as linking reads it."""

    id: int
    host_id: int
    queue_id: str
    queued_at: datetime
    message_id: str
    message_id_sha256: str
    client_ip: str
    sender: str
    sender_domain: str
    subject: str
    direction: str
    parent_id: int | None
    size_bytes: int | None


class Log:
    """Rows of the log with all that is known of them, for the complaints of one batch."""

    def __init__(self, us: Ourselves) -> None:
        """Nothing is read before `read` is told which."""
        self._us = us
        self._rows: dict[int, Row] = {}
        self._recipients: dict[int, set[str]] = {}
        self._next_ids: dict[int, set[str]] = {}
        self._sharing: dict[str, int] = {}
        self._parts: dict[int, dict[str, Any]] = {}
        self._hosts = organisation.mail_hosts()
        self._desk = organisation.desk_addresses()
        self.acquainted = Acquainted(us)

    def read(self, found: Sequence[Iterable[int]]) -> list[list[int]]:
        """Read what was found for each complaint, with the other legs of the same journeys.

        returns  for each complaint the keys of both, in their order
        raises   OneByOne where that is too much for several complaints
        """
        self._read_rows({key for some in found for key in some})
        pools = self._with_other_legs(found)
        self._read_rows({key for pool in pools for key in pool})
        new = [row for key, row in self._rows.items() if key not in self._parts]
        self._read_deliveries([row.id for row in new], alone=len(found) == 1)
        self._count_sharing({row.message_id_sha256 for row in new} - {""})
        self.acquainted.read(new)
        self._parts.update((row.id, self._part(row)) for row in new)
        return [sorted(key for key in pool if key in self._rows) for pool in pools]

    def logged(self, keys: Iterable[int], *, for_complaint: int) -> list[Logged]:
        """Messages as the score reads them.

        for_complaint  the key of the complaint, whose own links say nothing new about it
        """
        known, found = self.acquainted, []
        for key in keys:
            row = self._rows[key]
            found.append(
                Logged(
                    **self._parts[key],
                    ahead_seconds=known.ahead(row.host_id, row.queued_at),
                    sender_subjects=known.subjects(row.sender, for_complaint),
                    sender_feedback_ids=known.feedback_ids(row.sender, for_complaint),
                    complained_of=known.complaints(row.sender, row.client_ip, for_complaint),
                )
            )
        return found

    def row(self, key: int) -> Row:
        """A row that was read."""
        return self._rows[key]

    def _read_rows(self, keys: Collection[int]) -> None:
        new = sorted(set(keys) - self._rows.keys())
        found = in_parts(RelayedMessage.objects.values_list(*Row._fields), "pk__in", new)
        self._rows.update((row[0], Row(*row)) for row in found)

    def _with_other_legs(self, found: Sequence[Iterable[int]]) -> list[set[int]]:
        """For each complaint what was found, and the same on other hosts and in the filter."""
        pools = [{key for key in some if key in self._rows} for some in found]
        every = {key for pool in pools for key in pool}
        if not every:
            return pools
        self._count_sharing({self._rows[key].message_id_sha256 for key in every} - {""})
        children = self._children(every)
        alike = _alike([self._asked_for(pool) for pool in pools])
        for pool, same in zip(pools, alike, strict=True):
            more = dict.fromkeys(same)
            more |= dict.fromkeys(child for key in pool for child in children.get(key, ()))
            more |= dict.fromkeys(
                parent for key in pool if (parent := self._rows[key].parent_id) is not None
            )
            pool.update(list(more)[:MOST_OTHER_LEGS])
        return pools

    def _asked_for(self, pool: Collection[int]) -> list[tuple[str, str, datetime, datetime]]:
        """What other rows of the same messages have: a column, its value, and a span of time."""
        rows = [self._rows[key] for key in pool]
        if not rows:
            return []
        times = [row.queued_at for row in rows]
        span = (min(times) - ON_ITS_WAY, max(times) + ON_ITS_WAY)
        having = Counter(row.message_id_sha256 for row in rows)
        # Where we have all that share an ID there is no other leg.
        shared = [one for one, number in having.items() if number < self._sharing.get(one, 0)]
        senders = {row.sender for row in rows if not row.message_id_sha256}
        return [
            *(("message_id_sha256", one, *span) for one in shared),
            *(("sender", one, *span) for one in sorted(senders)),
        ]

    def _children(self, keys: Iterable[int]) -> dict[int, list[int]]:
        children: dict[int, list[int]] = {}
        rows = RelayedMessage.objects.values_list("parent_id", "pk")
        for parent, key in in_parts(rows, "parent__in", keys):
            children.setdefault(parent, []).append(key)
        return children

    def _read_deliveries(self, keys: Sequence[int], *, alone: bool) -> None:
        rows = Delivery.objects.values_list("message_id", "recipient", "next_queue_id")
        found = list(islice(in_parts(rows, "message__in", keys), MOST_DELIVERIES + 1))
        if len(found) > MOST_DELIVERIES and not alone:
            raise OneByOne
        for key, recipient, next_id in found:
            self._recipients.setdefault(key, set()).add(recipient.lower())
            if next_id:
                self._next_ids.setdefault(key, set()).add(next_id)

    def _count_sharing(self, digests: set[str]) -> None:
        counted = RelayedMessage.objects.values_list("message_id_sha256").annotate(Count("pk"))
        new = digests - self._sharing.keys()
        self._sharing.update(in_parts(counted, "message_id_sha256__in", new))

    def _part(self, row: Row) -> dict[str, Any]:
        """What is the same for every complaint."""
        us, host, sender = self._us, self._hosts[row.host_id], row.sender.lower()
        direction = RelayedMessage.Direction
        return {
            "key": row.id,
            "host": host.name,
            "host_name": host.fqdn.lower(),
            "queue_id": row.queue_id,
            "queued_at": row.queued_at,
            "message_id": row.message_id,
            "client_ip": row.client_ip,
            "sender": sender,
            "subject": row.subject,
            "recipients": frozenset(self._recipients.get(row.id, ())),
            "is_for_stranger": row.direction == direction.STRANGER,
            "is_for_us": row.direction in (direction.IN, direction.INTERNAL),
            "host_addresses": frozenset(host.addresses),
            "client_is_ours": us.has_host(row.client_ip) or row.client_ip.startswith("127."),
            "next_queue_ids": frozenset(self._next_ids.get(row.id, ())),
            "parent": row.parent_id,
            "size_bytes": row.size_bytes,
            "same_message_id": self._sharing.get(row.message_id_sha256, 1),
            "sender_is_ours": us.has_domain(row.sender_domain),
            "is_from_desk": sender in self._desk and _is_inside(row.client_ip, us),
        }


def in_parts(rows: QuerySet[Any, Any], lookup: str, values: Iterable[Any]) -> Iterator[Any]:
    """The rows in which a field has one of many values."""
    wanted = list(values)
    for start in range(0, len(wanted), NAMED_AT_ONCE):
        yield from rows.filter(**{lookup: wanted[start : start + NAMED_AT_ONCE]})


def _is_inside(client_ip: str, us: Ourselves) -> bool:
    return not client_ip or (us.has_address(client_ip) and not us.customer_of(client_ip))


def _alike(asked: Sequence[Sequence[tuple[str, str, datetime, datetime]]]) -> list[list[int]]:
    """For each complaint the keys of rows that have one of these values within their spans."""
    found: list[list[int]] = [[] for _ in asked]
    parts = [(number, *one) for number, some in enumerate(asked) for one in some]
    moment = connection.ops.adapt_datetimefield_value
    for first in range(0, len(parts), NAMED_AT_ONCE):
        query, given = [], []
        for number, column, value, start, end in parts[first : first + NAMED_AT_ONCE]:
            nameless = "AND message_id_sha256 = '' " if column == "sender" else ""
            query.append(
                f"SELECT {number}, id FROM (SELECT id FROM {RelayedMessage._meta.db_table} "  # noqa: S608
                f"WHERE {column} = %s {nameless}AND queued_at BETWEEN %s AND %s "
                f"LIMIT {MOST_OTHER_LEGS}) AS alike"
            )
            given += [value, moment(start), moment(end)]
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(query), given)
            for number, key in cursor.fetchall():
                found[number].append(key)
    return found
