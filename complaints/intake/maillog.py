"""The new lines of a mail log, saved in bulk, safe to read twice.

A row's own log lines are its truth: when more lines of it turn up, in whatever file and
order, it is assembled again from all of them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from hashlib import sha256
from pathlib import Path

from django.db import transaction
from django.db.models import Q

from complaints import organisation
from complaints.cleantext import clean_text
from complaints.maillog import archive, dialects, direction, follow, message_id
from complaints.maillog.assemble import LONGEST_LIFE, Assembler, assemble_again
from complaints.maillog.dialects import Tally
from complaints.maillog.direction import Ourselves
from complaints.maillog.framing import Framing
from complaints.maillog.passage import Passage, RefusedAttempt
from complaints.models import Delivery, LogSource, MailHost, Refusal, RelayedMessage

LINES_AT_ONCE = 20_000
LEASE = timedelta(minutes=5)
MOST_STORED_LINES = 2_000


@dataclass(slots=True)
class Imported:
    """What an import did: lines read and understood, messages and refusals saved."""

    tally: Tally = field(default_factory=Tally)
    messages: int = 0
    relayed: int = 0
    refused: int = 0
    last_line_at: datetime | None = None


def import_logs(
    paths: Iterable[Path], host: MailHost, *, now: datetime, zone: tzinfo, dialect: str = "auto"
) -> Imported:
    """Read log files of one host, in any order, and save what they say.

    now      no line is later than this: gives yearless stamps their year
    raises   UnreadableLog, NotAMailLog
    """
    imported, assembler, us = Imported(), Assembler(), organisation.ourselves()
    for path in sorted(paths, key=lambda path: _first_moment(path, zone, now)):
        entries = dialects.read_lines(
            archive.lines_of(path),
            framing=Framing(zone=zone, not_after=now),
            dialect=dialect,
            tally=imported.tally,
        )
        for number, entry in enumerate(entries, start=1):
            assembler.feed([entry])
            if number % LINES_AT_ONCE == 0:
                _save(host, assembler, us, imported, finished_only=True)
    _save(host, assembler, us, imported)
    return imported


def read_new_lines(source: LogSource, *, now: datetime) -> Imported:
    """Save what was added to a followed log, and how far it was read, in one transaction each.

    A lease keeps two readers apart; who does not get it reads nothing.
    """
    imported = Imported()
    if not _lease(source, now):
        return imported
    try:
        chunks = follow.new_lines(Path(source.path), identity=source.identity, offset=source.offset)
        for chunk in chunks:
            _save_chunk(source, chunk, imported, now=now)
        problem = ""
    except (archive.UnreadableLog, dialects.NotAMailLog) as refusal:
        problem = str(refusal)
    LogSource.objects.filter(pk=source.pk).update(
        last_read_at=now, last_error=problem[:500], lease_until=None
    )
    return imported


def _lease(source: LogSource, now: datetime) -> bool:
    free = Q(lease_until=None) | Q(lease_until__lte=now)
    taken = LogSource.objects.filter(free, pk=source.pk).update(lease_until=now + LEASE)
    if taken:
        source.refresh_from_db()
    return bool(taken)


def _save_chunk(
    source: LogSource, chunk: follow.Chunk, imported: Imported, *, now: datetime
) -> None:
    assembler, tally = Assembler(), Tally()
    framing = Framing(zone=zone_of(source.host), not_after=now)
    assembler.feed(
        dialects.read_lines(chunk.lines, framing=framing, dialect=source.dialect, tally=tally)
    )
    with transaction.atomic():
        _save(source.host, assembler, organisation.ourselves(), imported)
        source.identity, source.offset = chunk.identity, chunk.offset
        source.lines_read += tally.read
        source.lines_unknown += tally.read - tally.understood
        source.last_line_at = imported.last_line_at or source.last_line_at
        source.last_error = chunk.gap
        source.save(
            update_fields=[
                "identity",
                "offset",
                "lines_read",
                "lines_unknown",
                "last_line_at",
                "last_error",
            ]
        )
    imported.tally.read += tally.read
    imported.tally.understood += tally.understood


def zone_of(host: MailHost) -> tzinfo:
    """The zone of a host's log, from its UTC offset (`+09:00`)."""
    sign = -1 if host.log_utc_offset.startswith("-") else 1
    hours, _, minutes = host.log_utc_offset.lstrip("+-").partition(":")
    return timezone(sign * timedelta(hours=int(hours or 0), minutes=int(minutes or 0)))


