"""Passages to rows: relayed messages and their deliveries, saved in bulk, safe to repeat.

A row's own log lines are its truth. When more lines turn up of a queue ID that has rows, in
whatever file and order, its lives are assembled again from all of them: two halves of a
message become one row, and a row that took in lines of a later life gives them back.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import transaction

from complaints.cleantext import clean_text, cut
from complaints.intake import bulk, lineage
from complaints.intake import lives as plain
from complaints.intake.lineage import Parent
from complaints.intake.refusals import save_refusals
from complaints.maillog import dialects, direction, message_id
from complaints.maillog.assemble import Sessions, entries_of, joined
from complaints.maillog.dialects import Tally
from complaints.maillog.direction import Ourselves
from complaints.maillog.entry import LogEntry
from complaints.maillog.framing import Framing
from complaints.maillog.lives import Lives
from complaints.maillog.passage import LONGEST_LIFE, Passage, RefusedAttempt
from complaints.models import Delivery, MailHost, RelayedMessage
from complaints.querysets import RelayedMessageQuerySet

# Of a longer message the last lines are kept as deliveries only.
MOST_STORED_LINES = 2_000
LONGEST_QUEUE_ID = 30
IDS_AT_ONCE = 500
MESSAGES_AT_ONCE = 4_000
MOST_CHILDLESS = 20_000
MESSAGE_FACTS = (
    "queued_at", "finished_at", "message_id", "message_id_sha256", "client_ip", "client_name",
    "authenticated_user", "sender", "sender_domain", "subject", "size_bytes", "recipient_count",
    "direction", "log_lines", "log_block", "log_places",
)  # fmt: skip
DELIVERY_FACTS = (
    "message", "recipient", "recipient_domain", "original_recipient", "relay", "relay_ip",
    "status", "dsn", "reply", "next_queue_id", "at", "attempts",
)  # fmt: skip
DIRECTION = MESSAGE_FACTS.index("direction")
STRANGER = RelayedMessage.Direction.STRANGER
Updated = list[tuple[RelayedMessage, Passage]]


@dataclass(slots=True)
class Saved:
    """How many rows are new; `relayed` are messages now known to be relayed for a stranger."""

    messages: int = 0
    relayed: int = 0
    refused: int = 0


@transaction.atomic
def save(
    host: MailHost,
    passages: Sequence[Passage],
    refused: Sequence[RefusedAttempt],
    us: Ourselves,
    *,
    lives: Iterable[Lives] = (),
    childless: dict[str, Parent] | None = None,
    dialect: str = "auto",
) -> Saved:
    """Save what a stretch of one host's log says; what is known already changes nothing.

    lives      those that were told plainly, each wholly in the stretch
    childless  by the queue IDs of messages that have no row yet: those that begot them; kept up
    """
    # The row lock keeps two readers of one host's logs from making the same rows.
    until = MailHost.objects.select_for_update().get(pk=host.pk).log_saved_until
    new_lives, known_lives = _new_lives(host, lives, until)
    passages = [*passages, *known_lives]
    for passage in passages:
        if len(passage.queue_id) > LONGEST_QUEUE_ID:  # of a mangled line: it names nothing
            passage.queue_id = cut(passage.queue_id, LONGEST_QUEUE_ID)
    known = _known_rows(host, passages)
    strangers_before = _strangers(known)
    fresh = [passage for passage in passages if passage.queue_id not in known]
    again: dict[str, list[Passage]] = {queue_id: [] for queue_id in known}
    for passage in passages if known else ():
        if passage.queue_id in again:
            again[passage.queue_id].append(passage)
    updated: Updated = []
    for queue_id, new in again.items():
        made, changed = _lives_again(known[queue_id], new, us, dialect)
        fresh += made
        updated += changed
    waiting = {} if childless is None else childless
    strangers = _write(host, fresh, updated, new_lives, us, waiting)
    _save_until(host, until, passages, refused, new_lives)
    return Saved(
        messages=len(fresh) + sum(map(len, new_lives)),
        relayed=_strangers(known) - strangers_before + strangers,
        refused=save_refusals(
            host, (direction.told_apart(us, one) for one in refused), until=until
        ),
    )


def _new_lives(
    host: MailHost, lives: Iterable[Lives], until: datetime | None
) -> tuple[list[Lives], list[Passage]]:
    """(lives of which no row can be, the others as passages).

    A plain life has its first line and its last. If it begins after all lines that were ever
    saved of this host, none of these is of it; else its queue ID is looked up.
    """
    new: list[Lives] = []
    passages: list[Passage] = []
    for some in lives:
        if until and some.queued_at and min(some.queued_at) > until:
            new.append(some)
            continue
        asked = [not until or at <= until for at in some.queued_at]
        known = _known_ids(host, some.only(asked))
        is_new = [
            not (ask and queue_id in known)
            for ask, queue_id in zip(asked, some.queue_ids, strict=True)
        ]
        passages += [some.passage(place) for place, one in enumerate(is_new) if not one]
        new.append(some.only(is_new) if known else some)
    return [some for some in new if len(some)], passages


def _known_ids(host: MailHost, lives: Lives) -> set[str]:
    """The queue IDs of these lives that have rows around their time."""
    rows = _around(host, lives.queued_at, lives.queue_ids)
    return set(rows.values_list("queue_id", flat=True))


def _save_until(
    host: MailHost,
    until: datetime | None,
    passages: Iterable[Passage],
    refused: Iterable[RefusedAttempt],
    lives: Iterable[Lives],
) -> None:
    """Note the time of the latest line that was saved."""
    times = [at for passage in passages for at in passage.times]
    times += [attempt.at for attempt in refused]
    times += [max(some.removed_at) for some in lives]
    latest = max(times, default=None)
    if latest and (until is None or latest > until):
        MailHost.objects.filter(pk=host.pk).update(log_saved_until=latest)


def _strangers(known: dict[str, list[RelayedMessage]]) -> int:
    return sum(row.direction == STRANGER for rows in known.values() for row in rows)


def _known_rows(host: MailHost, passages: Iterable[Passage]) -> dict[str, list[RelayedMessage]]:
    """Rows of the same queue IDs around these passages, oldest first."""
    times = [passage.queued_at for passage in passages]
    rows = _around(host, times, {passage.queue_id for passage in passages})
    known: dict[str, list[RelayedMessage]] = {}
    for row in rows.order_by("queued_at").prefetch_related("log_block"):
        known.setdefault(row.queue_id, []).append(row)
    return known


def _around(
    host: MailHost, times: Sequence[datetime], queue_ids: Iterable[str]
) -> RelayedMessageQuerySet:
    """Rows of these queue IDs around these times."""
    if not times:
        return RelayedMessage.objects.none()
    return RelayedMessage.objects.filter(
        host=host,
        queued_at__range=(min(times) - LONGEST_LIFE, max(times) + LONGEST_LIFE),
        queue_id__in=bulk.among(queue_ids),
    )


def _lives_again(
    rows: list[RelayedMessage], new: list[Passage], us: Ourselves, dialect: str
) -> tuple[list[Passage], Updated]:
    """(new lives, changed rows) of one queue ID, assembled from stored and new lines.

    `rows` are changed in place; a life has the row that holds the first of its stored lines.
    """
    stored = {line: row for row in rows for line in row.lines()}
    if all(line in stored for passage in new for line in passage.lines):
        return [], []
    pieces = [_entries_of(row, dialect) for row in rows]
    free = {row.pk: row for row in rows}
    made: list[Passage] = []
    updated: Updated = []
    for life in joined([*pieces, *(entries_of(passage) for passage in new)]):
        owners = (stored[line] for line in life.lines if line in stored)
        row = next((owner for owner in owners if owner.pk in free), None)
        if row is None:
            made.append(life)
            continue
        del free[row.pk]
        if life.lines[:MOST_STORED_LINES] != row.lines() or _is_cut(row):
            # A message that another one begot was made on the host itself.
            facts = _facts(life, us, made_here=row.parent_id is not None)
            for name, value in zip(MESSAGE_FACTS, facts, strict=True):
                setattr(row, name, value)
            updated.append((row, life))
    return made, updated


def _is_cut(row: RelayedMessage) -> bool:
    return len(row.lines()) >= MOST_STORED_LINES


def _entries_of(row: RelayedMessage, dialect: str) -> list[LogEntry]:
    """A row's own lines, read again; yearless stamps get the year and zone of the row."""
    framing = Framing(zone=UTC, not_after=row.queued_at + LONGEST_LIFE)
    read = dialects.read_lines(row.lines(), framing=framing, tally=Tally(), dialect=dialect)
    entries = list(Sessions().tell(read))
    if entries:
        off = min(entry.at for entry in entries) - row.queued_at
        off = timedelta(minutes=round(off / timedelta(minutes=1)))
        for entry in entries:
            entry.at -= off
    return entries


