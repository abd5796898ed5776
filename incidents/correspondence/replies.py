"""STAGE: an answer to a letter of ours, filed with it and its task.

It answers if it refers to a Message-ID with our signature and comes from whom we wrote to. A
stranger who quotes that ID walks on as any other mail, and the incident's history says so.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from complaints import audit, rawstore
from complaints.cleantext import clean_text
from complaints.formats.report import MailHeaders, UnreadableReport
from complaints.models import Complaint
from complaints.parsing import read_report
from complaints.reading.pool import ReadingFailed
from incidents.correspondence import returned
from incidents.correspondence.returned import Returned
from incidents.models import Letter, Reply
from incidents.workflow import moves

MOST_TEXT = 20_000


def file_replies(complaints: Sequence[Complaint], *, now: datetime) -> list[Complaint]:
    """File those of the received mails that answer letters of ours, each by itself; which ones."""
    return [complaint for complaint in complaints if file_reply(complaint, now=now)]


def file_reply(complaint: Complaint, *, now: datetime) -> bool:
    """File a received mail that answers a letter of ours; False if it does not.

    Reads no more than the first 256 KiB of a mail that names no letter of ours.
    raises   complaints.rawstore.RawMessageMissing
    """
    mail = returned.read(rawstore.read(complaint.raw_sha256))
    letter = _letter_of(mail) if mail else None
    if mail is None or letter is None:
        return False
    if mail.is_report:
        return _file(complaint, letter, mail, Reply.Kind.BOUNCE, now=now)
    if not _is_from(mail.headers, letter):
        _note_stranger(complaint, letter, mail.headers, now=now)
        return False
    kind = Reply.Kind.AUTOMATIC if mail.is_automatic else Reply.Kind.ANSWER
    return _file(complaint, letter, mail, kind, now=now)


def _letter_of(mail: Returned) -> Letter | None:
    """The letter it refers to, the nearest in its thread."""
    known = {
        letter.token: letter
        for letter in Letter.objects.that_left()
        .filter(token__in=mail.tokens[:50])
        .select_related("incident", "task__incident")
    }
    return next((known[token] for token in mail.tokens if token in known), None)


def _is_from(headers: MailHeaders, letter: Letter) -> bool:
    """From the address we wrote to, or from another one of its domain or below it."""
    theirs = headers.from_address.lower().rpartition("@")[2]
    asked = letter.to_address.strip().lower().rpartition("@")[2]
    return bool(theirs and asked) and (theirs == asked or theirs.endswith(f".{asked}"))


def _file(
    complaint: Complaint, letter: Letter, mail: Returned, kind: str, *, now: datetime
) -> bool:
    text = _text_of(complaint)  # slow, in the killable child: before the transaction
    again = _filed_before(complaint, mail.headers)
    with transaction.atomic():
        stage = Complaint.Stage.DUPLICATE if again else Complaint.Stage.FILED
        fields = _columns(mail) | {"text": text, "duplicate_of": again}
        if not Complaint.objects.move(complaint, to=stage, next_attempt_at=None, **fields):
            return False
        if again is not None:
            audit.record("complaint-duplicate", complaint, at=now, duplicate_of=again.reference)
            return True
        Reply.objects.create(
            letter=letter,
            complaint=complaint,
            kind=kind,
            received_at=complaint.arrived_at,
            text=text,
        )
        audit.record(
            f"reply-{kind}",
            complaint,
            at=now,
            incident=letter.incident.reference,
            letter=letter.pk,
            kind=letter.kind,
        )
        _follow_up(letter, mail, kind, received_at=complaint.arrived_at, now=now)
    return True


def _follow_up(
    letter: Letter, mail: Returned, kind: str, *, received_at: datetime, now: datetime
) -> None:
    """An answer brings its task up for a person; a letter that came back does so again."""
    if kind == Reply.Kind.BOUNCE and mail.has_failed:
        why = _("The letter “%(letter)s” came back. %(why)s") % {
            "letter": letter.subject,
            "why": mail.why,
        }
        problem = {"state": Letter.State.FAILED, "problem": clean_text(why, 1000)}
        Letter.objects.filter(pk=letter.pk).update(**problem)
        if letter.task is not None and not letter.task.is_open:
            moves.reopen(letter.task, note=why, by=None, now=now)
        elif letter.task is not None:
            moves.bring_up(letter.task, why, now=now)
    elif kind == Reply.Kind.ANSWER:
        Letter.objects.filter(pk=letter.pk, outcome="").update(
            outcome=Letter.Outcome.ANSWERED, outcome_at=received_at
        )
        if letter.task is not None:
            why = _("An answer to the letter “%(letter)s” has come.") % {"letter": letter.subject}
            moves.bring_up(letter.task, why, now=now)


def _note_stranger(
    complaint: Complaint, letter: Letter, headers: MailHeaders, *, now: datetime
) -> None:
    """Say once in the incident's history that somebody else refers to our letter."""
    if audit.entries_of(complaint).filter(action="reply-of-stranger").exists():
        return
    with transaction.atomic():
        audit.record(
            "reply-of-stranger",
            complaint,
            at=now,
            incident=letter.incident.reference,
            letter=letter.pk,
            domain=headers.from_address.rpartition("@")[2],
        )


def _filed_before(complaint: Complaint, headers: MailHeaders) -> Complaint | None:
    """The reply with the same Message-ID that was filed already: mail may come twice."""
    if not headers.message_id:
        return None
    filed = Complaint.objects.filter(
        message_id_sha256=_digest(headers.message_id), stage=Complaint.Stage.FILED
    )
    return filed.exclude(pk=complaint.pk).order_by("pk").first()


def _columns(mail: Returned) -> dict[str, object]:
    headers = mail.headers
    thread = [*headers.references, *([headers.in_reply_to] if headers.in_reply_to else [])]
    return {
        "message_id": headers.message_id,
        "message_id_sha256": _digest(headers.message_id),
        "references": thread,
        "sender": headers.from_address,
        "sender_name": headers.from_name,
        "return_path": headers.return_path,
        "recipient": headers.to[0] if headers.to else "",
        "subject": headers.subject,
        "sent_at": headers.date,
        "is_automatic": mail.is_automatic or mail.is_report,
    }


def _text_of(complaint: Complaint) -> str:
    """What the writer wrote, read in the killable child; why not, where it cannot be read."""
    try:
        return clean_text(read_report(complaint).text, MOST_TEXT)
    except (ReadingFailed, UnreadableReport) as failure:
        return clean_text(_("The text could not be read: %s") % failure, MOST_TEXT)


def _digest(message_id: str) -> str:
    """As complaints.parsing keeps it: SHA-256 of the Message-ID without brackets."""
    text = message_id.strip().strip("<>")
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest() if text else ""
