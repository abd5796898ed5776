"""Whole lives of messages that Postfix told plainly, cut out of a block of its log: the hot path.

Such a life stands in one block from its first line to `removed`, each line in the shape that
nearly all have. Whatever else the block holds is left for those who read line by line, with all
lines of a message of which one is unusual; a test holds that both ways say the same.
"""

from collections import Counter
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, fields
from datetime import datetime
from string import ascii_letters, digits
from typing import NamedTuple

import numpy as np

from complaints.maillog import columns, postfix
from complaints.maillog.columns import Block, Headed, Mask, Places
from complaints.maillog.lives import Lives, Owner, Source
from complaints.maillog.passage import LONGEST_LIFE
from complaints.maillog.peer import OCTETS

# Longer ones are read line by line.
CLOSED = ord(">")
LONGEST_QUEUE_ID = columns.LONGEST_QUEUE_ID
# Of sessions: the beginnings of most lines that tell nothing of a message.
QUIET = (b"connect from", b"disconnect from", b"Anonymous TLS", b"warning: ", b"lost connection")
# What a line of a life tells; how often a life has each is told by one sum of all its lines.
KINDS = CLIENT, MESSAGE_ID, QUEUED, CHILD, REMOVED, DELIVERY, OTHER = [
    1 << 8 * place for place in range(7)
]
MOST_LINES = 250
LONGEST_ADDRESS = 320
BEGINNINGS = {
    b"client=": CLIENT, b"uid=": CLIENT, b"message-id=": MESSAGE_ID, b"from=<": QUEUED,
    b"sender non-delivery notification: ": CHILD, b"removed": REMOVED, b"to=<": DELIVERY,
}  # fmt: skip
NOTIFICATION = len("sender non-delivery notification: ")
ACTIVE = b" (queue active)"
STATUSES = "sent", "deferred", "bounced"
SHORTEST_QUEUE_ID = postfix.QUEUE_ID_LENGTHS.start
# It hung up before the kernel told its address.
LOST = ("", "", "?")
ANOTHER_RELAY = ">, relay="
# Of a client's name, with nothing that `client_parts` looks at more closely.
PLAIN_NAME = frozenset(f"{ascii_letters}{digits}.-_")


class Found(NamedTuple):
    """Lives by the number of their owner; which lines of the block are left; the last one's time.

    `last_at` is None where the last line is left.
    """

    lives: dict[int, Lives]
    left: Places
    last_at: datetime | None


@dataclass(slots=True)
class Told:
    """Lines that name a queue ID by columns: number, owner, stamp, kind, places in the block."""

    line: Places
    owner: Places
    stamp: Places
    kind: Places
    queue_id: Places
    text: Places
    end: Places

    def at(self, places: Places | Mask) -> "Told":
        """Those at these places, in this order."""
        return Told(*(getattr(self, field.name)[places] for field in fields(Told)))


def plain_lives(source: Source) -> Found:
    """What can be taken out of a block whose lines begin with stamps of one length."""
    block, heads = source.block, source.heads
    found = columns.headed(block, source.stamp_length, list(heads))
    left = np.ones(len(block.starts), np.bool_)
    stamps, stamp = _stamps(block, found, source.stamp_length)
    source.moments = moments = [source.moment(text) for text in stamps]
    known = [at for at in moments if at]
    if not known or max(known) - min(known) > LONGEST_LIFE:
        return Found({}, np.flatnonzero(left), None)
    timed = np.array([at is not None for at in moments], np.bool_)[stamp]
    quiet = timed & _is_quiet(block, found.said)
    left[found.line[quiet]] = False
    told = _told(block, found, stamp, timed & ~quiet, list(heads.values()))
    lives = _lives(source, told, left) if len(told.line) else {}
    is_last = found.line[-1:].tolist() == [len(left) - 1] and not left[-1]
    return Found(lives, np.flatnonzero(left), moments[stamp[-1]] if is_last else None)


