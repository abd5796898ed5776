"""Plain lives of messages to rows, column by column: what most lines of a mail log come to."""

from collections.abc import Iterable, Iterator
from itertools import accumulate, repeat

from complaints.cleantext import cut
from complaints.intake import bulk, logblocks
from complaints.intake.lineage import Parent
from complaints.maillog import direction, message_id
from complaints.maillog.direction import Ourselves
from complaints.maillog.lives import Lives
from complaints.maillog.passage import LOCAL
from complaints.models import Delivery, MailHost, RelayedMessage

STRANGER = direction.STRANGER
STAYED = (LOCAL, "")


def insert(
    host: MailHost, lives: Lives, us: Ourselves, stored: bulk.Moments, parents: list[Parent]
) -> int:
    """Write new messages with their deliveries; note those that begot others.

    Returns how many were relayed for strangers.
    """
    keys = bulk.next_keys(RelayedMessage, len(lives))
    directions = _directions(lives, us)
    parents += _parents(keys, lives)
    _insert_messages(host, keys, lives, directions, stored)
    _insert_deliveries(keys, lives, stored)
    return directions.count(STRANGER)


def _insert_messages(
    host: MailHost,
    keys: Iterable[int],
    lives: Lives,
    directions: list[str],
    stored: bulk.Moments,
) -> None:
    said = list(map(message_id.normal_form, lives.message_ids))
    senders = _lowered(lives.senders)
    names, addresses, users = zip(*lives.clients, strict=True)
    bulk.insert_columns(
        RelayedMessage,
        {
            "id": keys,
            "host": repeat(host.pk, len(lives)),
            "queue_id": lives.queue_ids,
            "helo": repeat("", len(lives)),
            "queued_at": [stored[at] for at in lives.queued_at],
            "finished_at": [stored[at] for at in lives.removed_at],
            "message_id": _cut(said, 998),
            "message_id_sha256": list(map(message_id.digest_of_normal, said)),
            "client_ip": addresses,
            "client_name": _cut(names, 255),
            "authenticated_user": _cut(users, 255),
            "sender": _cut(senders, 320),
            "sender_domain": _cut(_domains(senders), 255),
            "subject": repeat("", len(lives)),
            "size_bytes": lives.sizes,
            "recipient_count": list(map(max, lives.recipient_counts, lives.counts)),
            "direction": directions,
            "log_lines": repeat("", len(lives)),
            "log_block": repeat(logblocks.key_of(lives.source), len(lives)),
            "log_places": [" ".join(map(str, numbers)) for numbers in lives.numbers],
        },
    )


def _insert_deliveries(keys: Iterable[int], lives: Lives, stored: bulk.Moments) -> None:
    recipients = _lowered(lives.recipients)
    relays, addresses = zip(*lives.relays, strict=True)
    bulk.insert_columns(
        Delivery,
        {
            "message": _of_each(keys, lives.counts),
            "recipient": recipients,
            "recipient_domain": _cut(_domains(recipients), 255),
            "original_recipient": _cut(_lowered(lives.original_recipients), 320),
            "relay": _cut(relays, 255),
            "relay_ip": addresses,
            "status": lives.statuses,
            "dsn": [dsn[:12] for dsn in lives.dsns],
            "reply": _cut(lives.replies, 500),
            "next_queue_id": _cut(lives.next_queue_ids, 100),
            "at": [stored[at] for at in lives.delivered_at],
            "attempts": repeat(1, len(recipients)),
        },
    )


def _of_each(keys: Iterable[int], counts: list[int]) -> list[int]:
    """The key of the message of each delivery."""
    return [key for key, count in zip(keys, counts, strict=True) for _ in range(count)]


def _lowered(texts: list[str]) -> list[str]:
    return list(map(str.lower, texts))


def _domains(addresses: Iterable[str]) -> list[str]:
    return [address.rpartition("@")[2] for address in addresses]


def _cut(texts: Iterable[str], limit: int) -> list[str]:
    """Texts as they fit into a field; hardly any does not."""
    texts = list(texts)
    if max(map(len, texts)) <= limit:
        return texts
    return [cut(text, limit) for text in texts]


def _directions(lives: Lives, us: Ourselves) -> list[str]:
    """Which way each message went (`direction.direction_of`)."""
    foreign = _are_foreign(lives, us)
    ends = accumulate(lives.counts)
    found = []
    for (_, client_ip, user), count, end in zip(lives.clients, lives.counts, ends, strict=True):
        is_foreign = True in foreign[end - count : end]
        if not client_ip or user or us.has_address(client_ip):
            found.append(direction.OUT if is_foreign else direction.INTERNAL)
        else:
            found.append(direction.STRANGER if is_foreign else direction.IN)
    return found


def _are_foreign(lives: Lives, us: Ourselves) -> list[bool]:
    """Whether the address that the client named in each delivery is not one of ours."""
    asked = [
        original or recipient
        for recipient, original in zip(lives.recipients, lives.original_recipients, strict=True)
    ]
    whole = "".join(asked)
    if "%" in whole or "!" in whole or set(map(str.count, asked, repeat("@"))) != {1}:
        ours = [us.is_for_us(address) for address in asked]
    else:  # the domain alone tells
        domains = _domains(asked)
        known = {domain: us.has_domain(domain) for domain in set(domains)}
        ours = [known[domain] for domain in domains]
    return [
        not (is_ours or relay == STAYED) for is_ours, relay in zip(ours, lives.relays, strict=True)
    ]


def _parents(keys: Iterable[int], lives: Lives) -> Iterator[Parent]:
    """Messages that begot others: a bounce, or what came back from a filter or an alias."""
    came_back = [
        bool(name) and (relay == LOCAL or address[:4] == "127.")
        for name, (relay, address) in zip(lives.next_queue_ids, lives.relays, strict=True)
    ]
    if not (any(came_back) or any(lives.children)):
        return
    ends = accumulate(lives.counts)
    rows = zip(
        keys, lives.queued_at, lives.removed_at, lives.children, lives.counts, ends, strict=True
    )
    for key, queued_at, removed_at, child, count, end in rows:
        places = range(end - count, end)
        names = [lives.next_queue_ids[place] for place in places if came_back[place]]
        if child or names:
            yield Parent(key, queued_at, removed_at, (*([child] if child else ()), *names))
