"""The owner's own texts of letters: begun from the shipped ones, seen on real data, restored."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from complaints import audit
from complaints.audit import Actor
from complaints.cleantext import clean_line, clean_text
from incidents.correspondence import draft
from incidents.correspondence.draft import Draft
from incidents.correspondence.facts import SLOTS, facts_of
from incidents.models import Incident, LetterText
from incidents.workflow.moves import NotAllowed

MOST_BODY = 50_000


def change(
    name: str, about: str, language: str, *, subject: str, body: str, by: Actor, now: datetime
) -> LetterText:
    """Put the owner's text in the place of the shipped one.

    raises   NotAllowed for a letter that there is not, an empty text, or a slot that is none
    """
    before = _current(name, about, language)
    text = Draft(clean_line(subject, 255), clean_text(body, MOST_BODY), language)
    must_have_known_slots(f"{text.subject}\n{text.body}")
    if not text.subject.strip() or not text.body.strip():
        raise NotAllowed(_("A letter has a subject and a text."))
    fields = {"subject": text.subject, "body": text.body, "changed_at": now}
    with transaction.atomic():
        row, _is_new = LetterText.objects.update_or_create(
            name=name,
            about=about,
            language=language,
            defaults=fields | {"changed_by": audit.name_of(by)},
        )
        audit.record("letter-text-changed", row, at=now, by=by, before=before.body)
    return row


def restore(name: str, about: str, language: str, *, by: Actor, now: datetime) -> None:
    """Put the shipped text back in force."""
    own = LetterText.objects.filter(name=name, about=about, language=language)
    with transaction.atomic():
        for row in own:
            audit.record("letter-text-restored", row, at=now, by=by, before=row.body)
        own.delete()


def must_have_known_slots(text: str) -> None:
    """Every slot is one of those that letters know; raises NotAllowed, naming what is none."""
    if wrong := draft.wrong_slots(text, SLOTS):
        raise NotAllowed(_("This is no placeholder: %(wrong)s") % {"wrong": ", ".join(wrong[:10])})


def preview(text: Draft, incident: Incident) -> Draft:
    """The text as it would be in this incident; what is not known is shown as a gap."""
    complaint = incident.complaints.order_by("pk").first()
    facts = facts_of(incident, complaint, language=text.language)
    return draft.filled(text, facts)


def _current(name: str, about: str, language: str) -> Draft:
    if (name, about, language) not in draft.shipped_names():
        raise NotAllowed(_("There is no such letter."))
    own = LetterText.objects.filter(name=name, about=about, language=language).first()
    return (
        Draft(own.subject, own.body, language)
        if own
        else draft.shipped(name, language, about=about)
    )
