"""STAGE: an answer to a letter of ours, filed with it and its task; or proposed as one.

`threading` says which letter it answers, and how surely. What only may be an answer walks on as
any other mail, and a person says whether it was one.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from complaints import audit, rawstore
from complaints.audit import Actor
from complaints.cleantext import clean_text
from complaints.earlier import digest
from complaints.formats.report import UnreadableReport
from complaints.models import Complaint
from complaints.parsing import read_report
from complaints.reading.pool import ReadingFailed
from incidents.correspondence import contacts, returned, threading
from incidents.correspondence.returned import Returned
from incidents.correspondence.threading import Match
from incidents.correspondence.tickets import their_ticket
from incidents.models import Letter, Reply, ReplyProposal
from incidents.workflow import moves
from incidents.workflow.moves import NotAllowed

MOST_TEXT = 20_000


def file_replies(complaints: Sequence[Complaint], *, now: datetime) -> list[Complaint]:
    """File those of the received mails that answer letters of ours, each by itself; which ones."""
    return [complaint for complaint in complaints if file_reply(complaint, now=now)]


def file_reply(complaint: Complaint, *, now: datetime) -> bool:
    """File a received mail that answers a letter of ours; False if it does not, or only may.

    Reads no more than the head of a mail that refers to nothing.
    raises   complaints.rawstore.RawMessageMissing
    """
    mail = returned.read(rawstore.read(complaint.raw_sha256))
    found = threading.match(mail) if mail else None
    if mail is None or found is None:
        return False
    if not found.is_sure:
        _propose(complaint, found, mail, now=now)
        return False
    return _file(complaint, found, mail, now=now)


def accept(proposal: ReplyProposal, *, by: Actor, now: datetime) -> None:
    """A person says that a mail answers the letter: it is filed with it, wherever it has got to."""
    complaint, letter = proposal.complaint, proposal.letter
    text = complaint.text or _text_of(complaint)
    with transaction.atomic():
        _decide(proposal, ReplyProposal.State.ACCEPTED, by=by, now=now)
        movable = Complaint.objects.filter(pk=complaint.pk, memberships=None)
        movable.update(stage=Complaint.Stage.FILED, next_attempt_at=None)
        Reply.objects.create(
            letter=letter,
            complaint=complaint,
            kind=Reply.Kind.AUTOMATIC if complaint.is_automatic else Reply.Kind.ANSWER,
            received_at=complaint.arrived_at,
            text=text[:MOST_TEXT],
            joined_by="person",
            their_ticket=their_ticket(complaint.subject, text),
        )
        if not complaint.is_automatic:
            _answered(letter, received_at=complaint.arrived_at, now=now)


def refuse(proposal: ReplyProposal, *, by: Actor, now: datetime) -> None:
    """A person says that a mail is no answer to the letter: it stays what it is."""
    with transaction.atomic():
        _decide(proposal, ReplyProposal.State.REFUSED, by=by, now=now)


def _decide(proposal: ReplyProposal, state: str, *, by: Actor, now: datetime) -> None:
    undecided = ReplyProposal.objects.filter(
        pk=proposal.pk, state=ReplyProposal.State.PROPOSED, complaint__reply=None
    )
    if not undecided.update(state=state, decided_at=now, decided_by=audit.name_of(by)):
        raise NotAllowed(_("It is decided already whether this mail is a reply."))
    audit.record(
        f"reply-{state}",
        proposal.complaint,
        at=now,
        by=by,
        incident=proposal.letter.incident.reference,
        letter=proposal.letter_id,
    )


def _file(complaint: Complaint, found: Match, mail: Returned, *, now: datetime) -> bool:
    """As a reply, or as a copy of one: a constraint says which of two was first."""
    text = _text_of(complaint)  # slow, in the killable child: before the transaction
    identity = _identity(mail, text)
    try:
        return _file_first(complaint, found, mail, text, identity, now=now)
    except IntegrityError:
        first = Reply.objects.filter(identity=identity).select_related("complaint").first()
        if first is None or first.complaint_id == complaint.pk:
            raise
    complaint.refresh_from_db()
    with transaction.atomic():
        fields = _columns(mail) | {"text": text, "duplicate_of": first.complaint}
        stage = Complaint.Stage.DUPLICATE
        if not Complaint.objects.move(complaint, to=stage, next_attempt_at=None, **fields):
            return False
        audit.record(
            "complaint-duplicate", complaint, at=now, duplicate_of=first.complaint.reference
        )
    return True


def _file_first(
    complaint: Complaint, found: Match, mail: Returned, text: str, identity: str, *, now: datetime
) -> bool:
    letter, kind = found.letter, _kind(mail)
    fields = _columns(mail) | {"text": text}
    with transaction.atomic():
        stage = Complaint.Stage.FILED
        if not Complaint.objects.move(complaint, to=stage, next_attempt_at=None, **fields):
            return False
        Reply.objects.create(
            letter=letter,
            complaint=complaint,
            kind=kind,
            received_at=complaint.arrived_at,
            text=text,
            identity=identity,
            joined_by=found.why,
            their_ticket="" if mail.is_report else their_ticket(mail.headers.subject, text),
        )
        audit.record(
            f"reply-{kind}",
            complaint,
            at=now,
            incident=letter.incident.reference,
            letter=letter.pk,
            kind=letter.kind,
            by_what=found.why,
        )
        _follow_up(letter, mail, kind, received_at=complaint.arrived_at, now=now)
    return True


def _kind(mail: Returned) -> str:
    if mail.is_report:
        return Reply.Kind.BOUNCE
    return Reply.Kind.AUTOMATIC if mail.is_automatic else Reply.Kind.ANSWER


def _identity(mail: Returned, text: str) -> str:
    """SHA-256 of what makes it one mail: its writer and Message-ID; its text, where it has none."""
    named = mail.headers.message_id.strip().strip("<>") or " ".join(text.split())
    words = f"{mail.headers.from_address.lower()}\n{named}\n{' '.join(mail.tokens)}"
    return hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()


def _follow_up(
    letter: Letter, mail: Returned, kind: str, *, received_at: datetime, now: datetime
) -> None:
    """An answer brings its task up for a person; a letter that came back does so again."""
    if kind == Reply.Kind.BOUNCE and mail.has_failed:
        _came_back(letter, mail.why, now=now)
    elif kind == Reply.Kind.ANSWER:
        _answered(letter, received_at=received_at, now=now)


def _came_back(letter: Letter, said: str, *, now: datetime) -> None:
    why = _("The letter “%(letter)s” came back. %(why)s") % {"letter": letter.subject, "why": said}
    problem = {"state": Letter.State.FAILED, "problem": clean_text(why, 1000)}
    Letter.objects.filter(pk=letter.pk).update(**problem)
    contacts.doubt(letter.to_address, why=clean_text(said or why, 500), now=now)
    if letter.task is not None and not letter.task.is_open:
        moves.reopen(letter.task, note=why, by=None, now=now)
    elif letter.task is not None:
        moves.bring_up(letter.task, why, now=now)


def _answered(letter: Letter, *, received_at: datetime, now: datetime) -> None:
    Letter.objects.filter(pk=letter.pk, outcome="").update(
        outcome=Letter.Outcome.ANSWERED, outcome_at=received_at
    )
    contacts.trust(letter.to_address, now=now)
    if letter.task is not None:
        why = _("An answer to the letter “%(letter)s” has come.") % {"letter": letter.subject}
        moves.bring_up(letter.task, why, now=now)


def _propose(complaint: Complaint, found: Match, mail: Returned, *, now: datetime) -> None:
    """Ask a person, once, whether this mail answers our letter."""
    letter = found.letter
    with transaction.atomic():
        is_new = ReplyProposal.objects.get_or_create(
            complaint=complaint,
            defaults={"letter": letter, "why": found.why, "proposed_at": now},
        )[1]
        if is_new:
            audit.record(
                "reply-of-stranger",
                complaint,
                at=now,
                incident=letter.incident.reference,
                letter=letter.pk,
                domain=mail.headers.from_address.rpartition("@")[2],
                by_what=found.why,
            )


def _columns(mail: Returned) -> dict[str, object]:
    headers = mail.headers
    thread = [*headers.references, *([headers.in_reply_to] if headers.in_reply_to else [])]
    return {
        "message_id": headers.message_id,
        "message_id_sha256": digest(headers.message_id),
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
