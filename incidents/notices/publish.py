"""The life of a public notice. Who wrote it never approves it; what the public saw is kept."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from complaints import audit
from complaints.audit import Actor
from complaints.references import next_reference
from incidents.correspondence import draft
from incidents.correspondence.facts import facts_of
from incidents.models import Incident, Notice, NoticeVersion, Task
from incidents.workflow import moves
from incidents.workflow.moves import NotAllowed


def draft_notice(incident: Incident, *, language: str, by: Any, now: datetime) -> Notice:
    """A notice from the incident's own numbers, to be changed and approved; names no reporter."""
    text = draft.fill("notice", language, facts_of(incident))
    task = incident.tasks.filter(kind="notice", state=Task.State.OPEN).first()
    with transaction.atomic():
        notice = Notice.objects.create(
            reference=next_reference("N", now.year, digits=4),
            incident=incident,
            task=task,
            language=language,
            title=text.subject[:200],
            body=text.body,
            written_at=now,
            written_by=by,
        )
        _tell("notice-drafted", notice, by=by, now=now)
    return notice


def edit(notice: Notice, *, title: str, body: str, by: Any, now: datetime) -> None:
    """Change a draft. Who changes it has written it, and may not approve it."""
    fields = {"title": title, "body": body, "written_by": by, "written_at": now}
    _move(notice, Notice.State.DRAFT, Notice.State.DRAFT, "notice-edited", by, now, **fields)


def approve(notice: Notice, *, by: Any, now: datetime) -> None:
    """A second person lets the notice go out.

    raises   NotAllowed for who wrote it, or if it is no draft any more
    """
    if moves.is_same_person(by, notice.written_by):
        raise NotAllowed(_("A second person approves the notice: you wrote it."))
    fields = {"approved_by": by, "approved_at": now}
    _move(notice, Notice.State.DRAFT, Notice.State.APPROVED, "notice-approved", by, now, **fields)


def publish(notice: Notice, *, by: Any, now: datetime) -> None:
    """Show an approved notice to the public, and finish its task."""
    fields = {"published_at": now}
    with transaction.atomic():
        _move(
            notice,
            Notice.State.APPROVED,
            Notice.State.PUBLISHED,
            "notice-published",
            by,
            now,
            **fields,
        )
        _keep_version(notice, correction="", now=now)
        moves.record_notice(notice.incident, now=now, by=by, reference=notice.reference)


def correct(
    notice: Notice, *, title: str, body: str, correction: str, by: Any, now: datetime
) -> None:
    """Replace the text of a published notice, saying what was corrected; the old text is kept."""
    if not correction.strip():
        raise NotAllowed(_("Say what was corrected: readers are told."))
    fields = {"title": title, "body": body, "corrected_at": now}
    published = Notice.State.PUBLISHED
    with transaction.atomic():
        _move(notice, published, published, "notice-corrected", by, now, **fields)
        _keep_version(notice, correction=correction, now=now)


def withdraw(notice: Notice, *, reason: str, by: Any, now: datetime) -> None:
    """Take a published notice back; its page then says so, and why."""
    if not reason.strip():
        raise NotAllowed(_("Say why it is withdrawn: readers are told."))
    fields = {"withdrawn_at": now, "withdrawal_reason": reason}
    _move(
        notice,
        Notice.State.PUBLISHED,
        Notice.State.WITHDRAWN,
        "notice-withdrawn",
        by,
        now,
        **fields,
    )


def public_address(notice: Notice) -> str:
    """Where anybody can read it."""
    return f"{settings.MEYASU_PUBLIC_URL}/notices/{notice.reference}/"


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
    before: str,
    to: str,
    action: str,
    by: Actor,
    now: datetime,
    **fields: Any,
) -> None:
    with transaction.atomic():
        changes = {"state": to, **fields}
        if not Notice.objects.filter(pk=notice.pk, state=before).update(**changes):
            notice.refresh_from_db()
            raise NotAllowed(
                _("The notice is in the state “%(state)s”.") % {"state": notice.get_state_display()}
            )
        for name, value in changes.items():
            setattr(notice, name, value)
        _tell(action, notice, by=by, now=now)


def _tell(action: str, notice: Notice, *, by: Actor, now: datetime) -> None:
    audit.record(action, notice, at=now, by=by, incident=notice.incident.reference)
