"""The life of a public notice. Who wrote it never approves it; what the public saw is kept."""

from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from complaints import audit
from complaints.audit import Actor
from complaints.cleantext import clean_line, clean_text
from complaints.references import next_reference
from incidents.correspondence import draft
from incidents.correspondence.facts import facts_of
from incidents.models import Incident, Notice, NoticeVersion, Task
from incidents.notices.privacy import personal_data_in
from incidents.workflow import moves
from incidents.workflow.moves import NotAllowed

TEXTS = Path("notices") / "texts"
MOST_BODY = 50_000
State = Notice.State


def draft_notice(incident: Incident, *, language: str, by: Any, now: datetime) -> Notice:
    """A notice from the incident's own numbers, to be changed and approved; names no reporter."""
    text = _text(incident, language)
    task = incident.tasks.filter(kind="notice", state=Task.State.OPEN).first()
    with transaction.atomic():
        notice = Notice.objects.create(
            reference=next_reference("N", now.year, digits=4),
            incident=incident,
            task=task,
            language=text.language,
            title=text.subject[:200],
            body=text.body,
            written_at=now,
            written_by=by,
        )
        _tell("notice-drafted", notice, by=by, now=now)
    return notice


def draft_pair(incident: Incident, *, by: Any, now: datetime) -> tuple[Notice, Notice]:
    """The notice in English and in Japanese, to be shown side by side; each is approved."""
    with transaction.atomic():
        english = draft_notice(incident, language="en", by=by, now=now)
        japanese = draft_notice(incident, language="ja", by=by, now=now)
        Notice.objects.filter(pk=english.pk).update(pair=japanese)
        english.pair = japanese
    return english, japanese


def edit(notice: Notice, *, title: str, body: str, by: Any, now: datetime) -> None:
    """Change a notice that is not public. Who changes it has written it; an approval is void."""
    fields = _cleaned(title, body) | {
        "written_by": by,
        "written_at": now,
        "approved_by": None,
        "approved_at": None,
    }
    _move(notice, (State.DRAFT, State.APPROVED), State.DRAFT, "notice-edited", by, now, **fields)


def approve(notice: Notice, *, by: Any, now: datetime, as_of: datetime | None = None) -> None:
    """A second person lets the notice go out.

    as_of    the `written_at` of the text that was read; None for that of `notice`
    raises   NotAllowed for who wrote it, for personal data or gaps in its text, or if it has
             changed since it was read
    """
    if moves.is_same_person(by, notice.written_by):
        raise NotAllowed(_("A second person approves the notice: you wrote it."))
    _must_be_fit(notice.incident, notice.title, notice.body)
    fields: dict[str, Any] = {"approved_by": by, "approved_at": now}
    unchanged = {"written_at": as_of or notice.written_at, "written_by": notice.written_by}
    _move(
        notice,
        (State.DRAFT,),
        State.APPROVED,
        "notice-approved",
        by,
        now,
        only_if=unchanged,
        **fields,
    )


def publish(notice: Notice, *, by: Any, now: datetime) -> None:
    """Show an approved notice to the public; the incident's time to notice is taken."""
    with transaction.atomic():
        _move(
            notice,
            (State.APPROVED,),
            State.PUBLISHED,
            "notice-published",
            by,
            now,
            published_at=now,
        )
        _keep_version(notice, correction="", now=now)
        moves.record_notice(notice.incident, now=now, by=by, reference=notice.reference)


def correct(
    notice: Notice, *, title: str, body: str, correction: str, by: Any, now: datetime
) -> None:
    """Replace the text of a published notice, saying what was corrected; the old text is kept."""
    if not correction.strip():
        raise NotAllowed(_("Say what was corrected: readers are told."))
    _must_be_fit(notice.incident, title, f"{body}\n{correction}")
    fields = _cleaned(title, body) | {"corrected_at": now}
    with transaction.atomic():
        _move(notice, (State.PUBLISHED,), State.PUBLISHED, "notice-corrected", by, now, **fields)
        _keep_version(notice, correction=correction, now=now)


def withdraw(notice: Notice, *, reason: str, by: Any, now: datetime) -> None:
    """Take a published notice back; its page then says so, and why."""
    if not reason.strip():
        raise NotAllowed(_("Say why it is withdrawn: readers are told."))
    _must_be_fit(notice.incident, "", reason)
    fields: dict[str, Any] = {"withdrawn_at": now, "withdrawal_reason": reason}
    _move(
        notice,
        (State.PUBLISHED,),
        State.WITHDRAWN,
        "notice-withdrawn",
        by,
        now,
        **fields,
    )


def public_address(notice: Notice) -> str:
    """Where anybody can read it."""
    return f"{settings.MEYASU_PUBLIC_URL}/notices/{notice.reference}/"


def _text(incident: Incident, language: str) -> draft.Draft:
    facts = facts_of(incident, language=language)
    try:
        text = draft.fill(incident.kind, language, facts, folder=TEXTS)
    except draft.NoTemplate:
        text = draft.fill("other", language, facts, folder=TEXTS)
    return draft.flowing(text)


def _cleaned(title: str, body: str) -> dict[str, Any]:
    """Title and text as they may be stored."""
    if not title.strip() or not body.strip():
        raise NotAllowed(_("A notice has a title and a text."))
    return {"title": clean_line(title, 200), "body": clean_text(body, MOST_BODY)}


def _must_be_fit(incident: Incident, title: str, body: str) -> None:
    """Fit for the public: nobody's personal data, nothing left to be filled in."""
    text = f"{title}\n{body}"
    if found := personal_data_in(text, incident):
        raise NotAllowed(
            _("A notice names no other people. Take out: %(found)s") % {"found": ", ".join(found)}
        )
    if gaps := draft.missing(text):
        raise NotAllowed(_("Still to be filled in: %(gaps)s") % {"gaps": ", ".join(gaps)})


def _keep_version(notice: Notice, *, correction: str, now: datetime) -> None:
    last = notice.versions.aggregate(last=Max("number"))["last"] or 0
    NoticeVersion.objects.create(
        notice=notice,
        number=last + 1,
        title=notice.title,
        body=notice.body,
        published_at=now,
        correction=correction,
    )


def _move(
    notice: Notice,
    before: tuple[str, ...],
    to: str,
    action: str,
    by: Actor,
    now: datetime,
    *,
    only_if: dict[str, Any] | None = None,
    **fields: Any,
) -> None:
    """The conditional UPDATE is the claim; `only_if` are further columns that must still hold."""
    changes = {"state": to, **fields}
    with transaction.atomic():
        claim = Notice.objects.filter(pk=notice.pk, state__in=before, **(only_if or {}))
        if not claim.update(**changes):
            raise _not_now(notice, before)
        for name, value in changes.items():
            setattr(notice, name, value)
        _tell(action, notice, by=by, now=now)


def _not_now(notice: Notice, before: tuple[str, ...]) -> NotAllowed:
    current = Notice.objects.get(pk=notice.pk)
    if current.state in before:
        return NotAllowed(_("Somebody else has just changed the notice: read it again."))
    return NotAllowed(
        _("The notice is in the state “%(state)s”.") % {"state": current.get_state_display()}
    )


def _tell(action: str, notice: Notice, *, by: Actor, now: datetime) -> None:
    audit.record(action, notice, at=now, by=by, incident=notice.incident.reference)