def _first_moment(path: Path, zone: tzinfo, now: datetime) -> datetime:
    """When a log begins: files are read in this order, whatever they are called."""
    framing = Framing(zone=zone, not_after=now)
    for line in archive.lines_of(path):
        stamped = framing.split(line)
        if stamped:
            return stamped.at
    return datetime.max.replace(tzinfo=UTC)


@transaction.atomic
def _save(
    host: MailHost,
    assembler: Assembler,
    us: Ourselves,
    imported: Imported,
    *,
    finished_only: bool = False,
) -> None:
    # The row lock keeps two imports of one host's logs from making the same rows.
    MailHost.objects.select_for_update().get(pk=host.pk)
    passages, refused = assembler.take(finished_only=finished_only)
    imported.refused += _save_refusals(host, refused)
    known = _known_rows(host, passages)
    fresh = [passage for passage in passages if passage.queue_id not in known]
    rows = [_row(host, passage, us) for passage in fresh]
    RelayedMessage.objects.bulk_create(rows, batch_size=2000)
    _save_deliveries(zip(rows, fresh, strict=True))
    for queue_id, before in known.items():
        new = [passage for passage in passages if passage.queue_id == queue_id]
        rows += _reconcile(host, before, new, us)
    imported.messages += len(rows)
    imported.relayed += sum(row.direction == direction.STRANGER for row in rows)
    moments = [passage.queued_at for passage in passages] + [attempt.at for attempt in refused]
    if moments:
        imported.last_line_at = max([*moments, imported.last_line_at or moments[0]])


def _known_rows(host: MailHost, passages: list[Passage]) -> dict[str, list[RelayedMessage]]:
    """Rows of the same queue IDs around these passages, oldest first."""
    known: dict[str, list[RelayedMessage]] = {}
    if not passages:
        return known
    span = (
        min(passage.queued_at for passage in passages) - LONGEST_LIFE,
        max(passage.queued_at for passage in passages) + LONGEST_LIFE,
    )
    ids = sorted({passage.queue_id for passage in passages})
    for start in range(0, len(ids), 500):
        rows = RelayedMessage.objects.filter(
            host=host, queue_id__in=ids[start : start + 500], queued_at__range=span
        ).order_by("queued_at")
        for row in rows:
            known.setdefault(row.queue_id, []).append(row)
    return known


def _reconcile(
    host: MailHost, before: list[RelayedMessage], new: list[Passage], us: Ourselves
) -> list[RelayedMessage]:
    """Assemble the lives of one queue ID again from all its lines; the rows that are new.

    Two halves of a message may have been two rows, or a row may have taken lines of a later
    life for its own: what the lines say together is right.
    """
    stored = [line for row in before for line in row.log_lines.split("\n")]
    lines = dict.fromkeys([*stored, *(line for passage in new for line in passage.lines)])
    if len(lines) == len(set(stored)):
        return []
    latest = max([*(row.queued_at for row in before), *(passage.queued_at for passage in new)])
    framing = Framing(zone=zone_of(host), not_after=latest + LONGEST_LIFE)
    passages = assemble_again(dialects.read_lines(lines, framing=framing, tally=Tally()))
    left = {row.pk: row for row in before}
    made = []
    for passage in passages:
        row = _row(host, passage, us)
        old = next((old for old in left.values() if _shares_a_line(old, passage)), None)
        if old is None:
            made.append((row, passage))
            continue
        row.pk, row.parent_id = left.pop(old.pk).pk, old.parent_id
        Delivery.objects.filter(message=row).delete()
        # Two rows may swap their times: the key is free again before it is taken.
        RelayedMessage.objects.filter(pk=row.pk).update(queue_id=f"-{row.pk}")
        made.append((row, passage))
    for row in left.values():
        _drop_half(row, made[0][0])
    new_rows = [row for row, _ in made if row.pk is None]
    for row, _ in made:
        row.save()
    _save_deliveries(made)
    return new_rows


