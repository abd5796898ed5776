"""Letters on their way: approve, claim, send once, record what became of them."""

from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from complaints import audit
from complaints.audit import Actor
from complaints.cleantext import clean_line, clean_text
from complaints.models import Organisation
from incidents.correspondence import brakes, compose, delivery, draft, sightings, tokens, wire
from incidents.correspondence.address import own_address
from incidents.correspondence.pdf import letter_pdf
from incidents.correspondence.reports import enclose
from incidents.models import Enclosure, Letter
from incidents.playbooks.playbook import TaskPlan
from incidents.workflow import inforce, moves, planning
from incidents.workflow.moves import NotAllowed

State = Letter.State
LEASE = timedelta(minutes=10)
AT_ONCE = 100
MOST_ATTEMPTS = 12
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=4)


def edit(
    letter: Letter, *, subject: str, body: str, to_address: str, by: Actor, now: datetime
) -> None:
    """Change a letter that has not left. Who changes it has written it; an approval is void."""
    _must_be(letter, State.DRAFT, State.APPROVED)
    address = to_address.strip()
    if letter.channel == Letter.Channel.MAIL and address:
        _must_be_an_address(address)
    _move(
        letter,
        State.DRAFT,
        "letter-edited",
        by=by,
        now=now,
        subject=clean_line(subject, 255),
        body=clean_text(body, compose.MOST_BODY),
        to_address=address,
        drafted_by=audit.name_of(by),
        drafted_at=now,
        approved_by=None,
        approved_at=None,
    )


def approve(letter: Letter, *, by: Any, now: datetime, as_of: datetime | None = None) -> None:
    """Let a letter go. Where its playbook says so, not by the one who wrote it.

    as_of    the `drafted_at` of the text that was read; None for that of `letter`
    raises   NotAllowed for the writer's own approval, a missing or impossible address, facts
             still to be filled in, a report that programs could not read, or a letter that has
             changed since it was read
    """
    _must_be(letter, State.DRAFT)
    if needs_second_person(letter) and audit.name_of(by) == letter.drafted_by:
        raise NotAllowed(_("A second person approves this letter: you wrote it."))
    if not letter.to_address:
        raise NotAllowed(_("The letter has no address yet."))
    if letter.channel == Letter.Channel.MAIL:
        _must_be_an_address(letter.to_address)
    if gaps := draft.missing(f"{letter.subject}\n{letter.body}"):
        raise NotAllowed(_("Still to be filled in: %(gaps)s") % {"gaps": ", ".join(gaps)})
    enclose.must_be_valid(letter)
    unchanged = Letter.objects.filter(
        drafted_at=as_of or letter.drafted_at, drafted_by=letter.drafted_by
    )
    with transaction.atomic():
        if not unchanged.move(letter, to=State.APPROVED, approved_at=now, approved_by=by):
            raise NotAllowed(_("Somebody else has just changed this letter: read it again."))
        _tell("letter-approved", letter, by=by, now=now)


def needs_second_person(letter: Letter) -> bool:
    """Whether the playbook wants another than the writer to approve it."""
    plan = _plan(letter)
    return plan is None or plan.needs_second_person


def withdraw(letter: Letter, *, by: Actor, now: datetime) -> None:
    """Take back a letter that has not been sent."""
    _must_be(letter, State.DRAFT, State.APPROVED)
    _move(letter, State.WITHDRAWN, "letter-withdrawn", by=by, now=now)


def write_again(letter: Letter, *, by: Actor, now: datetime) -> None:
    """Make a letter that failed, or perhaps was sent, a draft again, under a new Message-ID."""
    _must_be(letter, State.FAILED, State.UNSURE)
    token = tokens.new_token()
    domain = own_address().rpartition("@")[2]
    _move(
        letter,
        State.DRAFT,
        "letter-written-again",
        by=by,
        now=now,
        token=token,
        message_id=tokens.message_id(token, domain),
        drafted_at=now,
        drafted_by=audit.name_of(by),
        approved_at=None,
        approved_by=None,
        attempts=0,
        next_attempt_at=None,
        problem="",
    )


