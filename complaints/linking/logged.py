"""What the log has of the messages in question: read for many complaints at once, as Logged."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from django.db.models import Count

from complaints import organisation
from complaints.linking.acquainted import Acquainted
from complaints.linking.asking import LookUp, Values, ask, ask_all
from complaints.linking.candidate import Logged
from complaints.linking.row import COLUMNS, MESSAGES, Row, moment, row_of
from complaints.linking.rule import Found
from complaints.maillog.direction import Ourselves
from complaints.models import Delivery, RelayedMessage
from complaints.querysets import OneByOne

MOST_DELIVERIES = 20_000
MOST_OTHER_LEGS = 200
# So many messages are asked for at once, since one may have gone to thousands.
READ_AT_ONCE = 400
# Legs of one journey: minutes apart where the clocks of our hosts are.
ON_ITS_WAY = timedelta(minutes=15)

Span = tuple[datetime, datetime]
# By how much its clock is ahead; subjects and Feedback-IDs of its sender; how many complaints.
Learned = tuple[float | None, frozenset[str], frozenset[str], int]
NEVER = (datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC))

ROW = LookUp(f"SELECT {COLUMNS} FROM {MESSAGES} w WHERE w.id = %s", (int,))  # noqa: S608 (ours)
_SELECT = f"SELECT id, queued_at FROM {MESSAGES} WHERE "  # noqa: S608 (ours)
_THEN, _SOME = "AND queued_at BETWEEN %s AND %s", f"LIMIT {MOST_OTHER_LEGS}"
ALIKE = LookUp(f"{_SELECT} message_id_sha256 = %s LIMIT {MOST_OTHER_LEGS + 1}", (str,))
CHILDREN = LookUp(f"{_SELECT} parent_id = %s {_SOME}", (int,))
IN_SPAN = (str, datetime, datetime)
NAMELESS_THEN = LookUp(f"{_SELECT} sender = %s AND message_id_sha256 = '' {_THEN} {_SOME}", IN_SPAN)
ALIKE_THEN = LookUp(f"{_SELECT} message_id_sha256 = %s {_THEN} {_SOME}", IN_SPAN)
TO_WHOM = LookUp(
    f"SELECT recipient, next_queue_id FROM {Delivery._meta.db_table} "  # noqa: S608 (ours)
    f"WHERE message_id = %s LIMIT {MOST_DELIVERIES + 1}",
    (int,),
)


class Log:
    """Rows of the log with all that is known of them, for the complaints of one batch."""

    def __init__(self, us: Ourselves) -> None:
        """Nothing is read before `read` is told which."""
        self._us = us
        self._rows: dict[int, Row] = {}
        self._recipients: dict[int, set[str]] = {}
        self._next_ids: dict[int, set[str]] = {}
        self._sharing: dict[str, int] = {}
        self._mates: dict[str, list[tuple[int, datetime]]] = {}
        self._alike: dict[Values, list[int]] = {}
        self._children: dict[int, list[int]] = {}
        self._asked_for_children: set[int] = set()
        self._parts: dict[int, dict[str, Any]] = {}
        self._logged: dict[int, tuple[Learned, Logged]] = {}
        self._hosts = organisation.mail_hosts()
        self._desk = organisation.desk_addresses()
        self.acquainted = Acquainted(us)

    def read(self, found: Sequence[Found]) -> list[list[int]]:
        """Take in what was found for each complaint, with the other legs of the same journeys.

        returns  for each complaint the keys of both, in their order
        raises   OneByOne where that is too much for several complaints
        """
        for one in found:
            self._rows.update(one.rows)
        pools = self._with_other_legs([one.keys for one in found])
        self._read_rows({key for pool in pools for key in pool})
        new = [row for key, row in self._rows.items() if key not in self._parts]
        self._read_deliveries([row.id for row in new], alone=len(found) == 1)
        self._read_related({row.message_id_sha256 for row in new}, (), ())
        self.acquainted.read(new)
        self._parts.update((row.id, self._part(row)) for row in new)
        return [sorted(key for key in pool if key in self._rows) for pool in pools]

    def logged(self, keys: Iterable[int], *, for_complaint: int) -> list[Logged]:
        """Messages as the score reads them: the same objects while nothing new is known of them.

        for_complaint  the key of the complaint, whose own links say nothing new about it
        """
        known, found = self.acquainted, []
        for key in keys:
            row = self._rows[key]
            learned = (
                known.ahead(row.host_id, row.queued_at),
                known.subjects(row.sender, for_complaint),
                known.feedback_ids(row.sender, for_complaint),
                known.complaints(row.sender, row.client_ip, for_complaint),
            )
            before = self._logged.get(key)
            if before is None or before[0] != learned:
                before = self._logged[key] = (learned, _with(self._parts[key], learned))
            found.append(before[1])
        return found

    def row(self, key: int) -> Row:
        """A row that was read."""
        return self._rows[key]

    def _read_rows(self, keys: Collection[int]) -> None:
        new = sorted(set(keys) - self._rows.keys())
        for _, columns in ask(ROW, [(key,) for key in new]):
            self._rows[columns[0]] = row_of(columns)

    def _with_other_legs(self, pools: Sequence[set[int]]) -> list[set[int]]:
        """For each complaint what was found, and the same on other hosts and in the filter."""
        rows = [[self._rows[key] for key in pool] for pool in pools]
        spans = [_span(some) for some in rows]
        every = {row.id: row for some in rows for row in some}
        nameless = {
            (row.sender, *span)
            for some, span in zip(rows, spans, strict=True)
            for row in some
            if self._came_nameless(row)
        }
        self._read_related({row.message_id_sha256 for row in every.values()}, every, nameless)
        shared = [self._shared(some) for some in rows]
        crowded = {
            (digest, *span)
            for some, span in zip(shared, spans, strict=True)
            for digest in some
            if self._sharing[digest] > MOST_OTHER_LEGS
        }
        for values, columns in ask(ALIKE_THEN, sorted(crowded)):
            self._alike.setdefault(values, []).append(columns[0])
        for pool, some, span, digests in zip(pools, rows, spans, shared, strict=True):
            pool.update(islice(self._legs(some, span, digests), MOST_OTHER_LEGS))
        return [set(pool) for pool in pools]

    def _came_nameless(self, row: Row) -> bool:
        """Whether it came without a Message-ID: it has none, or one that its own host gave it."""
        host = self._hosts[row.host_id].fqdn.lower()
        return not row.message_id or row.message_id.lower().endswith(f"@{host}")

    def _shared(self, rows: Iterable[Row]) -> list[str]:
        """Message-IDs that more messages have than these: where we have all is no other leg."""
        having = Counter(row.message_id_sha256 for row in rows if row.message_id_sha256)
        return [one for one, number in having.items() if number < self._sharing[one]]

    def _legs(self, rows: Sequence[Row], span: Span, digests: Iterable[str]) -> Iterator[int]:
        """Keys of messages that may be the same as these, each once."""
        had = {row.id for row in rows}
        for key in self._named_alike(rows, span, digests):
            if key not in had:
                had.add(key)
                yield key

    def _named_alike(
        self, rows: Sequence[Row], span: Span, digests: Iterable[str]
    ) -> Iterator[int]:
        start, end = span
        for digest in digests:
            yield from self._alike.get((digest, *span), ())
            yield from (key for key, at in self._mates[digest] if start <= at <= end)
        for sender in sorted({row.sender for row in rows if self._came_nameless(row)}):
            yield from self._alike.get((sender, *span), ())
        for row in rows:
            yield from self._children.get(row.id, ())
        yield from (row.parent_id for row in rows if row.parent_id is not None)

    def _read_related(
        self, digests: Collection[str], parents: Collection[int], nameless: Collection[Values]
    ) -> None:
        """Ask who has the same Message-ID, who was begotten, and who has no ID at that time."""
        new: dict[LookUp, list[Values]] = {
            ALIKE: [(one,) for one in sorted(set(digests) - self._mates.keys() - {""})],
            CHILDREN: [(one,) for one in sorted(set(parents) - self._asked_for_children)],
            NAMELESS_THEN: sorted(set(nameless) - self._alike.keys()),
        }
        self._asked_for_children.update(parents)
        self._mates.update((one, []) for (one,) in new[ALIKE])
        self._alike.update((values, []) for values in new[NAMELESS_THEN])
        for number, values, (key, at) in ask_all(list(new.items())):
            if number == 0:
                self._mates[values[0]].append((key, moment(at)))
            elif number == 1:
                self._children.setdefault(values[0], []).append(key)
            else:
                self._alike[values].append(key)
        self._sharing.update((one, len(self._mates[one])) for (one,) in new[ALIKE])
        many = [one for (one,) in new[ALIKE] if self._sharing[one] > MOST_OTHER_LEGS]
        for one in many:
            self._mates[one] = []
        if many:
            counted = RelayedMessage.objects.values_list("message_id_sha256").annotate(Count("pk"))
            self._sharing.update(counted.filter(message_id_sha256__in=many))

    def _read_deliveries(self, keys: Sequence[int], *, alone: bool) -> None:
        portions = (keys[at : at + READ_AT_ONCE] for at in range(0, len(keys), READ_AT_ONCE))
        told = (one for some in portions for one in ask(TO_WHOM, [(key,) for key in some]))
        for number, ((key,), (recipient, next_id)) in enumerate(told):
            if number == MOST_DELIVERIES:
                if alone:
                    break
                raise OneByOne
            self._recipients.setdefault(key, set()).add(recipient.lower())
            if next_id:
                self._next_ids.setdefault(key, set()).add(next_id)

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


def _with(part: dict[str, Any], learned: Learned) -> Logged:
    ahead_seconds, subjects, feedback_ids, complained_of = learned
    return Logged(
        **part,
        ahead_seconds=ahead_seconds,
        sender_subjects=subjects,
        sender_feedback_ids=feedback_ids,
        complained_of=complained_of,
    )


def _is_inside(client_ip: str, us: Ourselves) -> bool:
    return not client_ip or (us.has_address(client_ip) and not us.customer_of(client_ip))


def _span(rows: Sequence[Row]) -> Span:
    """When other legs of the same journeys may have been taken in."""
    times = [row.queued_at for row in rows]
    return (min(times) - ON_ITS_WAY, max(times) + ON_ITS_WAY) if times else NEVER