def _shares_a_line(row: RelayedMessage, passage: Passage) -> bool:
    return any(line in passage.lines for line in row.log_lines.split("\n"))


def _drop_half(row: RelayedMessage, whole: RelayedMessage) -> None:
    """A row that turned out to be half of another: what hung on it hangs on the whole."""
    if whole.pk is not None:
        row.links.exclude(complaint__links__message=whole).update(message=whole)
    row.links.all().delete()
    row.delete()


def _row(host: MailHost, passage: Passage, us: Ourselves) -> RelayedMessage:
    recipients = [handover.recipient for handover in passage.handovers.values()]
    return RelayedMessage(
        host=host,
        queue_id=passage.queue_id,
        queued_at=passage.queued_at,
        finished_at=passage.finished_at,
        message_id=clean_text(message_id.normal_form(passage.message_id), 998),
        message_id_sha256=message_id.digest(passage.message_id),
        client_ip=passage.client_ip,
        client_name=clean_text(passage.client_name, 255),
        helo=clean_text(passage.helo, 255),
        authenticated_user=clean_text(passage.authenticated_user, 255),
        sender=clean_text(passage.sender.lower(), 320),
        sender_domain=clean_text(passage.sender.rpartition("@")[2].lower(), 255),
        subject=clean_text(passage.subject, 998),
        size_bytes=passage.size_bytes,
        recipient_count=max(passage.recipient_count, len(recipients)),
        direction=direction.direction_of(
            us,
            client_ip=passage.client_ip,
            authenticated_user=passage.authenticated_user,
            recipients=recipients,
            known=passage.has_head,
        ),
        log_lines="\n".join(list(passage.lines)[:MOST_STORED_LINES]),
    )


def _save_deliveries(rows: Iterable[tuple[RelayedMessage, Passage]]) -> None:
    deliveries: dict[tuple[int, str], Delivery] = {}
    for row, passage in rows:
        for handover in passage.handovers.values():
            recipient = clean_text(handover.recipient.lower(), 320)
            deliveries[(row.pk, recipient)] = Delivery(
                message=row,
                recipient=recipient,
                recipient_domain=recipient.rpartition("@")[2][:255],
                original_recipient=clean_text(handover.original_recipient.lower(), 320),
                relay=clean_text(handover.relay, 255),
                relay_ip=handover.relay_ip,
                status=handover.status[:20],
                dsn=handover.dsn[:12],
                reply=clean_text(handover.reply, 500),
                next_queue_id=handover.next_queue_id[:100],
                at=handover.at,
                attempts=handover.attempts,
            )
    Delivery.objects.bulk_create(deliveries.values(), batch_size=2000)


def _save_refusals(host: MailHost, refused: list[RefusedAttempt]) -> int:
    """Save refused attempts; the same line of the same second twice are two attempts."""
    before = Refusal.objects.filter(host=host).count() if refused else 0
    times: dict[str, int] = {}
    rows = []
    for attempt in refused:
        times[attempt.line] = times.get(attempt.line, 0) + 1
        name = f"{host.pk}|{attempt.at.isoformat()}|{attempt.line}|{times[attempt.line]}"
        rows.append(
            Refusal(
                host=host,
                at=attempt.at,
                queue_id=attempt.queue_id[:30],
                client_ip=attempt.client_ip,
                client_name=clean_text(attempt.client_name, 255),
                helo=clean_text(attempt.helo, 255),
                sender=clean_text(attempt.sender.lower(), 320),
                recipient=clean_text(attempt.recipient.lower(), 320),
                reason=attempt.reason,
                code=attempt.code[:12],
                line=clean_text(attempt.line, 2000),
                line_sha256=sha256(name.encode("utf-8", "replace")).hexdigest(),
            )
        )
    Refusal.objects.bulk_create(rows, ignore_conflicts=True, batch_size=2000)
    return Refusal.objects.filter(host=host).count() - before if refused else 0
