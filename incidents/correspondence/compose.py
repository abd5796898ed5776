"""An incident to a letter: to whom, in which language and thread, with which facts."""

from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from complaints import audit
from complaints.audit import Actor
from complaints.cleantext import clean_line, clean_text
from complaints.models import Complaint, Organisation
from incidents.correspondence import contacts, draft, tokens
from incidents.correspondence.facts import facts_of
from incidents.models import Contact, Incident, Letter, Task
from incidents.workflow.moves import NotAllowed

MOST_BODY = 100_000
ON_ITS_WAY = (Letter.State.DRAFT, Letter.State.APPROVED, Letter.State.SENDING)


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
    raises     NotAllowed for an unknown kind, or while another letter of the task is on its way
    """
    if task is not None and task.letters.filter(state__in=ON_ITS_WAY).exists():
        raise NotAllowed(_("There is a letter for this task already, which has not left yet."))
    complaint = complaint or (task.complaint if task else None)
    if complaint is None and contact is None:
        contact = next(iter(contacts.suggest(incident, kind)), None)
    text = _text(incident, kind, complaint, contact)
    token = tokens.new_token()
    body = text.body + _way_to_answer(token, text.language)
    with transaction.atomic():
        letter = Letter.objects.create(
            incident=incident,
            task=task,
            kind=kind,
            channel=_channel(contact),
            **_addressee(complaint, contact),
            language=text.language,
            subject=clean_line(_subject(text.subject, complaint), 255),
            body=clean_text(body, MOST_BODY),
            answers=complaint,
            token=token,
            message_id=tokens.message_id(token, own_address().rpartition("@")[2]),
            drafted_at=now,
            drafted_by=audit.name_of(by),
        )
        audit.record(
            "letter-drafted", letter, at=now, by=by, incident=incident.reference, kind=kind
        )
    return letter


def draft_answers(incident: Incident, *, by: Actor, now: datetime) -> list[Letter]:
    """Write an answer for each reporter who has none yet; each is told of the own mail only."""
    waiting = Task.objects.ready().filter(incident=incident, kind="answer")
    return [
        draft_letter(incident, "answer", task=task, by=by, now=now)
        for task in waiting.exclude(letters__state__in=ON_ITS_WAY).select_related("complaint")
    ]


def own_address() -> str:
    """The address we write from: MEYASU_FROM, else the first at which complaints arrive."""
    configured = str(settings.DEFAULT_FROM_EMAIL).rpartition("<")[2].rstrip(">").strip()
    organisation = Organisation.objects.only("mailboxes").first()
    if configured.endswith("@localhost") and organisation and organisation.mailboxes:
        return str(organisation.mailboxes[0])
    return configured


def _text(
    incident: Incident, kind: str, complaint: Complaint | None, contact: Contact | None
) -> draft.Draft:
    language = _language(complaint, contact)
    facts = facts_of(incident, complaint, contact=contact, language=language)
    try:
        return draft.fill(kind, language, facts, about=incident.kind)
    except draft.NoTemplate as unknown:
        raise NotAllowed(str(unknown)) from None


def _way_to_answer(token: str, language: str) -> str:
    """The sentence that names the letter's page; none while nobody outside can reach us."""
    site = settings.MEYASU_PUBLIC_URL.rstrip("/")
    if (urlsplit(site).hostname or "") in ("", "127.0.0.1", "::1", "localhost"):
        return ""
    page = {"page": f"{site}/reply/{tokens.page_token(token)}/"}
    return f"\n{draft.phrase('reply-page', language, page)}\n"


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
        return {"to_name": complaint.sender_name[:200], "to_address": complaint.sender}
    if contact is None:
        return {"to_name": "", "to_address": ""}
    address = contact.email or contact.fax or contact.postal_address[:320]
    return {"to_name": contact.name, "to_address": address}
