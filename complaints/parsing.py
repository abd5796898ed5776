"""STAGE: received to parsed. Reads the raw mail in a killable child and saves what it says.

Ends the walk of what is no complaint (set aside), of a report we have already (duplicate)
and of what cannot be read (quarantined). Many are read one after the other, each within its own
bounds, and saved together.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from time import monotonic
from typing import Any

from django.db import transaction

from complaints import audit, rawstore, rows
from complaints.cleantext import clean_text, cut
from complaints.earlier import Earlier, digest
from complaints.evidence.received import Hop
from complaints.formats.report import Original, Report, UnreadableReport
from complaints.models import (
    Arrival,
    Attachment,
    Complaint,
    ComplaintObservable,
    ReportedMessage,
)
from complaints.querysets import OneByOne
from complaints.reading import pool
from complaints.reading.pool import ReadingFailed
from complaints.repeats import FOLLOW_UP, content_digest, repeated_by
from complaints.threads import Threads

MOST_ORIGINALS = 100
MOST_OBSERVABLES = 1000
UNTELLING = ("spam", "other")  # categories that are also taken where nothing tells
NOTED = "note:"
# So much is read before it is saved: far below the lease of a row, the time limit of a job, and
# the memory of a worker.
TOGETHER_SECONDS, TOGETHER_BYTES = 60.0, 16 * 1024 * 1024

FAILURES = (ReadingFailed, UnreadableReport, rawstore.RawMessageMissing)
Stage = Complaint.Stage


@dataclass(slots=True)
class Taken:
    """One mail that was read: its columns, and the rows of its details, before they are saved."""

    complaint: Complaint
    report: Report
    columns: dict[str, Any]
    shown: list[ReportedMessage] = field(default_factory=list)
    stage: str = Stage.PARSED
    earlier: Complaint | None = None


def parse_complaint(complaint: Complaint, *, now: datetime) -> bool:
    """Read the raw message and save what it says; False if another worker got there first."""
    try:
        return complaint in parse_complaints([complaint], now=now)
    except OneByOne:
        return False


def parse_complaints(complaints: Sequence[Complaint], *, now: datetime) -> list[Complaint]:
    """Read mails and save what they say; those that were moved.

    One that cannot be read is quarantined, and holds up no other. What is not begun within
    TOGETHER_SECONDS, or would make it more than TOGETHER_BYTES, is left as it is.
    raises   OneByOne, with nothing saved but the quarantined, if another worker has moved any
    """
    read: list[tuple[Complaint, Report]] = []
    moved: list[Complaint] = []
    ends_at, size = monotonic() + TOGETHER_SECONDS, 0
    for complaint in complaints:
        size += complaint.raw_bytes
        if (read or moved) and (monotonic() > ends_at or size > TOGETHER_BYTES):
            break
        try:
            read.append((complaint, read_report(complaint)))
        except FAILURES as failure:
            if quarantine(complaint, str(failure), now=now):
                moved.append(complaint)
    if read:
        _save(read, now=now)
    return moved + [complaint for complaint, _ in read]


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


def _save(read: Sequence[tuple[Complaint, Report]], *, now: datetime) -> None:
    taken = _taken(read)
    read_before = [complaint for complaint, _ in read if complaint.format]
    with audit.together():
        Complaint.objects.move_all(
            [one.complaint for one in taken], to=Stage.PARSED, next_attempt_at=None
        )
        _drop_details(read_before)  # a retried mail must not have its parts twice
        audit.keep_others_waiting()  # so that of two like mails read at once one sees the other
        _set_columns(taken)
        _save_details(taken)
        for one in taken:
            audit.record(
                f"complaint-{one.stage}",
                one.complaint,
                at=now,
                format=one.report.format,
                reason=one.report.set_aside_reason,
                duplicate_of=one.earlier.reference if one.earlier else "",
            )


def _taken(read: Sequence[tuple[Complaint, Report]]) -> list[Taken]:
    """What is to be saved of each, as far as no earlier complaint has a say in it."""
    noted = _noted_by_hand(complaint for complaint, report in read if not report.is_complaint)
    threads = Threads.of(read)
    taken: list[Taken] = []
    for complaint, report in read:
        columns = _columns(report)
        first = threads.followed(complaint, report)
        if first and first.category and report.format == FOLLOW_UP:
            # It is about what the first mail was about, unless it tells by itself.
            untold = columns["category"] in UNTELLING
            columns["category"] = first.category if untold else columns["category"]
        columns |= {"follows_id": first.pk if first else None, "duplicate_of_id": None}
        is_complaint = report.is_complaint or complaint.pk in noted
        one = Taken(complaint, report, columns)
        one.stage = Stage.PARSED if is_complaint else Stage.SET_ASIDE
        taken.append(one)
        threads.add(complaint, report, columns["category"])
    return taken


def _set_columns(taken: Sequence[Taken]) -> None:
    """Decide which of them repeat earlier ones, in their order, and write what each says."""
    for one in taken:
        for name, value in one.columns.items():
            setattr(one.complaint, name, value)
    earlier = Earlier([(one.complaint, one.report) for one in taken if one.stage == Stage.PARSED])
    for one in taken:
        complaint, originals = one.complaint, one.report.originals[:MOST_ORIGINALS]
        one.shown = [
            _reported_message(complaint, number, original)
            for number, original in enumerate(originals, start=1)
        ]
        if one.stage == Stage.PARSED and complaint.not_a_repeat_of_id is None:
            one.earlier = repeated_by(complaint, one.report, earlier)
            one.stage = Stage.DUPLICATE if one.earlier else Stage.PARSED
        if one.stage == Stage.PARSED:
            earlier.add(complaint, one.report, one.shown)
        complaint.duplicate_of = one.earlier
        complaint.stage = one.stage
    rows.update([one.complaint for one in taken], {*taken[0].columns, "stage"})


def _noted_by_hand(complaints: Iterable[Complaint]) -> set[int]:
    """What somebody at the desk wrote down as a complaint is one."""
    keys = [complaint.pk for complaint in complaints]
    noted = Arrival.objects.filter(complaint__in=keys, way__startswith=NOTED)
    return set(noted.values_list("complaint_id", flat=True)) if keys else set()


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


def _drop_details(complaints: Sequence[Complaint]) -> None:
    keys = [complaint.pk for complaint in complaints]
    for model in (ReportedMessage, ComplaintObservable, Attachment) if keys else ():
        model._default_manager.filter(complaint__in=keys).delete()


def _save_details(taken: Sequence[Taken]) -> None:
    rows.insert([shown for one in taken for shown in one.shown])
    rows.insert(
        [
            ComplaintObservable(
                complaint=one.complaint,
                kind=found.kind.value,
                value=found.value[:1000],
                value_sha256=digest(found.value),
                where=found.where[:200],
                origin=found.origin.value,
            )
            for one in taken
            for found in one.report.observables[:MOST_OBSERVABLES]
        ]
    )
    rows.insert(
        [
            Attachment(complaint=one.complaint, **asdict(attachment))
            for one in taken
            for attachment in one.report.attachments
        ]
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
        zone_stated=original.zone_stated,
        clock_stated=original.clock_stated,
        size_bytes=original.size_bytes,
        feedback_id=original.feedback_id[:255],
        script=original.script[:255],
        category=original.category[:30],
        hops=[_hop(hop) for hop in original.hops],
        urls=list(original.urls),
        files=list(original.files),
        body_text=original.body_text,
    )


def _hop(hop: Hop) -> dict[str, Any]:
    return asdict(hop) | {"at": hop.at.isoformat() if hop.at else None}
