"""An incident to a letter: to whom, in which language and thread, with which facts."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from complaints import audit
from complaints.audit import Actor
from complaints.cleantext import clean_line
from complaints.models import Complaint
from incidents.correspondence import contacts, draft, tokens
from incidents.correspondence.facts import facts_of
from incidents.models import Contact, Incident, Letter, Task

REPLY_WITHIN = {
    "upstream": timedelta(days=7),
    "protest": timedelta(days=14),
    "threat": timedelta(days=7),
    "csirt": timedelta(days=14),
}


def draft_letter(
    incident: Incident,
    kind: str,
    *,
    task: Task | None = None,
    complaint: Complaint | None = None,
    contact: Contact | None = None,
    by: Actor,
    now: datetime,
) -> Letter:
    """Write a letter of this kind for a person to read, change and approve.

    complaint  the one it answers: it goes to its sender, in its thread and language
    contact    whom else it goes to; without either, the contact that fits best
    raises     draft.NoTemplate for an unknown kind
    """
    complaint = complaint or (task.complaint if task else None)
    if complaint is None and contact is None:
        contact = next(iter(contacts.suggest(incident, kind)), None)
    language = _language(complaint, contact)
    text = draft.fill(kind, language, facts_of(incident, complaint))
    token = tokens.new_token()
    with transaction.atomic():
        letter = Letter.objects.create(
            incident=incident,
            task=task,
            kind=kind,
            channel=_channel(contact),
            **_addressee(complaint, contact),
            language=language,
            subject=clean_line(_subject(text.subject, complaint), 255),
            body=text.body,
            answers=complaint,
            token=token,
            message_id=tokens.message_id(token, _own_domain()),
            drafted_at=now,
            drafted_by=audit.name_of(by),
        )
        audit.record(
            "letter-drafted", letter, at=now, by=by, incident=incident.reference, kind=kind
        )
    return letter


def reply_due(letter: Letter, sent_at: datetime) -> datetime | None:
    """Until when an answer is expected; None where none is."""
    within = REPLY_WITHIN.get(letter.kind)
    return sent_at + within if within else None


def _subject(subject: str, complaint: Complaint | None) -> str:
    """An answer keeps the subject of its thread (RFC 5322, section 3.6.5)."""
    if complaint is None or not complaint.subject:
        return subject
    theirs = complaint.subject
    return theirs if theirs.lower().startswith("re:") else f"Re: {theirs}"


def _language(complaint: Complaint | None, contact: Contact | None) -> str:
    if complaint is not None:
        return complaint.language or "en"
    return contact.language if contact else "en"


def _channel(contact: Contact | None) -> str:
    if contact is None or contact.email:
        return Letter.Channel.MAIL
    return Letter.Channel.FAX if contact.fax else Letter.Channel.POST


def _addressee(complaint: Complaint | None, contact: Contact | None) -> dict[str, str]:
    if complaint is not None:
        return {"to_name": complaint.sender_name, "to_address": complaint.sender}
    if contact is None:
        return {"to_name": "", "to_address": ""}
    address = contact.email or contact.fax or contact.postal_address[:320]
    return {"to_name": contact.name, "to_address": address}


def _own_domain() -> str:
    return str(settings.DEFAULT_FROM_EMAIL).rpartition("@")[2].rstrip(">") or "localhost"