def _stamps(block: Block, found: Headed, length: int) -> tuple[list[str], Places]:
    """The stamps of the lines, each once where lines follow each other; which one each has."""
    begins = block.starts[found.line]
    anew = np.ones(len(begins), np.bool_)
    anew[1:] = False
    for start in (*range(0, length - 8, 8), length - 8):
        word = block.words[begins + start]
        anew[1:] |= word[1:] != word[:-1]
    first = begins[anew]
    return columns.texts(block.text, first, first + length), np.cumsum(anew) - 1


def _is_quiet(block: Block, said: Places) -> Mask:
    quiet = np.zeros(len(said), np.bool_)
    for beginning in QUIET:
        quiet |= columns.starts_with(block, said, beginning)
    return quiet


def _told(
    block: Block, found: Headed, stamp: Places, chosen: Mask, owners: Sequence[Owner]
) -> Told:
    """The chosen lines that name a queue ID."""
    line, said = found.line[chosen], found.said[chosen]
    colon, end = block.colons[np.searchsorted(block.colons, said)], block.ends[line]
    length = colon - said
    names_one = (colon < end) & (length >= SHORTEST_QUEUE_ID) & (length <= LONGEST_QUEUE_ID)
    number = np.array([owner.number for owner in owners])[found.head[chosen]]
    kind = np.full(len(line), OTHER, np.int64)
    for beginning, value in BEGINNINGS.items():
        kind[columns.starts_with(block, colon + 2, beginning)] = value
    kind[block.odd[line]] = OTHER
    return Told(line, number, stamp[chosen], kind, said, colon + 2, end).at(names_one)


def _lives(source: Source, told: Told, left: Mask) -> dict[int, Lives]:
    """The plain lives by their owners; their lines are not left any more."""
    groups = columns.grouped(source.block, told.owner, told.queue_id, told.text - 2 - told.queue_id)
    begins, counts = _plain(groups, told.kind[groups.order])
    in_time = np.argsort(told.line[groups.order[begins]])
    begins, counts = begins[in_time], counts[in_time]
    owner = told.owner[groups.order[begins]]
    found = {}
    for number in np.unique(owner).tolist():
        its = owner == number
        lines = told.at(groups.order[columns.spread(begins[its], counts[its])])
        chosen = np.ones(np.count_nonzero(its), np.bool_)
        lives = _cut(source, lines, counts[its], chosen)
        chosen &= _are_plain(lives, lines, source.busy(number))
        left[lines.line[np.repeat(chosen, counts[its])]] = False
        found[number] = lives if chosen.all() else lives.only(chosen.tolist())
    return found


