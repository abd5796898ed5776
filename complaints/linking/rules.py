"""Where to look for the message that is meant: by indexes only, a bounded number by each rule."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Count, QuerySet

from complaints.linking.candidate import Clues, Logged, OwnHop
from complaints.linking.score import STATED_MINUTE, fold_subject
from complaints.maillog import message_id
from complaints.maillog.direction import Ourselves
from complaints.models import Complaint, Link, RelayedMessage, ReportedMessage

MOST_BY_RULE = 50
QUEUE_ID_WITHIN = timedelta(days=2)
# A report without a time is about mail of the last weeks; a stated day may be off by a zone.
LOOK_BACK = timedelta(days=14)
AROUND_STATED_TIME = timedelta(days=2)


def clues_of(reported: ReportedMessage, complaint: Complaint, us: Ourselves) -> Clues:
    """What the complaint shows of one reported message, in the forms the log has."""
    hops = tuple(_own_hops(reported.hops, us))
    return Clues(
        message_id=message_id.normal_form(reported.message_id),
        hops=hops,
        source_ip=reported.source_ip,
        senders=_addresses(reported.envelope_from, reported.header_from),
        recipient=reported.recipient.lower(),
        reporter=complaint.sender.lower(),
        subject=fold_subject(reported.subject),
        at=next((hop.at for hop in hops if hop.at), reported.arrived_at or reported.date),
        reported_at=complaint.arrived_at,
    )


def messages_for(clues: Clues) -> list[Logged]:
    """Every logged message that a rule finds, each once."""
    rows: dict[int, RelayedMessage] = {}
    for query in _queries(clues):
        found = query.select_related("host").prefetch_related("deliveries")[:MOST_BY_RULE]
        rows |= {row.pk: row for row in found}
    return _as_logged(rows.values())


def log_covers(at: datetime) -> bool:
    """Whether the log of about this time has been read."""
    within = timedelta(days=1)
    return RelayedMessage.objects.filter(queued_at__range=(at - within, at + within)).exists()


def _queries(clues: Clues) -> Iterator[QuerySet[RelayedMessage]]:
    messages = RelayedMessage.objects.all()
    if clues.message_id:
        yield messages.with_message_id(message_id.digest(clues.message_id))
    for hop in clues.hops:
        if hop.queue_id and hop.at:
            yield messages.seen_as(hop.queue_id, at=hop.at, within=QUEUE_ID_WITHIN)
    start, end = _window(clues)
    if clues.at is not None and not clues.message_id and not clues.hops:
        strangers = messages.relayed_for_strangers()
        around = (clues.at - STATED_MINUTE, clues.at + STATED_MINUTE)
        yield strangers.filter(queued_at__range=around)
    for recipient in dict.fromkeys([clues.recipient, clues.reporter]):
        if recipient:
            yield messages.to_recipient(recipient, start=start, end=end)


def _window(clues: Clues) -> tuple[datetime, datetime]:
    if clues.at is not None:
        return clues.at - AROUND_STATED_TIME, clues.at + AROUND_STATED_TIME
    end = clues.reported_at or datetime.max.replace(tzinfo=UTC)
    return end - LOOK_BACK, end


def _own_hops(hops: list[dict[str, Any]], us: Ourselves) -> Iterator[OwnHop]:
    """Our part of the Received chain, the topmost first; below a foreign host all is claimed."""
    seen = False
    for hop in hops:
        if us.has_host(hop["by"]):
            seen = True
            at = datetime.fromisoformat(hop["at"]) if hop["at"] else None
            client = "" if us.has_address(hop["from_ip"]) else hop["from_ip"]
            yield OwnHop(hop["by"].lower(), hop["queue_id"], client, at)
        elif seen:
            return


def _addresses(*values: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value.lower() for value in values if value))


def _as_logged(rows: Iterable[RelayedMessage]) -> list[Logged]:
    rows = list(rows)
    digests = {row.message_id_sha256 for row in rows if row.message_id_sha256}
    shared = dict(
        RelayedMessage.objects.filter(message_id_sha256__in=digests)
        .values_list("message_id_sha256")
        .annotate(Count("pk"))
    )
    subjects = _subjects_by_sender({row.sender for row in rows if row.sender})
    return [
        Logged(
            key=row.pk,
            host=row.host.name,
            host_name=row.host.fqdn.lower(),
            queue_id=row.queue_id,
            queued_at=row.queued_at,
            message_id=row.message_id,
            client_ip=row.client_ip,
            sender=row.sender,
            subject=row.subject,
            recipients=frozenset(delivery.recipient for delivery in row.deliveries.all()),
            is_for_stranger=row.direction == RelayedMessage.Direction.STRANGER,
            same_message_id=shared.get(row.message_id_sha256, 1),
            sender_subjects=frozenset(subjects.get(row.sender, ())),
        )
        for row in rows
    ]


def _subjects_by_sender(senders: set[str]) -> dict[str, set[str]]:
    """Subjects shown by complaints that are linked to messages of these senders."""
    known: dict[str, set[str]] = {}
    shown = (
        Link.objects.filter(state__in=Link.HOLDING, message__sender__in=senders)
        .exclude(reported_message__subject="")
        .exclude(reported_message=None)
        .values_list("message__sender", "reported_message__subject")
        .distinct()[:500]
    )
    for sender, subject in shown:
        known.setdefault(sender, set()).add(fold_subject(subject or ""))
    return known
