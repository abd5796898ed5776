"""An answer to a letter of ours, filed with it and its task."""

from datetime import datetime

from django.db import transaction

from complaints import audit, parsing, rawstore
from complaints.evidence.observables import normal_address
from complaints.formats.bounds import bounded
from complaints.formats.head import read_head
from complaints.formats.opened import headers_of
from complaints.formats.report import MailHeaders
from complaints.models import Complaint
from incidents.correspondence import tokens
from incidents.models import Letter, Reply

HEAD_BYTES = 256 * 1024


def file_reply(complaint: Complaint, *, now: datetime) -> bool:
    """File a received mail that answers a letter of ours; False if it does not.

    It answers if it refers to a Message-ID with our signature and comes from whom we wrote
    to. A stranger who quotes that ID walks on as any other mail.
    """
    raw = rawstore.read(complaint.raw_sha256)
    headers = headers_of(read_head(bounded(raw[:HEAD_BYTES]).head))
    letter = _answered(headers)
    if letter is None:
        return False
    if headers.return_path == "<>" or _is_bounce(headers):
        return _file_bounce(complaint, letter, headers, now=now)
    if not _is_from(headers, letter):
        return False
    return _file(complaint, letter, headers, _text_of(complaint), now=now)


def _answered(headers: MailHeaders) -> Letter | None:
    for message_id in [headers.in_reply_to, *reversed(headers.references)]:
        token = tokens.token_in(message_id)
        if token:
            return Letter.objects.filter(token=token).select_related("incident").first()
    return None


def _is_from(headers: MailHeaders, letter: Letter) -> bool:
    """From the address we wrote to, or from another one of its domain."""
    theirs, ours = headers.from_address, normal_address(letter.to_address)
    return bool(theirs) and theirs.rpartition("@")[2] == ours.rpartition("@")[2]


def _is_bounce(headers: MailHeaders) -> bool:
    return headers.from_address.partition("@")[0] in {"mailer-daemon", "postmaster-bounce"}


def _file(
    complaint: Complaint, letter: Letter, headers: MailHeaders, text: str, *, now: datetime
) -> bool:
    with transaction.atomic():
        if not _move(complaint, headers, text):
            return False
        Reply.objects.create(
            letter=letter, complaint=complaint, received_at=complaint.arrived_at, text=text
        )
        Letter.objects.filter(pk=letter.pk, outcome="").update(
            outcome=Letter.Outcome.ANSWERED, outcome_at=complaint.arrived_at
        )
        audit.record(
            "reply-filed",
            complaint,
            at=now,
            incident=letter.incident.reference,
            letter=letter.pk,
            kind=letter.kind,
        )
    return True


def _file_bounce(
    complaint: Complaint, letter: Letter, headers: MailHeaders, *, now: datetime
) -> bool:
    """A letter that came back is marked; its bounce is no complaint."""
    with transaction.atomic():
        if not _move(complaint, headers, ""):
            return False
        Letter.objects.filter(pk=letter.pk).update(
            state=Letter.State.FAILED, problem=f"It came back: {headers.subject}"[:1000]
        )
        audit.record(
            "letter-bounced",
            complaint,
            at=now,
            incident=letter.incident.reference,
            letter=letter.pk,
        )
    return True


def _move(complaint: Complaint, headers: MailHeaders, text: str) -> bool:
    return Complaint.objects.move(
        complaint,
        to=Complaint.Stage.FILED,
        next_attempt_at=None,
        message_id=headers.message_id,
        sender=headers.from_address,
        sender_name=headers.from_name,
        subject=headers.subject,
        sent_at=headers.date,
        text=text,
    )


def _text_of(complaint: Complaint) -> str:
    """What they wrote, read in the killable child; one that cannot be read is filed as well."""
    try:
        return parsing.read_report(complaint).text
    except parsing.FAILURES as failure:
        return f"({failure})"
