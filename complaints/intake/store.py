"""RawMessages to files and rows, each once; many in one transaction."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from complaints import audit, rawstore, rows
from complaints.audit import Act, Actor
from complaints.cleantext import clean_line
from complaints.intake.raw import RawMessage
from complaints.models import Arrival, Complaint, MailFolder
from complaints.references import next_references

# What a person is told who filled a form in while the disk takes nothing.
NOT_STORED = _("It could not be stored just now, and nothing was sent. Please try again later.")


class NotStored(Exception):
    """The disk did not take the mail; it stays where it came from, and has to come again."""


@dataclass(frozen=True, slots=True)
class Stored:
    """The complaint the bytes belong to, and whether they are new."""

    complaint: Complaint
    is_new: bool


def keep_message(message: RawMessage, *, now: datetime, by: Actor = None) -> Stored:
    """Store one mail durably; see keep_messages."""
    return keep_messages([message], now=now, by=by)[0]


def keep_messages(
    messages: Sequence[RawMessage], *, now: datetime, by: Actor = None
) -> list[Stored]:
    """Store mails durably. When this returns, each may be marked at its source.

    by       who brought them, None for the program itself
    The same bytes again, by whatever way, are one more arrival of the same complaint; the
    same UID of the same folder again changes nothing.
    raises   NotStored; django.db.DatabaseError if the rows could not be written. In both cases
             the mails must come again
    """
    if not messages:
        return []
    try:
        digests = rawstore.keep_all([message.raw for message in messages])
    except OSError as error:
        raise NotStored(f"The raw mail could not be written: {error.strerror}.") from error
    try:
        return _keep_rows(messages, digests, now=now, by=by)
    except IntegrityError:
        # Another process stored the same bytes or the same UID between our look and our row.
        return _keep_rows(messages, digests, now=now, by=by)


def known_uids(folder: MailFolder, *, above: int) -> set[int]:
    """UIDs of a folder that are stored already: they need not be fetched again."""
    stored = Arrival.objects.filter(folder=folder, uid_validity=folder.uid_validity, uid__gt=above)
    return {uid for uid in stored.values_list("uid", flat=True) if uid is not None}


def _keep_rows(
    messages: Sequence[RawMessage], digests: Sequence[str], *, now: datetime, by: Actor
) -> list[Stored]:
    with audit.together():
        return _rows_of(messages, digests, now=now, by=by)


def _rows_of(
    messages: Sequence[RawMessage], digests: Sequence[str], *, now: datetime, by: Actor
) -> list[Stored]:
    stored = Complaint.objects.filter(raw_sha256__in=set(digests))
    known = {complaint.raw_sha256: complaint for complaint in stored}
    fresh: dict[str, RawMessage] = {}
    for digest, message in zip(digests, messages, strict=True):
        if digest not in known:
            fresh.setdefault(digest, message)
    new = dict(zip(fresh, _new_complaints(fresh, now=now, by=by), strict=True))
    told: set[str] = set()
    answers = []
    for digest in digests:
        answers.append(Stored(new.get(digest) or known[digest], digest in new.keys() - told))
        told.add(digest)
    _note_arrivals(messages, [answer.complaint for answer in answers], now=now)
    return answers


def _new_complaints(fresh: dict[str, RawMessage], *, now: datetime, by: Actor) -> list[Complaint]:
    if not fresh:
        return []
    references = _references([message.arrived_at.year for message in fresh.values()])
    made = [
        Complaint(
            reference=next(references[message.arrived_at.year]),
            arrived_at=message.arrived_at,
            recorded_at=now,
            raw_sha256=digest,
            raw_bytes=len(message.raw),
        )
        for digest, message in fresh.items()
    ]
    rows.insert_and_know(made, by="raw_sha256")
    audit.record_all(
        [
            Act(
                "mail-received",
                complaint,
                details={"way": message.way, "sha256": complaint.raw_sha256},
            )
            for complaint, message in zip(made, fresh.values(), strict=True)
        ],
        at=now,
        by=by,
    )
    return made


def _references(years: Sequence[int]) -> dict[int, Iterator[str]]:
    """New references by year; the counters are locked in the order of their years."""
    wanted = Counter(years)
    return {
        year: iter(next_references("C", year, digits=6, count=wanted[year]))
        for year in sorted(wanted)
    }


def _note_arrivals(
    messages: Sequence[RawMessage], complaints: Sequence[Complaint], *, now: datetime
) -> None:
    """One row for each way in which the bytes came; a UID is noted once."""
    taken = _taken_uids(messages)
    seen = _known_ways(complaints)
    arrivals = []
    for message, complaint in zip(messages, complaints, strict=True):
        place = _place(message)
        if place and place in taken:
            if taken[place] == complaint.pk:
                continue
            place = None  # the server gave other bytes under a UID we know: both are kept
        row = Arrival(
            complaint=complaint,
            arrived_at=message.arrived_at,
            recorded_at=now,
            mailbox=message.mailbox,
            folder=message.folder,
            uid_validity=message.uid_validity,
            uid=message.uid if place else None,
            source_file=clean_line(message.source_file, 500),
            way=message.way,
        )
        if place:
            taken[place] = complaint.pk
        elif (way := _way(row)) in seen:
            continue
        else:
            seen.add(way)
        arrivals.append(row)
    rows.insert(arrivals)


def _place(message: RawMessage) -> tuple[int, int | None, int] | None:
    """Where a mail lies on its server, if it came from one."""
    if message.folder is None or message.uid is None:
        return None
    return (message.folder.pk, message.uid_validity, message.uid)


def _taken_uids(messages: Sequence[RawMessage]) -> dict[tuple[int, int | None, int], int]:
    places = [place for message in messages if (place := _place(message))]
    if not places:
        return {}
    found = Arrival.objects.filter(
        folder__in={place[0] for place in places},
        uid_validity__in={place[1] for place in places},
        uid__in=[place[2] for place in places],
    )
    known = found.values_list("folder", "uid_validity", "uid", "complaint")
    return {(folder, validity, uid): pk for folder, validity, uid, pk in known if folder and uid}


def _known_ways(complaints: Sequence[Complaint]) -> set[tuple[object, ...]]:
    """How mails that lie at no UID have come before."""
    found = Arrival.objects.filter(complaint__in={complaint.pk for complaint in complaints})
    return {_way(arrival) for arrival in found.filter(uid=None)}


def _way(row: Arrival) -> tuple[object, ...]:
    return (row.complaint_id, row.mailbox_id, row.folder_id, row.source_file, row.way)
