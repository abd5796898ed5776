"""One RawMessage to a file and a row, once."""

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from complaints import audit, rawstore
from complaints.cleantext import clean_line
from complaints.intake.raw import RawMessage
from complaints.models import Arrival, Complaint, Mailbox
from complaints.references import next_reference


class NotStored(Exception):
    """The disk did not take the mail; it stays where it came from, and has to come again."""


@dataclass(frozen=True, slots=True)
class Stored:
    """The complaint the bytes belong to, and whether they are new."""

    complaint: Complaint
    is_new: bool


def keep_message(message: RawMessage, *, now: datetime) -> Stored:
    """Store a mail durably. When this returns, the mail may be marked at its source.

    The same bytes again, by whatever way, are one more arrival of the same complaint; the
    same UID of the same mailbox again changes nothing.
    raises   NotStored; django.db.DatabaseError if the rows could not be written. In both cases
             the mail must come again
    """
    try:
        digest = rawstore.keep(message.raw)
    except OSError as error:
        raise NotStored(f"The raw mail could not be written: {error.strerror}.") from error
    try:
        return _keep_rows(message, digest, now=now)
    except IntegrityError:
        # Another process stored the same bytes or the same UID between our look and our row.
        return _keep_rows(message, digest, now=now)


def known_uids(mailbox: Mailbox, uid_validity: int, *, above: int) -> set[int]:
    """UIDs of a mailbox that are stored already: they need not be fetched again."""
    stored = Arrival.objects.filter(mailbox=mailbox, uid_validity=uid_validity, uid__gt=above)
    return {uid for uid in stored.values_list("uid", flat=True) if uid is not None}


@transaction.atomic
def _keep_rows(message: RawMessage, digest: str, *, now: datetime) -> Stored:
    complaint = Complaint.objects.filter(raw_sha256=digest).first()
    is_new = complaint is None
    if complaint is None:
        complaint = Complaint.objects.create(
            reference=next_reference("C", message.arrived_at.year, digits=6),
            arrived_at=message.arrived_at,
            recorded_at=now,
            raw_sha256=digest,
            raw_bytes=len(message.raw),
        )
        audit.record("mail-received", complaint, at=now, way=message.way, sha256=digest)
    _note_arrival(complaint, message)
    return Stored(complaint, is_new)


def _note_arrival(complaint: Complaint, message: RawMessage) -> None:
    source_file = clean_line(message.source_file, 500)
    uid = message.uid
    if message.mailbox is not None and uid is not None:
        of_uid = Arrival.objects.filter(
            mailbox=message.mailbox, uid_validity=message.uid_validity, uid=uid
        ).first()
        if of_uid is not None and of_uid.complaint_id == complaint.pk:
            return
        if of_uid is not None:
            uid = None  # the server gave other bytes under a UID we know: both are kept
    complaint.arrivals.get_or_create(
        mailbox=message.mailbox,
        uid_validity=message.uid_validity,
        uid=uid,
        source_file=source_file,
        way=message.way,
        defaults={"arrived_at": message.arrived_at},
    )