def record_arrival(letter: Letter, *, note: str, by: Actor, now: datetime) -> None:
    """A person knows that a letter which was perhaps sent has arrived."""
    _must_be(letter, State.UNSURE)
    _sent(letter, how=note, by=by, now=now, action="letter-arrived")


def record_posted(letter: Letter, *, how: str, by: Actor, now: datetime) -> None:
    """Note that an approved letter went by fax or post, and how; a copy on paper is kept."""
    if letter.channel == Letter.Channel.MAIL:
        raise NotAllowed(_("This letter goes by e-mail."))
    _must_be(letter, State.APPROVED)
    copy = letter_pdf(letter)
    with transaction.atomic():
        _sent(letter, how=how, by=by, now=now, action="letter-posted")
        enclose.keep_copy(letter, copy, name=f"{letter.kind}.pdf", kind="application/pdf", now=now)


def record_outcome(letter: Letter, *, outcome: str, note: str, by: Actor, now: datetime) -> None:
    """Note what came of a letter, one of Letter.Outcome, and finish its task with it."""
    _must_be(letter, State.SENT, State.UNSURE)
    if outcome not in Letter.Outcome.values or not outcome:
        raise NotAllowed(_("Say what came of it: an answer, a promise, or no reply."))
    with transaction.atomic():
        fields = {"outcome": outcome, "outcome_note": note, "outcome_at": now}
        Letter.objects.filter(pk=letter.pk).update(**fields)
        for name, value in fields.items():
            setattr(letter, name, value)
        _tell("letter-outcome", letter, by=by, now=now, outcome=outcome, note=note)
        if letter.task is not None:
            moves.settle(letter.task, outcome=outcome, note=note, by=by, now=now)


def send_due(*, now: datetime) -> int:
    """Send every approved letter that goes by mail; how many left. Each is sent at most once.

    While the mail server cannot be reached, one letter tries it and the others wait.
    """
    _mark_unsure(now)
    _recognise(now)
    left = 0
    due = Letter.objects.to_send(now).select_related("incident", "answers", "task__incident")
    for letter in due[: min(AT_ONCE, brakes.left_in_this_hour(now))]:
        if brakes.hold(letter, now=now):
            continue
        try:
            left += _send(letter, now=now)
        except delivery.Unreachable:
            break
    return left


def chase(*, now: datetime) -> int:
    """Bring up each letter whose answer is overdue, once; how many were."""
    return sum(
        _bring_up(letter, now=now)
        for letter in Letter.objects.overdue(now).select_related("incident", "task__incident")
    )


def _send(letter: Letter, *, now: datetime) -> bool:
    """Claim; send outside of any transaction; record. A crash between leaves it `sending`.

    raises   delivery.Unreachable, after it is recorded
    """
    lease = {"lease_until": now + LEASE, "attempts": letter.attempts + 1}
    if not Letter.objects.move(letter, to=State.SENDING, **lease):
        return False
    sender = own_address()
    raw = wire.mail_of(
        letter,
        sender=sender,
        sender_name=_organisation_name(),
        at=now.astimezone(planning.desk_zone()),
        tag=tokens.subject_tag(letter.incident.reference, letter.token),
        enclosures=list(letter.enclosures.exclude(kind=Enclosure.Kind.COPY)),
    )
    try:
        answer = delivery.hand_over(raw, sender=sender, recipient=letter.to_address)
    except delivery.NotSent as failure:
        _not_sent(letter, failure, now=now)
        if isinstance(failure, delivery.Unreachable):
            raise
        return False
    except delivery.PerhapsSent as doubt:
        _move(letter, State.UNSURE, "letter-unsure", by=None, now=now, problem=str(doubt))
        return False
    _sent(letter, how=answer, by=None, now=now, action="letter-sent")
    return True


