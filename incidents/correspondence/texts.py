"""The owner's own texts of letters: begun from the shipped ones, seen on real data, restored."""

from datetime import datetime
from typing import Any

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
MOST_TEXTS, MOST_BYTES = 500, 5 * 1024 * 1024
FORMAT = "letter texts 1"
PARTS = ("name", "about", "language", "subject", "body")


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


def export() -> dict[str, Any]:
    """The owner's own texts as a document, for another desk or for safe keeping."""
    rows = LetterText.objects.order_by("name", "about", "language")
    return {"meyasu": FORMAT, "texts": list(rows.values(*PARTS))}


def bring_in(document: Any, *, by: Actor, now: datetime) -> int:
    """Put every text of a document in force, or none of them; how many. Others stay as they are.

    raises   NotAllowed, naming the text, for what `export` would not have written
    """
    given = document.get("texts") if isinstance(document, dict) else None
    if not isinstance(given, list) or document.get("meyasu") != FORMAT:
        raise NotAllowed(_("This is no file of letter texts."))
    with transaction.atomic():
        for number, text in enumerate(given[:MOST_TEXTS], start=1):
            _bring_in(number, text, by=by, now=now)
    return len(given[:MOST_TEXTS])


def _bring_in(number: int, text: Any, *, by: Actor, now: datetime) -> None:
    known = isinstance(text, dict) and set(text) == set(PARTS)
    if not known or not all(isinstance(value, str) for value in text.values()):
        raise NotAllowed(_("Text %(number)s has not the parts of a text.") % {"number": number})
    named = ".".join(filter(None, (text["name"], text["about"], text["language"])))
    try:
        change(**text, by=by, now=now)
    except NotAllowed as refusal:
        raise NotAllowed(f"{clean_line(named, 100)}: {refusal}") from None


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
