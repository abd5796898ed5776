"""Letters on their way: approve, claim, send once, record what became of them."""

from datetime import datetime, timedelta
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from complaints import audit
from complaints.audit import Actor
from incidents.correspondence import compose, wire
from incidents.models import Letter, Task
from incidents.workflow import moves
from incidents.workflow.moves import NotAllowed

LEASE = timedelta(minutes=10)
# Letters that speak for the organisation to the outside go out only after a second look.
NEEDS_SECOND_PERSON = frozenset({"upstream", "csirt", "protest", "threat"})


def edit(
    letter: Letter, *, subject: str, body: str, to_address: str, by: Actor, now: datetime
) -> None:
    """Change a letter that is still a draft."""
    fields = {"subject": subject, "body": body, "to_address": to_address.strip()}
    _move(letter, Letter.State.DRAFT, Letter.State.DRAFT, "letter-edited", by, now, **fields)


def approve(letter: Letter, *, by: Any, now: datetime) -> None:
    """Let a letter go. Some kinds may not be approved by the one who wrote them.

    raises   NotAllowed for the writer's own approval, a missing address, or a letter that has
             left the state of a draft
    """
    if letter.kind in NEEDS_SECOND_PERSON and audit.name_of(by) == letter.drafted_by:
        raise NotAllowed(_("A second person approves this letter: you wrote it."))
    if not letter.to_address:
        raise NotAllowed(_("The letter has no address yet."))
    fields = {"approved_at": now, "approved_by": by}
    _move(letter, Letter.State.DRAFT, Letter.State.APPROVED, "letter-approved", by, now, **fields)


def withdraw(letter: Letter, *, by: Actor, now: datetime) -> None:
    """Take back a letter that has not been sent."""
    if letter.state not in (Letter.State.DRAFT, Letter.State.APPROVED):
        raise NotAllowed(_("It has left already."))
    _move(letter, letter.state, Letter.State.WITHDRAWN, "letter-withdrawn", by, now)


def send_due(*, now: datetime) -> int:
    """Send every approved letter that goes by mail; how many left. Each is sent at most once."""
    _mark_unsure(now)
    return sum(_send(letter, now=now) for letter in Letter.objects.to_send()[:100])


def record_posted(letter: Letter, *, how: str, by: Actor, now: datetime) -> None:
    """Note that a letter went by fax or post."""
    if letter.channel == Letter.Channel.MAIL:
        raise NotAllowed(_("This letter goes by e-mail."))
    fields = {"sent_at": now, "reply_due_at": compose.reply_due(letter, now)}
    _move(
        letter,
        Letter.State.APPROVED,
        Letter.State.SENT,
        "letter-posted",
        by,
        now,
        note=how,
        **fields,
    )


def record_outcome(letter: Letter, *, outcome: str, note: str, by: Actor, now: datetime) -> None:
    """Note what came of a letter, and finish its task with it."""
    if letter.state not in (Letter.State.SENT, Letter.State.UNSURE):
        raise NotAllowed(_("The letter has not been sent yet."))
    with transaction.atomic():
        fields = {"outcome": outcome, "outcome_note": note, "outcome_at": now}
        Letter.objects.filter(pk=letter.pk).update(**fields)
        for name, value in fields.items():
            setattr(letter, name, value)
        _tell("letter-outcome", letter, by=by, now=now, outcome=outcome, note=note)
        task = letter.task
        if task is not None and task.state == Task.State.OPEN:
            moves.complete(task, outcome=outcome, note=note, by=by, now=now)


def chase(*, now: datetime) -> int:
    """Note once in the history that an answer is overdue; the letter then shows it."""
    overdue = 0
    for letter in Letter.objects.overdue(now).select_related("incident"):
        told = audit.entries_of(letter).filter(action="letter-overdue").exists()
        if not told:
            with transaction.atomic():
                _tell("letter-overdue", letter, by=None, now=now, due_at=letter.reply_due_at)
            overdue += 1
    return overdue


def _send(letter: Letter, *, now: datetime) -> bool:
    """Claim, send outside of any transaction, record: a crash between them leaves `sending`."""
    if not Letter.objects.move(letter, to=Letter.State.SENDING, lease_until=now + LEASE):
        return False
    try:
        message = wire.message_of(letter, sender=settings.DEFAULT_FROM_EMAIL)
        with mail.get_connection() as connection:
            connection.send_messages([message])
    except (SMTPException, OSError, ValidationError) as error:
        _failed(letter, error, now=now)
        return False
    fields: dict[str, Any] = {
        "sent_at": now,
        "reply_due_at": compose.reply_due(letter, now),
        "problem": "",
    }
    _move(letter, Letter.State.SENDING, Letter.State.SENT, "letter-sent", None, now, **fields)
    return True


def _failed(letter: Letter, error: Exception, *, now: datetime) -> None:
    """A server that was never reached has nothing of it: it is tried again. Else a person looks."""
    said = " ".join(getattr(error, "messages", [])) or str(error)
    again = isinstance(error, ConnectionRefusedError)
    to = Letter.State.APPROVED if again else Letter.State.FAILED
    if isinstance(error, TimeoutError):
        to = Letter.State.UNSURE
    _move(letter, Letter.State.SENDING, to, f"letter-{to}", None, now, problem=said[:1000])


def _mark_unsure(now: datetime) -> None:
    """A letter whose sender died between the claim and the record may or may not have left."""
    left = Letter.objects.filter(state=Letter.State.SENDING, lease_until__lte=now)
    for letter in left.select_related("incident"):
        _move(
            letter,
            Letter.State.SENDING,
            Letter.State.UNSURE,
            "letter-unsure",
            None,
            now,
            problem=_("The program was stopped while it was being sent."),
        )


def _move(
    letter: Letter,
    before: str,
    to: str,
    action: str,
    by: Actor,
    now: datetime,
    *,
    note: str = "",
    **fields: Any,
) -> None:
    if letter.state != before:
        raise NotAllowed(
            _("The letter is in the state “%(state)s”.") % {"state": letter.get_state_display()}
        )
    with transaction.atomic():
        if not Letter.objects.move(letter, to=to, **fields):
            raise NotAllowed(_("Somebody else has just changed this letter."))
        _tell(action, letter, by=by, now=now, to=letter.to_address, note=note)


def _tell(action: str, letter: Letter, *, by: Actor, now: datetime, **details: Any) -> None:
    audit.record(
        action,
        letter,
        at=now,
        by=by,
        incident=letter.incident.reference,
        kind=letter.kind,
        letter=letter.pk,
        **details,
    )
