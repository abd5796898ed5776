"""Where to look for the message that is meant: by indexes only, a bounded number by each rule."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Q

from complaints.linking.candidate import Clues
from complaints.linking.compare import QUARTER, is_masked, untagged
from complaints.maillog import message_id
from complaints.models import RelayedMessage
from complaints.querysets import SUBJECT_START_CHARS

MOST_BY_RULE = 80
MOST_OTHER_LEGS = 200
QUEUE_ID_WITHIN = timedelta(days=2)
# A report without a time is about mail of the last weeks; a stated day may be off by a zone.
LOOK_BACK = timedelta(days=14)
AROUND_STATED_TIME = timedelta(days=2)
AROUND_STAMP = timedelta(seconds=5)
# Legs of one journey: minutes apart where the clocks of our hosts are.
ON_ITS_WAY = timedelta(minutes=15)
SHORTEST_SUBJECT = 5

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Found:
    """Rows by their key, each once. `cut` names the rules that found more than was looked at."""

    rows: dict[int, RelayedMessage]
    cut: tuple[str, ...] = ()


def by_name(reported: Sequence[Clues]) -> Found:
    """What the complaint calls by name: a Message-ID, a queue ID, the second of our own stamp."""
    return _found(
        [
            ("Message-ID", _any(map(_by_message_id, reported))),
            ("queue ID", _any(map(_by_queue_id, reported))),
            ("our Received line", _any(map(_by_stamp, reported))),
        ]
    )


def by_circumstance(reported: Sequence[Clues]) -> Found:
    """What fits by who sent it to whom, when, and under which subject."""
    return _found(
        [
            ("recipient", _any(map(_by_recipient, reported))),
            ("client", _any(map(_by_client, reported))),
            ("sender", _any(map(_by_sender, reported))),
            ("recipient's domain", _any(map(_by_domain, reported))),
            ("subject", _any(map(_by_subject, reported))),
            ("beginning of the subject", _any(map(_by_subject_start, reported))),
        ]
    )


def by_time_alone(reported: Sequence[Clues]) -> Found:
    """What was relayed for strangers at the stated minute, for where nothing else was found."""
    return _found([("time", _any(map(_by_time_alone, reported)))])


def _found(rules: Iterable[tuple[str, Q]]) -> Found:
    """One query a rule, however much is reported, and one for the other legs of what it found."""
    rows: dict[int, RelayedMessage] = {}
    cut = []
    for name, wanted in rules:
        if not wanted:
            continue
        found = list(RelayedMessage.objects.found_by(wanted)[: MOST_BY_RULE + 1])
        if len(found) > MOST_BY_RULE:
            cut.append(name)
        rows |= {row.pk: row for row in found[:MOST_BY_RULE]}
    rows |= {row.pk: row for row in _other_legs(list(rows.values()))}
    return Found(rows, tuple(cut))


def _any(parts: Iterable[Q]) -> Q:
    whole = Q()
    for part in parts:
        whole |= part
    return whole


def _by_message_id(clues: Clues) -> Q:
    if not clues.message_id or is_masked(clues.message_id):
        return Q()
    return Q(message_id_sha256__in=message_id.digests(clues.message_id))


def _by_queue_id(clues: Clues) -> Q:
    return _any(
        Q(queue_id=hop.queue_id, queued_at__range=_around(hop.at, QUEUE_ID_WITHIN))
        if hop.at
        else Q(queue_id=hop.queue_id, queued_at__range=_window(clues))
        for hop in clues.hops
        if hop.queue_id
    )


def _by_stamp(clues: Clues) -> Q:
    """What our host took in at the very moment that its Received line states."""
    return _any(
        Q(
            host__fqdn=hop.host,
            queued_at__range=_around(hop.at, AROUND_STAMP),
        )
        for hop in clues.hops
        if hop.at and not hop.queue_id
    )


def _by_recipient(clues: Clues) -> Q:
    plain = [untagged(address) for address in clues.addresses]
    return _any(
        Q(deliveries__recipient=address, deliveries__at__range=_window(clues))
        for address in dict.fromkeys((*clues.addresses, *plain))
    )


def _by_client(clues: Clues) -> Q:
    clients = {hop.client_ip for hop in clues.hops} | {clues.source_ip}
    if clues.at is None:
        return Q()
    return _any(
        Q(client_ip=client, queued_at__range=_around(clues.at, QUARTER))
        for client in sorted(clients - {""})
    )


def _by_sender(clues: Clues) -> Q:
    senders = dict.fromkeys((*clues.senders, clues.author))
    span = _window(clues) if clues.at is None else _around(clues.at, QUARTER)
    return _any(Q(sender=sender, queued_at__range=span) for sender in senders if sender)


def _by_domain(clues: Clues) -> Q:
    """A masked recipient, or the mail system of who complains, at the stated time."""
    if clues.at is None or any(hop.queue_id for hop in clues.hops):
        return Q()
    span = _around(clues.at, QUARTER)
    domains = {address.rpartition("@")[2] for address in clues.addresses}
    return Q(deliveries__recipient_domain__in=domains, queued_at__range=span) if domains else Q()


def _by_subject_start(clues: Clues) -> Q:
    """The beginning of the subject: logs cut subjects off, and mark where they were folded."""
    start = clues.raw_subject[:SUBJECT_START_CHARS]
    if len(start) < SHORTEST_SUBJECT:
        return Q()
    # The index leaves out empty subjects, and is taken only where the query does so too.
    return Q(subject_start=start, queued_at__range=_window(clues)) & ~Q(subject="")


def _by_subject(clues: Clues) -> Q:
    """The subject as it stands; many share its beginning."""
    like = _by_subject_start(clues)
    return like & Q(subject=clues.raw_subject) if like else like


def _by_time_alone(clues: Clues) -> Q:
    """Where little else is known: what was relayed for strangers at the stated minute."""
    if clues.at is None or clues.message_id or clues.hops or clues.source_ip:
        return Q()
    span = _around(clues.at, QUARTER)
    return Q(direction=RelayedMessage.Direction.STRANGER, queued_at__range=span)


def _window(clues: Clues) -> Span:
    if clues.at is not None:
        return _around(clues.at, AROUND_STATED_TIME)
    end = clues.reported_at or datetime.max.replace(tzinfo=UTC) - QUARTER
    return end - LOOK_BACK, end + QUARTER


def _around(at: datetime, within: timedelta) -> Span:
    return at - within, at + within


def _other_legs(rows: Sequence[RelayedMessage]) -> Sequence[RelayedMessage]:
    """The same messages on the other hosts they passed, and in the content filter."""
    if not rows:
        return []
    times = [row.queued_at for row in rows]
    span = (min(times) - ON_ITS_WAY, max(times) + ON_ITS_WAY)
    digests = {row.message_id_sha256 for row in rows}
    senders = {row.sender for row in rows if not row.message_id_sha256}
    wanted = Q(message_id_sha256__in=digests - {""}, queued_at__range=span)
    wanted |= Q(sender__in=senders, message_id_sha256="", queued_at__range=span)
    wanted |= Q(parent__in=[row.pk for row in rows])
    wanted |= Q(pk__in=[row.parent_id for row in rows if row.parent_id])
    return list(RelayedMessage.objects.found_by(wanted)[:MOST_OTHER_LEGS])
