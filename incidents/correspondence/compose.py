"""An incident to a letter: to whom, in which language and thread, with which facts."""

from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from complaints import audit
from complaints.audit import Actor
from complaints.cleantext import clean_line, clean_text
from complaints.models import Complaint
from incidents.correspondence import contacts, draft, tokens
from incidents.correspondence.address import own_address
from incidents.correspondence.facts import facts_of
from incidents.correspondence.reports import enclose
from incidents.models import Contact, Incident, Letter, Reply, Task
from incidents.workflow.moves import NotAllowed

MOST_BODY = 100_000
MOST_TAGS = 2
ON_ITS_WAY = (Letter.State.DRAFT, Letter.State.APPROVED, Letter.State.SENDING)


def draft_letter(
    incident: Incident,
    kind: str,
    *,
    task: Task | None = None,
    complaint: Complaint | None = None,
    contact: Contact | None = None,
    follows: Letter | None = None,
    by: Actor,
    now: datetime,
) -> Letter:
    """Write a letter of this kind for a person to read, change and approve.

    complaint  the one it answers: it goes to its sender, in its thread and language
    contact    whom else it goes to; without either, the contact that fits best
    follows    the letter it comes after: to whom that went, in its thread
    raises     NotAllowed for an unknown kind, or while another letter of the task to the same
               contact is on its way
    """
    _must_be_the_only_one(task, contact)
    complaint = complaint or (task.complaint if task else None)
    if follows is not None:
        contact = follows.contact
    if complaint is None and contact is None and follows is None:
        contact = next(iter(contacts.suggest(incident, kind)), None)
    addressee = _addressee(complaint, contact)
    if follows is not None:
        addressee = {"to_name": follows.to_name, "to_address": follows.to_address}
    ticket = _their_ticket(incident, addressee["to_address"])
    text = _text(incident, kind, complaint, contact, follows, ticket)
    token = tokens.new_token()
    body = text.body + _way_to_answer(token, text.language)
    answered = complaint or (_last_reply_mail(follows) if follows else None)
    subject = _subject(text.subject, complaint, follows)
    for mark in (ticket, *_their_tags(follows, answered)):
        subject = subject if mark in subject else f"{subject} {mark}"
    with transaction.atomic():
        letter = Letter.objects.create(
            incident=incident,
            task=task,
            kind=kind,
            channel=follows.channel if follows else _channel(contact),
            **addressee,
            contact=contact if complaint is None else None,
            language=text.language,
            subject=clean_line(subject, 255),
            body=clean_text(body, MOST_BODY),
            answers=answered,
            token=token,
            message_id=tokens.message_id(token, own_address().rpartition("@")[2]),
            drafted_at=now,
            drafted_by=audit.name_of(by),
        )
        enclose.enclose(letter, now=now)
        audit.record(
            "letter-drafted", letter, at=now, by=by, incident=incident.reference, kind=kind
        )
    return letter


def draft_to_each(
    incident: Incident, kind: str, *, task: Task | None, by: Actor, now: datetime
) -> list[Letter]:
    """One letter for each contact that fits, with all that came from its networks; who got one
    already, or is about to, gets no second."""
    written = set(
        incident.letters.filter(kind=kind)
        .exclude(state=Letter.State.WITHDRAWN)
        .values_list("to_address", flat=True)
    )
    fitting = contacts.suggest(incident, kind)
    return [
        draft_letter(incident, kind, task=task, contact=contact, by=by, now=now)
        for contact in fitting
        if _addressee(None, contact)["to_address"] not in written
    ]


def draft_follow_up(letter: Letter, *, by: Actor, now: datetime) -> Letter:
    """A further letter to whom this one went, in its thread and with the number they gave it."""
    if letter.state not in (Letter.State.SENT, Letter.State.UNSURE):
        raise NotAllowed(_("Only a letter that was sent can be followed by another."))
    return draft_letter(letter.incident, "followup", follows=letter, by=by, now=now)


def draft_answers(incident: Incident, *, by: Actor, now: datetime) -> list[Letter]:
    """Write an answer for each reporter who has none yet; each is told of the own mail only."""
    waiting = Task.objects.ready().filter(incident=incident, kind="answer")
    return [
        draft_letter(incident, "answer", task=task, by=by, now=now)
        for task in waiting.exclude(letters__state__in=ON_ITS_WAY).select_related("complaint")
    ]


def _must_be_the_only_one(task: Task | None, contact: Contact | None) -> None:
    """Of a task and to one contact, one letter at a time is on its way."""
    if task is None:
        return
    waiting = task.letters.filter(state__in=ON_ITS_WAY)
    if contact is not None:
        waiting = waiting.filter(Q(contact=contact) | Q(contact=None))
    if waiting.exists():
        raise NotAllowed(_("There is a letter for this task already, which has not left yet."))


def _their_ticket(incident: Incident, address: str) -> str:
    """The number that they last gave the matter, by which their system finds it."""
    told = Reply.objects.filter(letter__incident=incident, letter__to_address__iexact=address)
    numbered = told.exclude(their_ticket="").order_by("-received_at", "-pk")
    return numbered.values_list("their_ticket", flat=True).first() or ""


def _their_tags(follows: Letter | None, answered: Complaint | None) -> list[str]:
    """What another desk like this one put into its subject, by which it knows our answer."""
    if follows is None or answered is None:
        return []
    reference = follows.incident.reference
    sent = follows.incident.letters.filter(to_address__iexact=follows.to_address)
    ours = {tokens.subject_tag(reference, one) for one in sent.values_list("token", flat=True)}
    found = dict.fromkeys(one.group() for one in tokens.TAG.finditer(answered.subject))
    return [tag for tag in found if tag not in ours][-MOST_TAGS:]


def _last_reply_mail(letter: Letter) -> Complaint | None:
    """The mail that a further letter answers."""
    last = letter.replies.exclude(kind=Reply.Kind.BOUNCE).order_by("-received_at", "-pk")
    reply = last.select_related("complaint").first()
    return reply.complaint if reply else None


def _text(
    incident: Incident,
    kind: str,
    complaint: Complaint | None,
    contact: Contact | None,
    follows: Letter | None,
    ticket: str,
) -> draft.Draft:
    language = follows.language if follows else _language(complaint, contact)
    facts = facts_of(incident, complaint, contact=contact, language=language)
    facts["their_ticket"] = ticket or "-"
    if follows is not None:
        facts["addressee"] = follows.to_name
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


def _subject(subject: str, complaint: Complaint | None, follows: Letter | None) -> str:
    """An answer keeps the subject of its thread (RFC 5322, section 3.6.5)."""
    theirs = follows.subject if follows else (complaint.subject if complaint else "")
    if not theirs:
        return subject
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
