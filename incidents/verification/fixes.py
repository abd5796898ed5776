"""STAGE: a fix is recorded: what was done, by whom and when; its verification follows by itself."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from complaints import audit
from complaints.audit import Actor
from incidents.models import Fix, Incident, Task
from incidents.verification.record import schedule
from incidents.workflow import moves


def record_fix(
    incident: Incident,
    *,
    kind: str,
    what: str,
    done_by: str,
    done_at: datetime,
    by: Actor,
    now: datetime,
) -> Fix:
    """Somebody says what was done. The task of the fix is done with it, where nothing blocks it.

    raises   NotAllowed: the incident is closed, or the fix lies in the future or before the
             abuse was seen
    """
    if not incident.is_open:
        raise moves.NotAllowed(_("The incident is closed."))
    if done_at > now:
        raise moves.NotAllowed(_("A fix is recorded once it is done: its time is still to come."))
    if incident.first_seen_at is not None and done_at < incident.first_seen_at:
        raise moves.NotAllowed(_("This was done before the abuse was seen; it cannot be its fix."))
    with transaction.atomic():
        fix = Fix.objects.create(
            incident=incident,
            kind=kind,
            what=what,
            done_by=done_by,
            done_at=done_at,
            recorded_at=now,
            recorded_by=audit.name_of(by),
        )
        audit.record(
            "fix-recorded",
            fix,
            at=now,
            by=by,
            incident=incident.reference,
            kind=kind,
            what=what,
            done_by=done_by,
            done_at=done_at.isoformat(),
        )
        schedule(incident, now + moves.VERIFIED_AFTER)
        task = Task.objects.ready().filter(incident=incident, kind="fix").first()
        if task is not None:
            moves.complete(task, note=what, by=by, now=now)
    return fix