def _facts(passage: Passage, us: Ourselves, *, made_here: bool = False) -> bulk.Row:
    """MESSAGE_FACTS of a passage. Log lines are clean text, and so are their parts."""
    handovers = passage.handovers.values()
    said = message_id.normal_form(passage.message_id)
    sender = passage.sender.lower()
    lines = passage.lines
    return (
        passage.queued_at,
        passage.finished_at,
        said if len(said) <= 998 else cut(said, 998),
        message_id.digest_of_normal(said),
        passage.client_ip,
        cut(passage.client_name, 255),
        cut(passage.authenticated_user, 255),
        sender if len(sender) <= 320 else cut(sender, 320),
        cut(sender.rpartition("@")[2], 255),
        passage.subject and clean_text(passage.subject, 998),
        passage.size_bytes,
        max(passage.recipient_count, len(handovers)),
        direction.direction_of(
            us,
            client_ip=passage.client_ip,
            authenticated_user=passage.authenticated_user,
            recipients=[handover.asked_for for handover in handovers],
            known=passage.client_known or made_here,
        ),
        "\n".join(lines if len(lines) <= MOST_STORED_LINES else lines[:MOST_STORED_LINES]),
        None,
        "",
    )


def _write(
    host: MailHost,
    fresh: list[Passage],
    updated: Updated,
    new: Iterable[Lives],
    us: Ourselves,
    childless: dict[str, Parent],
) -> int:
    """Write new and changed messages with their deliveries; how many new ones are strangers'."""
    stored, strangers = bulk.Moments(), 0
    parents: list[Parent] = []
    for some in new:
        strangers += plain.insert(host, some, us, stored, parents)
    for start in range(0, len(fresh), MESSAGES_AT_ONCE):
        strangers += _insert(host, fresh[start : start + MESSAGES_AT_ONCE], us, stored, parents)
    _update(updated, stored)
    for row, passage in updated:
        parents += lineage.parents(row.pk, passage)
    begot = {child: parent for parent in parents for child in parent.children}
    told = {passage.queue_id for passage in fresh}.union(*(some.queue_ids for some in new))
    for child in childless.keys() & told:
        begot.setdefault(child, childless.pop(child))
    childless |= lineage.set_parents(host, begot, us)
    for child in list(childless)[:-MOST_CHILDLESS]:
        del childless[child]
    return strangers


