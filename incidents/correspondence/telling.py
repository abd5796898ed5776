"""Telling the reporters of an incident: one approved text, and a letter of their own for each.

Each letter has the facts of one reporter only, and stands in the thread of that reporter's mail.
Nobody gets more than one automatic word a day; machines, lists and ourselves get none.
"""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from complaints import audit
from complaints.audit import Actor
from complaints.cleantext import clean_line, clean_text
from complaints.models import Complaint, ReportedMessage
from incidents.correspondence import draft, texts, tokens
from incidents.correspondence.address import own_address
from incidents.correspondence.draft import Draft
from incidents.correspondence.facts import facts_of
from incidents.models import Incident, Letter, Telling
from incidents.workflow import planning
from incidents.workflow.answerable import is_answerable
from incidents.workflow.moves import NotAllowed, is_same_person

KIND = "told"
LANGUAGES = ("en", "ja")
MOST_TOLD = 2000
State, Occasion = Telling.State, Telling.Occasion


def draft_telling(incident: Incident, occasion: str, *, by: Actor, now: datetime) -> Telling:
    """Begin a word to the reporters, from the texts of this occasion.

    raises   NotAllowed where there is nothing to tell yet, or a draft of it already
    """
    _must_be_true(incident, occasion)
    sources = {language: draft.source(f"told-{occasion}", language) for language in LANGUAGES}
    try:
        with transaction.atomic():
            telling = Telling.objects.create(
                incident=incident,
                occasion=occasion,
                texts={
                    text.language: {"subject": text.subject, "body": text.body}
                    for text in sources.values()
                },
                written_at=now,
                written_by=audit.name_of(by),
            )
            _tell("telling-drafted", telling, by=by, now=now)
    except IntegrityError:
        raise NotAllowed(_("There is a draft of this already.")) from None
    return telling


def edit(telling: Telling, texts_of: dict[str, Draft], *, by: Actor, now: datetime) -> None:
    """Change the texts. Who changes them has written them."""
    words = {}
    for language, text in texts_of.items():
        texts.must_have_known_slots(f"{text.subject}\n{text.body}")
        body = clean_text(text.body, texts.MOST_BODY)
        words[language] = {"subject": clean_line(text.subject, 255), "body": body}
    fields = {"texts": words, "written_at": now, "written_by": audit.name_of(by)}
    with transaction.atomic():
        _claim(telling, State.DRAFT, **fields)
        _tell("telling-edited", telling, by=by, now=now)


def withdraw(telling: Telling, *, by: Actor, now: datetime) -> None:
    """Tell nobody."""
    with transaction.atomic():
        _claim(telling, State.WITHDRAWN)
        _tell("telling-withdrawn", telling, by=by, now=now)


def approve(telling: Telling, *, by: Any, now: datetime, as_of: datetime | None = None) -> int:
    """Let a second person approve the text; how many letters are on their way by that.

    as_of    the `written_at` of the text that was read
    raises   NotAllowed for who wrote it, for a fact that some letter lacks, or if nobody is told
    """
    if audit.name_of(by) == telling.written_by or is_same_person(by, telling.written_by):
        raise NotAllowed(_("A second person approves this: you wrote it."))
    if as_of is not None and as_of != telling.written_at:
        raise NotAllowed(_("Somebody else has just changed this: read it again."))
    letters = [_letter(telling, complaint, by, now=now) for complaint in told_by(telling)]
    if not letters:
        raise NotAllowed(_("There is nobody to tell."))
    for letter in letters:
        if gaps := draft.missing(f"{letter.subject}\n{letter.body}"):
            where = {"gaps": ", ".join(gaps), "complaint": letter.answers}
            raise NotAllowed(_("Not known for %(complaint)s: %(gaps)s") % where)
    with transaction.atomic():
        _claim(telling, State.APPROVED, approved_at=now, approved_by=by)
        Letter.objects.bulk_create(letters)
        _tell("telling-approved", telling, by=by, now=now, letters=len(letters))
    return len(letters)


def told_by(telling: Telling) -> list[Complaint]:
    """Whom it tells: of each reporter who can be answered, the first mail that it is about."""
    ours = planning.own_addresses()
    joined = Complaint.objects.filter(incidents=telling.incident).order_by("arrived_at", "pk")
    not_ours = ReportedMessage.objects.filter(verdict=ReportedMessage.Verdict.NOT_OURS)
    about = not_ours.values("complaint")
    if telling.occasion == Occasion.NOT_OURS:
        joined = joined.filter(pk__in=about)
    else:
        joined = joined.exclude(pk__in=about)
    first: dict[str, Complaint] = {}
    for complaint in joined[:MOST_TOLD]:
        if is_answerable(
            complaint.sender,
            ours=ours,
            complaint_format=complaint.format,
            is_automatic=complaint.is_automatic,
        ):
            first.setdefault(complaint.sender.lower(), complaint)
    return list(first.values())


def text_for(telling: Telling, complaint: Complaint) -> Draft:
    """What this reporter would be told: in the own language, with the own facts."""
    language = complaint.language if complaint.language in telling.texts else "en"
    words = telling.texts.get(language) or next(iter(telling.texts.values()))
    facts = facts_of(telling.incident, complaint, language=language)
    return draft.filled(Draft(words["subject"], words["body"], language), facts)


def _letter(telling: Telling, complaint: Complaint, by: Any, *, now: datetime) -> Letter:
    text = text_for(telling, complaint)
    token = tokens.new_token()
    return Letter(
        incident=telling.incident,
        telling=telling,
        kind=KIND,
        state=Letter.State.APPROVED,
        to_name=complaint.sender_name[:200],
        to_address=complaint.sender,
        language=text.language,
        subject=clean_line(text.subject, 255),
        body=clean_text(text.body, texts.MOST_BODY),
        answers=complaint,
        token=token,
        message_id=tokens.message_id(token, own_address().rpartition("@")[2]),
        drafted_at=telling.written_at,
        drafted_by=telling.written_by,
        approved_at=now,
        approved_by=by,
    )


def _must_be_true(incident: Incident, occasion: str) -> None:
    """Nothing is claimed before it is so."""
    if occasion not in Occasion.values:
        raise NotAllowed(_("There is no such occasion."))
    if occasion == Occasion.FIXED and incident.fixed_at is None:
        raise NotAllowed(_("The incident is not fixed: nobody can be told so."))
    if occasion == Occasion.CLOSED and incident.closed_at is None:
        raise NotAllowed(_("The incident is not closed: nobody can be told so."))


def _claim(telling: Telling, to: str, **fields: Any) -> None:
    as_read = {"written_at": telling.written_at, "written_by": telling.written_by}
    draft_only = Telling.objects.filter(pk=telling.pk, state=State.DRAFT, **as_read)
    if not draft_only.update(state=to, **fields):
        raise NotAllowed(_("Somebody else has just changed this: read it again."))
    for name, value in ({"state": to} | fields).items():
        setattr(telling, name, value)


def _tell(action: str, telling: Telling, *, by: Actor, now: datetime, **details: Any) -> None:
    audit.record(
        action,
        telling,
        at=now,
        by=by,
        incident=telling.incident.reference,
        occasion=telling.occasion,
        **details,
    )
