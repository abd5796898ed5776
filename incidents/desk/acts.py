"""Acts of triage: accept, leave, refuse, take; on one thing or several, and each taken back.

Each thing is claimed by a conditional UPDATE, so of two people who act on it at once one does;
what an act changed stands in its row, and undoing changes back what is still as the act left it.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from complaints import audit
from complaints.linking import link as linking
from complaints.models import Complaint, Link
from incidents import pipeline
from incidents.grouping import belonging, corrections, oneness
from incidents.models import Correction, Incident, Task, TriageAct
from incidents.workflow import moves
from incidents.workflow.moves import NotAllowed

MOST_AT_ONCE = 200
OF_CORRECTION = ("incident", "into", "complaint")
NO_COMPLAINT = noop("a person said that it is no complaint")

Stage = Complaint.Stage
Changed = dict[str, Any]


def do(kind: str, handles: Sequence[str], *, by: User, now: datetime) -> TriageAct:
    """Do one thing to all that is named: "complaint-12", "task-7" or "merge-3"; what was done.

    What somebody else did first, or what it cannot be done to, is counted as missed. Call it
    outside of a transaction: large incidents are merged by the batch.
    """
    keys: dict[str, list[int]] = {"complaint": [], "task": [], "merge": []}
    for handle in handles[:MOST_AT_ONCE]:
        name, _dash, number = handle.partition("-")
        if name in keys and number.isdecimal():
            keys[name].append(int(number))
    changed: list[Changed | None] = []
    if decide := OF_MERGES.get(kind):
        campaigns = oneness.proposed().filter(pk__in=keys["merge"]).select_related("incident")
        changed += [_decided(decide, campaign, by, now) for campaign in campaigns]
    with transaction.atomic():
        audit.keep_others_waiting()
        if act := OF_COMPLAINTS.get(kind):
            found = Complaint.objects.to_review().filter(pk__in=keys["complaint"])
            changed += [act(complaint, by, now) for complaint in found]
        if kind == TriageAct.Kind.TAKE:
            tasks = Task.objects.open().filter(pk__in=keys["task"])
            tasks = tasks.select_related("incident", "complaint", "taken_by")
            changed += [_take(task, by, now) for task in tasks]
        done = [one for one in changed if one is not None]
        return TriageAct.objects.create(
            kind=kind, at=now, by=by, changed=done, missed=len(set(handles)) - len(done)
        )


def undo(act: TriageAct, *, by: User, now: datetime) -> None:
    """Take an act back: what is still as it left it becomes what it was.

    raises   NotAllowed if it has been undone already, or where what followed forbids it
    """
    decided = [one["decided"] for one in act.changed if "decided" in one]
    for correction in Correction.objects.filter(pk__in=decided).select_related(*OF_CORRECTION):
        corrections.undo(correction, by=by, now=now)
    with transaction.atomic():
        audit.keep_others_waiting()
        if not TriageAct.objects.filter(pk=act.pk, undone_at=None).update(undone_at=now):
            raise NotAllowed(_("It has been undone already."))
        for one in act.changed:
            if "task" in one:
                _untake(one, act, by, now)
            elif "complaint" in one:
                _restore(one, act, by, now)


def _decided(
    decide: Callable[..., Correction], campaign: Any, by: User, now: datetime
) -> Changed | None:
    """Whether two incidents are one: a person says so, or says that they are two."""
    other = Incident.objects.get(pk=campaign.into_id)
    try:
        return {"decided": decide(campaign.incident, other, by=by, now=now).pk}
    except NotAllowed:
        return None


def _accept(complaint: Complaint, by: User, now: datetime) -> Changed | None:
    """What the machine made of it is right: a message that it proposed, else an incident."""
    if complaint.stage == Stage.QUARANTINED:
        pipeline.retry(complaint, by=by, now=now)
        return {"complaint": complaint.pk, "stage": Stage.QUARANTINED, "again": True}
    proposed = _proposed(complaint)
    if proposed is None and complaint.stage == Stage.OPEN:
        return _join(complaint, by, now)
    told: Changed = {"complaint": complaint.pk, "stage": complaint.stage}
    if not _review(complaint, now):
        return None
    if proposed is not None:
        told["link"] = proposed.pk
        linking.confirm_link(proposed, by=by, now=now)
    audit.record("complaint-accepted", complaint, at=now, by=by)
    return told


def _join(complaint: Complaint, by: User, now: datetime) -> Changed | None:
    """It belongs to the incident that it may belong to."""
    try:
        with transaction.atomic():
            joined = belonging.join(complaint, by=by, now=now)
    except NotAllowed:
        return None
    Complaint.objects.filter(pk=complaint.pk).update(reviewed_at=now)
    return {"complaint": complaint.pk, "stage": Stage.OPEN, "joined": joined}


def _leave(complaint: Complaint, by: User, now: datetime) -> Changed | None:
    """Seen: nothing is to be done about it."""
    if not _review(complaint, now):
        return None
    audit.record("complaint-left", complaint, at=now, by=by)
    return {"complaint": complaint.pk, "stage": complaint.stage}


def _refuse(complaint: Complaint, by: User, now: datetime) -> Changed | None:
    """Of one in no incident: it is no complaint. Of one in an incident: it is not of that one."""
    told: Changed = {"complaint": complaint.pk, "stage": complaint.stage}
    if complaint.stage == Stage.OPEN:
        words = {"set_aside_reason": NO_COMPLAINT, "reviewed_at": now, "next_attempt_at": None}
        if not Complaint.objects.move(complaint, to=Stage.SET_ASIDE, **words):
            return None
        audit.record("complaint-set-aside", complaint, at=now, by=by)
        return told
    home = Incident.objects.filter(memberships__complaint=complaint).order_by("pk").first()
    if complaint.stage != Stage.GROUPED or home is None:
        return None
    return told | {"correction": corrections.keep_apart(complaint, home, by=by, now=now).pk}


def _take(task: Task, by: User, now: datetime) -> Changed | None:
    told: Changed = {"task": task.pk, "taken_by": task.taken_by_id}
    try:
        moves.take(task, by=by, now=now)
    except NotAllowed:
        return None
    return told


def _review(complaint: Complaint, now: datetime) -> bool:
    """Claim it: nobody else has looked at it meanwhile, nor has it moved."""
    unseen = Complaint.objects.to_review(complaint.stage).filter(pk=complaint.pk)
    return bool(unseen.update(reviewed_at=now))


def _proposed(complaint: Complaint) -> Link | None:
    """The best of the messages that are proposed, where none holds yet."""
    links = complaint.links.select_related("message", "complaint")
    if links.filter(state__in=Link.HOLDING).exists():
        return None
    return links.filter(state=Link.State.PROPOSED).order_by("-score").first()


def _restore(told: Changed, act: TriageAct, by: User, now: datetime) -> None:
    complaint = Complaint.objects.filter(pk=told["complaint"]).first()
    if complaint is None or told.get("again"):
        return
    if "correction" in told:
        correction = Correction.objects.select_related(*OF_CORRECTION)
        corrections.undo(correction.get(pk=told["correction"]), by=by, now=now)
        return
    if "link" in told:
        confirmed = Link.objects.filter(pk=told["link"], state=Link.State.CONFIRMED)
        for link in confirmed.select_related("message", "complaint"):
            linking.take_back(link, by=by, now=now)
    if "joined" in told:
        belonging.leave(complaint, told["joined"], by=by, now=now)
    elif told["stage"] == Stage.OPEN:
        _back_to_open(complaint, act, by, now)
    Complaint.objects.filter(pk=complaint.pk, reviewed_at=act.at).update(reviewed_at=None)
    audit.record("triage-undone", complaint, at=now, by=by, kind=act.kind)


def _back_to_open(complaint: Complaint, act: TriageAct, by: User, now: datetime) -> None:
    """It leaves what it joined because of the act, and is in no incident again."""
    joined = complaint.memberships.filter(joined_at__gte=act.at).select_related("incident")
    for membership in joined:
        corrections.keep_apart(complaint, membership.incident, by=by, now=now)
    if complaint.stage in (Stage.LINKED, Stage.SET_ASIDE):
        Complaint.objects.move(complaint, to=Stage.OPEN, set_aside_reason="", next_attempt_at=None)


def _untake(told: Changed, act: TriageAct, by: User, now: datetime) -> None:
    tasks = Task.objects.open().filter(pk=told["task"], taken_by=act.by_id)
    if tasks.update(taken_by=told["taken_by"]):
        task = Task.objects.select_related("incident").get(pk=told["task"])
        audit.record(
            "task-given-back",
            task,
            at=now,
            by=by,
            incident=task.incident.reference,
            kind=task.kind,
        )


OF_COMPLAINTS: dict[str, Callable[[Complaint, User, datetime], Changed | None]] = {
    TriageAct.Kind.ACCEPT: _accept,
    TriageAct.Kind.LEAVE: _leave,
    TriageAct.Kind.REFUSE: _refuse,
}
OF_MERGES: dict[str, Callable[..., Correction]] = {
    TriageAct.Kind.ACCEPT: corrections.merge,
    TriageAct.Kind.REFUSE: corrections.keep_incidents_apart,
}