def _insert(
    host: MailHost,
    fresh: list[Passage],
    us: Ourselves,
    stored: bulk.Moments,
    parents: list[Parent],
) -> int:
    """Write new messages with their deliveries, and note those that begot others."""
    strangers = 0
    messages: list[bulk.Row] = []
    deliveries: list[bulk.Row] = []
    for key, passage in zip(bulk.next_keys(RelayedMessage, len(fresh)), fresh, strict=True):
        facts = _facts(passage, us)
        strangers += facts[DIRECTION] == STRANGER
        queued_at, finished_at = stored[facts[0]], stored[facts[1]]
        messages.append((key, host.pk, passage.queue_id, "", queued_at, finished_at, *facts[2:]))
        deliveries += _deliveries(key, passage, stored)
        parents += lineage.parents(key, passage)
    bulk.insert(RelayedMessage, ("id", "host", "queue_id", "helo", *MESSAGE_FACTS), messages)
    bulk.insert(Delivery, DELIVERY_FACTS, deliveries)
    return strangers


def _update(updated: Updated, stored: bulk.Moments) -> None:
    """Save changed rows, and their deliveries as they are known now."""
    changed = []
    for row, _ in updated:
        facts = [getattr(row, name) for name in MESSAGE_FACTS]
        changed.append((stored[facts[0]], stored[facts[1]], *facts[2:], row.pk))
    bulk.update(RelayedMessage, MESSAGE_FACTS, changed)
    whole = [row.pk for row, _ in updated if not _is_cut(row)]
    for start in range(0, len(whole), IDS_AT_ONCE):
        Delivery.objects.filter(message__in=whole[start : start + IDS_AT_ONCE]).delete()
    for row, passage in updated:
        if _is_cut(row):  # lines are missing: deliveries that they told of stay
            recipients = bulk.among(_recipients(passage))
            Delivery.objects.filter(message=row, recipient__in=recipients).delete()
    deliveries = [one for row, passage in updated for one in _deliveries(row.pk, passage, stored)]
    bulk.insert(Delivery, DELIVERY_FACTS, deliveries)


def _recipients(passage: Passage) -> set[str]:
    return {cut(recipient.lower(), 320) for recipient in passage.handovers}


def _deliveries(key: int, passage: Passage, stored: bulk.Moments) -> Iterable[bulk.Row]:
    """DELIVERY_FACTS of each recipient; of two spellings of one address the later counts."""
    rows = {}
    for handover in passage.handovers.values():
        recipient, original = handover.recipient.lower(), handover.original_recipient.lower()
        if len(recipient) > 320 or len(original) > 320:
            recipient, original = cut(recipient, 320), cut(original, 320)
        reply, relay, next_id = handover.reply, handover.relay, handover.next_queue_id
        rows[recipient] = (
            key,
            recipient,
            recipient.rpartition("@")[2][:255],
            original,
            relay if len(relay) <= 255 else cut(relay, 255),
            handover.relay_ip,
            handover.status[:20],
            handover.dsn[:12],
            reply if len(reply) <= 500 else cut(reply, 500),
            next_id if len(next_id) <= 100 else cut(next_id, 100),
            stored[handover.at],
            handover.attempts,
        )
    return rows.values()
