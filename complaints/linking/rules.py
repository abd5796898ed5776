"""Where to look for the message that is meant: by indexes only, a bounded number by each rule.

A rule is asked for all complaints of a batch by one statement: a part for each value that is
looked for, which reads no more of its index than it may find.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from complaints.linking.candidate import Clues
from complaints.linking.compare import QUARTER, is_masked, untagged
from complaints.maillog import message_id
from complaints.models import RelayedMessage
from complaints.querysets import SUBJECT_START_CHARS

MOST_BY_RULE = 80
MOST_LOOKED_AT = 1000
QUEUE_ID_WITHIN = timedelta(days=2)
# A report without a time is about mail of the last weeks; a stated day may be off by a zone.
LOOK_BACK = timedelta(days=14)
AROUND_STATED_TIME = timedelta(days=2)
AROUND_STAMP = timedelta(seconds=5)
SHORTEST_SUBJECT = 5
PARTS_AT_ONCE = 200

Span = tuple[datetime, datetime]
Values = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """One look-up.

    where    what it asks of a message `m`, its host `h` and its deliveries `d`
    values   from clues to the values for its places, one tuple for each thing looked for
    joined   the tables it needs beside that of the messages
    among    the messages it looks at, where not at all of them
    most     so many are found for each complaint
    """

    where: str
    values: Callable[[Clues], Iterable[Values]]
    joined: str = ""
    among: str = ""
    most: int = MOST_BY_RULE


def by_name(asked: Sequence[Sequence[Clues]]) -> list[set[int]]:
    """What each complaint calls by name: a Message-ID, a queue ID, the second of our own stamp.

    asked    for each complaint the clues to each message it reports
    returns  for each complaint the keys of messages, a bounded number by each rule
    """
    return _found(BY_NAME, asked)


def by_circumstance(asked: Sequence[Sequence[Clues]]) -> list[set[int]]:
    """What fits by who sent it to whom, when, and under which subject."""
    return _found(BY_CIRCUMSTANCE, asked)


def by_time_alone(asked: Sequence[Sequence[Clues]]) -> list[set[int]]:
    """What was relayed for strangers at the stated minute, for where nothing else was found."""
    return _found(BY_TIME_ALONE, asked)


def _found(rules: Sequence[Rule], asked: Sequence[Sequence[Clues]]) -> list[set[int]]:
    found: list[set[int]] = [set() for _ in asked]
    for rule in rules:
        wanted: dict[Values, list[int]] = {}
        for number, clues in enumerate(asked):
            for values in dict.fromkeys(one for each in clues for one in rule.values(each)):
                wanted.setdefault(values, []).append(number)
        by_rule: list[dict[int, None]] = [{} for _ in asked]
        for values, keys in _looked_up(rule, list(wanted)):
            for number in wanted[values]:
                by_rule[number].update(dict.fromkeys(keys))
        for all_found, some in zip(found, by_rule, strict=True):
            all_found.update(list(some)[: rule.most])
    return found


def _looked_up(rule: Rule, wanted: Sequence[Values]) -> Iterator[tuple[Values, list[int]]]:
    """For each of the values the keys of messages that were found by it."""
    for start in range(0, len(wanted), PARTS_AT_ONCE):
        some = wanted[start : start + PARTS_AT_ONCE]
        parts = [_part(rule, number) for number in range(len(some))]
        given = [_stored(value) for values in some for value in values]
        keys: dict[int, list[int]] = {}
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(parts), given)
            for number, key in cursor.fetchall():
                keys.setdefault(number, []).append(key)
        yield from ((some[number], found) for number, found in keys.items())


def _part(rule: Rule, number: int) -> str:
    distinct = "DISTINCT " if rule.joined == DELIVERIES else ""
    where = rule.where
    if connection.vendor == "postgresql":  # the name by which Django made the index
        where = where.replace("SUBSTR(", "SUBSTRING(")
    among = f"{rule.among or MESSAGES} m {rule.joined}"
    return (
        f"SELECT {number}, id FROM (SELECT {distinct}m.id FROM {among} "  # noqa: S608
        f"WHERE {where} LIMIT {rule.most}) AS found"
    )


def _stored(value: Any) -> Any:
    """A value as the tables have it."""
    return connection.ops.adapt_datetimefield_value(value) if type(value) is datetime else value


def _message_ids(clues: Clues) -> Iterator[Values]:
    if clues.message_id and not is_masked(clues.message_id):
        yield from ((one,) for one in message_id.digests(clues.message_id))


def _queue_ids(clues: Clues) -> Iterator[Values]:
    for hop in clues.hops:
        if hop.queue_id:
            span = _around(hop.at, QUEUE_ID_WITHIN) if hop.at else _window(clues)
            yield (hop.queue_id, *span)


def _stamps(clues: Clues) -> Iterator[Values]:
    """What our host took in at the very moment that its Received line states."""
    for hop in clues.hops:
        if hop.at and not hop.queue_id:
            yield (hop.host, *_around(hop.at, AROUND_STAMP))


def _recipients(clues: Clues) -> Iterator[Values]:
    span = _window(clues)
    plain = [untagged(address) for address in clues.addresses]
    for address in dict.fromkeys((*clues.addresses, *plain)):
        yield (address, *span)


def _clients(clues: Clues) -> Iterator[Values]:
    if clues.at is not None:
        span = _around(clues.at, QUARTER)
        clients = {hop.client_ip for hop in clues.hops} | {clues.source_ip}
        yield from ((client, *span) for client in sorted(clients - {""}))


def _senders(clues: Clues) -> Iterator[Values]:
    span = _window(clues) if clues.at is None else _around(clues.at, QUARTER)
    senders = dict.fromkeys((*clues.senders, clues.author))
    yield from ((sender, *span) for sender in senders if sender)


def _domains_before(clues: Clues) -> Iterator[Values]:
    """A masked recipient, or the mail system of who complains, at the stated time."""
    if clues.at is None or any(hop.queue_id for hop in clues.hops):
        return
    for domain in dict.fromkeys(address.rpartition("@")[2] for address in clues.addresses):
        yield (clues.at - QUARTER, clues.at, domain)


def _domains_after(clues: Clues) -> Iterator[Values]:
    for before, at, domain in _domains_before(clues):
        yield (at, at + (at - before), domain)


def _subjects(clues: Clues) -> Iterator[Values]:
    """The subject as it stands; many share its beginning."""
    for values in _subject_starts(clues):
        yield (*values, clues.raw_subject)


def _subject_starts(clues: Clues) -> Iterator[Values]:
    """The beginning of the subject: logs cut subjects off, and mark where they were folded."""
    start = clues.raw_subject[:SUBJECT_START_CHARS]
    if len(start) >= SHORTEST_SUBJECT:
        yield (start, *_window(clues))


def _times(clues: Clues) -> Iterator[Values]:
    """Where little else is known: what was relayed for strangers at the stated minute."""
    if clues.at is not None and not (clues.message_id or clues.hops or clues.source_ip):
        yield _around(clues.at, QUARTER)


def _window(clues: Clues) -> Span:
    if clues.at is not None:
        return _around(clues.at, AROUND_STATED_TIME)
    end = clues.reported_at or datetime.max.replace(tzinfo=UTC) - QUARTER
    return end - LOOK_BACK, end + QUARTER


def _around(at: datetime, within: timedelta) -> Span:
    return at - within, at + within


MESSAGES = RelayedMessage._meta.db_table
DELIVERIES = "JOIN complaints_delivery d ON d.message_id = m.id"
HOSTS = "JOIN complaints_mailhost h ON h.id = m.host_id"
QUEUED = "m.queued_at BETWEEN %s AND %s"
HALF = MOST_BY_RULE // 2
TO_DOMAIN = (
    "EXISTS (SELECT 1 FROM complaints_delivery d "
    "WHERE d.message_id = m.id AND d.recipient_domain = %s)"
)
# On a busy host thousands pass within minutes: those nearest to the stated time are looked at.
NEAREST = (
    f"SELECT id FROM {MESSAGES} WHERE queued_at BETWEEN %s AND %s "  # noqa: S608 (ours)
    f"ORDER BY queued_at {{}} LIMIT {MOST_LOOKED_AT}"
)
# As the index has it, which leaves out empty subjects.
SUBJECT = f"SUBSTR(m.subject, 1, {SUBJECT_START_CHARS}) = %s AND {QUEUED} AND NOT (m.subject = '')"
BY_NAME = (
    Rule("m.message_id_sha256 = %s", _message_ids),
    Rule(f"m.queue_id = %s AND {QUEUED}", _queue_ids),
    Rule(f"h.fqdn = %s AND {QUEUED}", _stamps, HOSTS),
)
BY_CIRCUMSTANCE = (
    Rule("d.recipient = %s AND d.at BETWEEN %s AND %s", _recipients, DELIVERIES),
    Rule(f"m.client_ip = %s AND {QUEUED}", _clients),
    Rule(f"m.sender = %s AND {QUEUED}", _senders),
    Rule(TO_DOMAIN, _domains_before, among=f"({NEAREST.format('DESC')})", most=HALF),
    Rule(TO_DOMAIN, _domains_after, among=f"({NEAREST.format('ASC')})", most=HALF),
    Rule(f"{SUBJECT} AND m.subject = %s", _subjects),
    Rule(SUBJECT, _subject_starts),
)
BY_TIME_ALONE = (Rule(f"m.direction = 'stranger' AND {QUEUED}", _times),)