def _plain(groups: columns.Grouped, kind: Places) -> tuple[Places, Places]:
    """Where the groups begin that have the lines of a plain life, and how many they have."""
    # The lines of what could not be told apart count with the group before, which is then left.
    sums = np.add.reduceat(kind, groups.begins) if len(groups.begins) else groups.begins
    has = {one: sums // one % 256 for one in KINDS}
    plain = (
        (groups.counts <= MOST_LINES)
        & (sum(has.values()) == groups.counts)
        & (has[CLIENT] <= 1)
        & (has[MESSAGE_ID] == 1)
        & (has[QUEUED] == 1)
        & (has[CHILD] <= 1)
        & (has[REMOVED] == 1)
        & (has[DELIVERY] > 0)
        & (has[OTHER] == 0)
        & (kind[groups.begins] == np.where(has[CLIENT] == 1, CLIENT, MESSAGE_ID))
        & (kind[groups.begins + groups.counts - 1] == REMOVED)
    )
    return groups.begins[plain], groups.counts[plain]


def _cut(source: Source, told: Told, counts: Places, chosen: Mask) -> Lives:
    """The facts of lives from their lines; those of other than the usual shapes are not chosen."""
    block, kind = source.block, told.kind
    queued, delivered = told.at(kind == QUEUED), told.at(kind == DELIVERY)
    life = np.repeat(np.arange(len(counts)), counts)
    sender_ends, sizes, recipient_counts = _queued(block, queued)
    parts = _deliveries(block, delivered)
    chosen &= (sizes >= 0) & (recipient_counts >= 0)
    chosen[life[kind == DELIVERY][~parts.usual]] = False
    last = np.cumsum(counts)
    first, numbers = last - counts, told.line.tolist()
    ids = told.at(kind == MESSAGE_ID)
    children = np.full(len(counts), "", object)
    those = told.at(kind == CHILD)
    children[life[kind == CHILD]] = columns.texts(block.text, those.text + NOTIFICATION, those.end)
    replies = columns.texts(block.text, parts.reply, delivered.end - 1)
    return Lives(
        columns.texts(block.text, told.queue_id[first], told.text[first] - 2),
        source.times(told.stamp[first]),
        source.times(told.stamp[last - 1]),
        _clients(columns.texts(block.text, told.text[first], told.end[first])),
        columns.texts(block.text, ids.text + len("message-id="), ids.end),
        columns.texts(block.text, queued.text + len("from=<"), sender_ends),
        sizes.tolist(),
        recipient_counts.tolist(),
        children.tolist(),
        [numbers[a:b] for a, b in zip(first.tolist(), last.tolist(), strict=True)],
        np.bincount(life[kind == DELIVERY], minlength=len(counts)).tolist(),
        columns.texts(block.text, delivered.text + len("to=<"), parts.recipient_end),
        columns.texts(block.text, parts.original, parts.original_end)
        if (parts.original < parts.original_end).any()
        else [""] * len(replies),
        list(map(postfix.relay_parts, columns.texts(block.text, parts.relay, parts.relay_end))),
        columns.texts(block.text, parts.dsn, parts.dsn_end),
        [STATUSES[status] for status in parts.status.tolist()],
        replies,
        [postfix.next_queue_id(reply) if " as " in reply else "" for reply in replies],
        source.times(delivered.stamp),
        source,
    )


def _clients(told: list[str]) -> list[tuple[str, str, str]]:
    """(name, address, login) of the first lines of lives; a login alone of what was made here."""
    known = {text: _client(text) for text in set(told)}
    return [known[text] for text in told]


def _client(text: str) -> tuple[str, str, str]:
    if text[:7] == "client=":
        parts = usual_client(text) or postfix.client_parts(text)
        return parts if parts[1] else LOST
    return "", "", postfix.local_user(text) if text[:4] == "uid=" else ""


def usual_client(text: str) -> tuple[str, str, str] | None:
    """The same as `postfix.client_parts` says of `client=name[ip]`, as nearly all are.

    Most clients of a block come once: to remember them, as it does, is no gain.
    """
    name, bracket, address = text[7:-1].rpartition("[")
    octets = address.split(".")
    if not bracket or text[-1] != "]" or len(octets) != 4:
        return None
    if not (OCTETS.issuperset(octets) and PLAIN_NAME.issuperset(name)):
        return None
    return ("" if name == "unknown" else name), address, ""


def _queued(block: Block, lines: Told) -> tuple[Places, Places, Places]:
    """`from=<sender>, size=N, nrcpt=N (queue active)`: the sender's end, both numbers.

    The numbers are -1 where the line has another shape.
    """
    at = np.searchsorted(block.commas, lines.text)
    sender, size = block.commas[at], block.commas[at + 1]
    count_end = lines.end - len(ACTIVE)
    usual = (
        (size < count_end)
        & (block.octets[sender - 1] == CLOSED)
        & columns.starts_with(block, sender, b", size=")
        & columns.starts_with(block, size, b", nrcpt=")
        & columns.starts_with(block, count_end, ACTIVE)
    )
    sizes = columns.numbers(block, sender + len(", size="), size)
    counts = columns.numbers(block, size + len(", nrcpt="), count_end)
    return sender - 1, np.where(usual, sizes, -1), np.where(usual, counts, -1)


@dataclass(slots=True)
class Parts:
    """Where the parts of deliveries stand, and which have the usual shape."""

    usual: Mask
    recipient_end: Places
    original: Places
    original_end: Places
    relay: Places
    relay_end: Places
    dsn: Places
    dsn_end: Places
    status: Places
    reply: Places


def _deliveries(block: Block, lines: Told) -> Parts:
    """`to=<>, [orig_to=<>,] relay=, [conn_use=,] delay=, delays=, dsn=, status=sent (reply)`."""
    begins = columns.starts_with
    at = np.searchsorted(block.commas, lines.text)
    first = block.commas[at]
    has_original = begins(block, first, b", orig_to=<")
    at += has_original
    relay = block.commas[at]
    relay_end = block.commas[at + 1]
    at += begins(block, relay_end, b", conn_use=")
    delay, delays, dsn, answer = (block.commas[at + place] for place in (1, 2, 3, 4))
    usual = (
        (answer < lines.end)
        & (block.octets[first - 1] == CLOSED)
        & (block.octets[relay - 1] == CLOSED)
        & begins(block, relay, b", relay=")
        & begins(block, delay, b", delay=")
        & begins(block, delays, b", delays=")
        & begins(block, dsn, b", dsn=")
        & begins(block, answer, b", status=")
        & (block.octets[lines.end - 1] == ord(")"))
    )
    status = np.full(len(first), -1)
    reply = answer + len(", status=")
    for number, name in enumerate(STATUSES):
        status[begins(block, reply, f"{name} (".encode())] = number
    usual &= status >= 0
    reply = reply + np.array([len(f"{name} (") for name in STATUSES])[status]
    original = np.where(has_original, first + len(", orig_to=<"), relay)
    original_end = np.where(has_original, relay - 1, relay)
    relay = relay + len(", relay=")
    return Parts(
        usual & (reply < lines.end), first - 1, original, original_end, relay, relay_end,
        dsn + len(", dsn="), answer, status, reply,
    )  # fmt: skip


def _are_plain(lives: Lives, lines: Told, busy: Iterable[Set[str]]) -> Mask:
    """Which lives are of one message, tell all of it, and are nobody else's business."""
    # After its size a Message-ID is another message's; `removed (canceled)` is another end.
    ended = lines.at(lines.kind == REMOVED)
    plain = np.flatnonzero(lines.kind == MESSAGE_ID) < np.flatnonzero(lines.kind == QUEUED)
    plain &= ended.end - ended.text == len("removed")
    # All are looked at together first: one that fails is rare.
    if "" in lives.message_ids:
        plain &= np.array([bool(text) for text in lives.message_ids])
    if not "".join(lives.queue_ids).isalnum():
        plain &= np.array([name.isalnum() for name in lives.queue_ids])
    if LOST in lives.clients:
        plain &= np.array([client != LOST for client in lives.clients])
    life = np.repeat(np.arange(len(lives)), lives.counts)
    if max(map(len, lives.recipients)) > LONGEST_ADDRESS:
        plain[life[[len(text) > LONGEST_ADDRESS for text in lives.recipients]]] = False
    if ANOTHER_RELAY in "\n".join(lives.replies):
        plain[life[[ANOTHER_RELAY in reply for reply in lives.replies]]] = False
    recipients = list(zip(life.tolist(), map(str.lower, lives.recipients), strict=True))
    if len(set(recipients)) < len(recipients):
        times = Counter(recipients)
        plain[[number for (number, _), count in times.items() if count > 1]] = False
    for names in busy:
        if not names.isdisjoint(lives.queue_ids):
            plain &= np.array([name not in names for name in lives.queue_ids])
    return plain
