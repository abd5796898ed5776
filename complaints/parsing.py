"""STAGE: received to parsed. Reads the raw mail in a killable child and saves what it says.

Ends the walk of what is no complaint (set aside), of a report we have already (duplicate)
and of what cannot be read (quarantined).
"""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import transaction

from complaints import audit, rawstore
from complaints.cleantext import clean_text, cut
from complaints.evidence.received import Hop
from complaints.formats.report import Original, Report, UnreadableReport
from complaints.models import Attachment, Complaint, ComplaintObservable, ReportedMessage
from complaints.reading import pool
from complaints.reading.pool import ReadingFailed
from complaints.repeats import FOLLOW_UP, content_digest, digest, earlier_of

MOST_ORIGINALS = 100
MOST_OBSERVABLES = 1000
UNTELLING = ("spam", "other")  # categories that are also taken where nothing tells
NOTED = "note:"

FAILURES = (ReadingFailed, UnreadableReport, rawstore.RawMessageMissing)


def parse_complaint(complaint: Complaint, *, now: datetime) -> bool:
    """Read the raw message and save what it says; False if another worker got there first."""
    try:
        report = read_report(complaint)
    except FAILURES as failure:
        return quarantine(complaint, str(failure), now=now)
    return _save(complaint, report, now=now)


def read_report(complaint: Complaint) -> Report:
    """What the raw mail says, read in the killable child; changes nothing.

    raises   one of FAILURES, worded for a person
    """
    return pool.read(rawstore.read(complaint.raw_sha256))


def quarantine(complaint: Complaint, reason: str, *, now: datetime) -> bool:
    """Stop the walk until a person acts; nothing is lost, the reason is shown."""
    reason = clean_text(reason, 2000)
    with transaction.atomic():
        if not Complaint.objects.move(
            complaint, to=Complaint.Stage.QUARANTINED, problem=reason, next_attempt_at=None
        ):
            return False
        audit.record("complaint-quarantined", complaint, at=now, reason=cut(reason, 500))
    return True


def _save(complaint: Complaint, report: Report, *, now: datetime) -> bool:
    is_complaint = report.is_complaint or _was_noted_by_hand(complaint)
    stage = Complaint.Stage.PARSED if is_complaint else Complaint.Stage.SET_ASIDE
    first = _followed(report, complaint)
    columns = _columns(report)
    if first and first.category and report.format == FOLLOW_UP:
        # It is about what the first mail was about, unless it tells by itself.
        untold = columns["category"] in UNTELLING
        columns["category"] = first.category if untold else columns["category"]
    was_read_before = bool(complaint.format)
    with transaction.atomic():
        if not Complaint.objects.move(
            complaint,
            to=stage,
            next_attempt_at=None,
            duplicate_of=None,
            follows=first,
            **columns,
        ):
            return False
        if was_read_before:  # a retried mail must not have its parts twice
            _drop_details(complaint)
        _save_details(complaint, report)
        audit.keep_others_waiting()  # so that of two like mails read at once one sees the other
        earlier = earlier_of(complaint, report) if is_complaint else None
        if earlier is not None:
            stage = Complaint.Stage.DUPLICATE
            Complaint.objects.move(complaint, to=stage, duplicate_of=earlier)
        audit.record(
            f"complaint-{stage}",
            complaint,
            at=now,
            format=report.format,
            reason=report.set_aside_reason,
            duplicate_of=earlier.reference if earlier else "",
        )
    return True


def _was_noted_by_hand(complaint: Complaint) -> bool:
    """What somebody at the desk wrote down as a complaint is one."""
    return complaint.arrivals.filter(way__startswith=NOTED).exists()


def _columns(report: Report) -> dict[str, Any]:
    headers = report.headers
    return {
        "message_id": headers.message_id,
        "message_id_sha256": digest(headers.message_id),
        "content_sha256": content_digest(report),
        "references": [
            *headers.references,
            *([headers.in_reply_to] if headers.in_reply_to else []),
        ],
        "sender": headers.from_address,
        "sender_name": headers.from_name,
        "return_path": headers.return_path,
        "recipient": headers.to[0] if headers.to else "",
        "subject": headers.subject,
        "sent_at": headers.date,
        "is_automatic": bool(
            headers.auto_submitted not in ("", "no")
            or headers.list_id
            or headers.return_path == "<>"
        ),
        "format": report.format,
        "format_version": report.format_version[:30],
        "feedback_type": report.feedback_type[:50],
        "category": report.category,
        "language": report.language,
        "reporter_kind": report.reporter_kind,
        "text": report.text,
        "threatens_block": report.threatens_block,
        "asks_removal": report.asks_removal,
        "answer_by": report.answer_by,
        "missing": list(report.missing),
        "reasons": list(report.reasons),
        "set_aside_reason": report.set_aside_reason,
        "notes": [*report.notes, *([report.threat] if report.threat else [])],
    }


def _drop_details(complaint: Complaint) -> None:
    for old in (complaint.reported_messages, complaint.observables, complaint.attachments):
        old.all().delete()


def _save_details(complaint: Complaint, report: Report) -> None:
    ReportedMessage.objects.bulk_create(
        _reported_message(complaint, number, original)
        for number, original in enumerate(report.originals[:MOST_ORIGINALS], start=1)
    )
    ComplaintObservable.objects.bulk_create(
        ComplaintObservable(
            complaint=complaint,
            kind=found.kind.value,
            value=found.value[:1000],
            value_sha256=digest(found.value),
            where=found.where[:200],
            origin=found.origin.value,
        )
        for found in report.observables[:MOST_OBSERVABLES]
    )
    Attachment.objects.bulk_create(
        Attachment(complaint=complaint, **asdict(attachment)) for attachment in report.attachments
    )


def _reported_message(complaint: Complaint, number: int, original: Original) -> ReportedMessage:
    return ReportedMessage(
        complaint=complaint,
        number=number,
        where=original.where[:100],
        message_id=original.message_id[:998],
        subject=original.subject[:998],
        header_from=original.header_from[:320],
        envelope_from=original.envelope_from[:320],
        recipient=original.recipient[:320],
        date=original.date,
        arrived_at=original.arrived_at,
        source_ip=original.source_ip[:45],
        queue_id=original.queue_id[:100],
        hops=[_hop(hop) for hop in original.hops],
        urls=list(original.urls),
        body_text=original.body_text,
    )


def _hop(hop: Hop) -> dict[str, Any]:
    return asdict(hop) | {"at": hop.at.isoformat() if hop.at else None}


def _followed(report: Report, complaint: Complaint) -> Complaint | None:
    """The complaint in whose thread this mail stands, by the Message-IDs it refers to."""
    ids = [*report.headers.references, report.headers.in_reply_to]
    digests = [digest(message_id) for message_id in ids if message_id]
    if not digests:
        return None
    thread = Complaint.objects.filter(message_id_sha256__in=digests).exclude(pk=complaint.pk)
    return thread.order_by("pk").first()