def _sent(letter: Letter, *, how: str, by: Actor, now: datetime, action: str) -> None:
    """It has left: an answer is waited for, or its task is done."""
    plan = _plan(letter)
    within = plan.reply_within if plan else None
    with transaction.atomic():
        # Its lease may have run out meanwhile: then it stands as `unsure`, but we know better.
        letter.state = Letter.objects.values_list("state", flat=True).get(pk=letter.pk)
        _move(
            letter,
            State.SENT,
            action,
            by=by,
            now=now,
            note=how,
            sent_at=now,
            sent_how=clean_line(how, 255),
            reply_due_at=now + within if within else None,
            problem="",
        )
        if letter.task is not None and plan is not None and within is None:
            moves.settle(letter.task, outcome="sent", note="", by=by, now=now)


def _not_sent(letter: Letter, failure: delivery.NotSent, *, now: datetime) -> None:
    """The server has nothing of it: it is tried again later, or a person looks."""
    if failure.for_good or letter.attempts >= MOST_ATTEMPTS:
        _move(letter, State.FAILED, "letter-failed", by=None, now=now, problem=str(failure))
        return
    pause = min(FIRST_PAUSE * 2 ** (letter.attempts - 1), LONGEST_PAUSE)
    later = {"next_attempt_at": now + pause, "problem": str(failure)}
    _move(letter, State.APPROVED, "letter-put-off", by=None, now=now, **later)


def _mark_unsure(now: datetime) -> None:
    """A letter whose sender died between the claim and the record may or may not have left."""
    left = Letter.objects.filter(state=State.SENDING, lease_until__lte=now)
    for letter in left.select_related("incident"):
        problem = _("The program was stopped while it was being sent.")
        with transaction.atomic():
            if Letter.objects.move(letter, to=State.UNSURE, problem=problem):
                _tell("letter-unsure", letter, by=None, now=now, note=problem)


def _recognise(now: datetime) -> None:
    """What was perhaps sent and stands in the log of our mail server has been sent."""
    unsure = list(
        Letter.objects.filter(state=State.UNSURE).select_related("incident", "task")[:200]
    )
    seen = sightings.in_the_log(unsure) if unsure else {}
    for letter in unsure:
        if letter.pk in seen:
            how = _("In the mail log: %(where)s") % {"where": seen[letter.pk]}
            _sent(letter, how=how, by=None, now=now, action="letter-arrived")


def _bring_up(letter: Letter, *, now: datetime) -> bool:
    with transaction.atomic():
        Letter.objects.select_for_update().get(pk=letter.pk)
        if audit.entries_of(letter).filter(action="letter-overdue").exists():
            return False
        _tell("letter-overdue", letter, by=None, now=now, due_at=letter.reply_due_at)
        if letter.task is not None:
            why = _("No answer to the letter “%(letter)s” has come in time.")
            moves.bring_up(letter.task, why % {"letter": letter.subject}, now=now)
    return True


def _plan(letter: Letter) -> TaskPlan | None:
    return inforce.playbook_of(letter.incident).plan_of_letter(letter.kind)


def _organisation_name() -> str:
    organisation = Organisation.objects.only("name").first()
    return organisation.name if organisation else ""


def _must_be(letter: Letter, *states: str) -> None:
    if letter.state not in states:
        raise NotAllowed(
            _("The letter is in the state “%(state)s”.") % {"state": letter.get_state_display()}
        )


def _must_be_an_address(address: str) -> None:
    """One bare mail address, and none of ours: a desk that writes to itself never stops."""
    try:
        validate_email(address)
    except ValidationError:
        raise NotAllowed(
            _("“%(address)s” is no mail address.") % {"address": address[:100]}
        ) from None
    if address.lower() in planning.own_addresses():
        raise NotAllowed(_("The letter would go to ourselves."))


def _move(
    letter: Letter,
    to: str,
    action: str,
    *,
    by: Actor,
    now: datetime,
    note: str = "",
    **fields: Any,
) -> None:
    with transaction.atomic():
        if not Letter.objects.move(letter, to=to, **fields):
            raise NotAllowed(_("Somebody else has just changed this letter: read it again."))
        _tell(action, letter, by=by, now=now, note=note or str(fields.get("problem", "")))


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
