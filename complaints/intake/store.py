"""One RawMessage to a file and a row, once."""

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from complaints import audit, rawstore
from complaints.intake.raw import RawMessage
from complaints.models import Arrival, Complaint, Mailbox
from complaints.references import next_reference


@dataclass(frozen=True, slots=True)
class Stored:
    """The complaint the bytes belong to, and whether they are new."""

    complaint: Complaint
    is_new: bool


def keep_message(message: RawMessage, *, now: datetime) -> Stored:
    """Store a mail durably. When this returns, the mail may be marked at its source.

    The same bytes again, by whatever way, are one more arrival of the same complaint; the
    same UID of the same mailbox again changes nothing.
    """
    digest = rawstore.keep(message.raw)
    try:
        return _keep_rows(message, digest, now=now)
    except IntegrityError:
        # Another process stored the same bytes or the same UID between our look and our row.
        return _keep_rows(message, digest, now=now)


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
    place = {
        "mailbox": message.mailbox,
        "uid_validity": message.uid_validity,
        "uid": message.uid,
        "source_file": message.source_file[:500],
        "way": message.way,
    }
    complaint.arrivals.get_or_create(**place, defaults={"arrived_at": message.arrived_at})


def known_uids(mailbox: Mailbox, uid_validity: int, *, above: int) -> set[int]:
    """UIDs of a mailbox that are stored already: they need not be fetched again."""
    stored = Arrival.objects.filter(mailbox=mailbox, uid_validity=uid_validity, uid__gt=above)
    return {arrival.uid for arrival in stored.only("uid") if arrival.uid is not None}
