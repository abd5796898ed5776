"""What people change about grouping: move, keep apart, merge, split, rename; each can be undone.

Letters and tasks of a complaint go with it. What a person placed, no later run places elsewhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from complaints import audit
from complaints.audit import Actor
from complaints.models import Complaint
from incidents.grouping import carrying, related, replacing, splitting, transfers
from incidents.grouping.stock import Stock
from incidents.models import Campaign, Correction, Incident, IncidentComplaint, Letter
from incidents.workflow.moves import NotAllowed

LARGE = (Correction.Kind.MERGE, Correction.Kind.SPLIT)


@dataclass(frozen=True, slots=True)
class Preview:
    """What an act would take along."""

    complaints: int
    campaigns: int
    tasks: int
    letters: int


def preview(
    incident: Incident, complaints: Sequence[Complaint] = (), campaign: Campaign | None = None
) -> Preview:
    """What goes along with complaints, a campaign, or the whole incident. Changes nothing."""
    tasks, members = incident.tasks.exclude(complaint=None), incident.memberships.all()
    campaigns = incident.campaigns.filter(merged_into=None)
    if complaints:
        tasks = tasks.filter(complaint__in=complaints)
        members = members.filter(complaint__in=complaints)
    if campaign is not None:
        # One that is about another campaign too stays here as well, with its tasks.
        members = members.filter(campaigns=campaign)
        others = incident.memberships.filter(campaigns__in=campaigns.exclude(pk=campaign.pk))
        tasks = tasks.filter(complaint__in=members.values("complaint"))
        tasks = tasks.exclude(complaint__in=others.values("complaint"))
        campaigns = campaigns.filter(pk=campaign.pk)
    return Preview(
        complaints=members.count(),
        campaigns=campaigns.filter(memberships__in=members).distinct().count(),
        tasks=tasks.count(),
        letters=Letter.objects.filter(task__in=tasks).count(),
    )


def move(
    complaint: Complaint, incident: Incident, into: Incident, *, by: Actor, now: datetime
) -> Correction:
    """Move a complaint from one incident to another.

    raises   NotAllowed where it is in the other already, or no longer in the first, or where the
             other has been merged or closed
    """
    with transaction.atomic():
        audit.keep_others_waiting()
        into.refresh_from_db()
        _must_be_open(into)
        if into == incident or complaint.memberships.filter(incident=into).exists():
            raise NotAllowed(
                _("%(complaint)s is in %(incident)s already.")
                % {"complaint": complaint.reference, "incident": into.reference}
            )
        changed = _move(complaint, incident, into, by=by)
        return _noted(
            Correction.Kind.MOVE, incident, into, changed, complaint=complaint, by=by, now=now
        )


def keep_apart(complaint: Complaint, incident: Incident, *, by: Actor, now: datetime) -> Correction:
    """Say that a complaint does not belong to an incident: it leaves it, and stays out.

    raises   NotAllowed where it is not in the incident, or no longer
    """
    with transaction.atomic():
        audit.keep_others_waiting()
        changed = _move(complaint, incident, None, by=by)
        if not complaint.memberships.exists():
            Complaint.objects.move(complaint, to=Complaint.Stage.OPEN)
        return _noted(
            Correction.Kind.APART, incident, None, changed, complaint=complaint, by=by, now=now
        )


def keep_incidents_apart(
    incident: Incident, other: Incident, *, by: Actor, now: datetime
) -> Correction:
    """Say that two incidents are two: neither is suggested for the other, nor merged with it."""
    with transaction.atomic():
        audit.keep_others_waiting()
        if incident == other or other.pk in related.kept_apart_from(incident):
            raise NotAllowed(_("They are kept apart already."))
        kind = Correction.Kind.APART
        return _noted(kind, incident, other, {}, by=by, now=now, action="incidents-apart")


def merge(incident: Incident, into: Incident, *, by: Actor, now: datetime) -> Correction:
    """Let one incident take in another, with its campaigns, complaints, their tasks and letters.

    Call it outside of a transaction: large ones follow by the batch.
    raises   NotAllowed where either has been merged already, or both are the same
    """
    with transaction.atomic():
        audit.keep_others_waiting()
        incident.refresh_from_db()
        into.refresh_from_db()
        _must_be_open(into)
        if incident == into or incident.merged_into is not None:
            raise NotAllowed(_("%(incident)s cannot be merged.") % {"incident": incident.reference})
        if into.pk in related.kept_apart_from(incident):
            raise NotAllowed(_("A person has said that they are two. Undo that first."))
        changed = transfers.merge_heads(incident, into)
        made = _noted(Correction.Kind.MERGE, incident, into, changed, by=by, now=now)
    transfers.go_on(made, now=now)
    return made


def split(
    incident: Incident,
    *,
    complaints: Sequence[Complaint] = (),
    campaign: Campaign | None = None,
    title: str = "",
    by: Actor,
    now: datetime,
) -> Correction:
    """Open an incident with a part of another: one campaign, or chosen complaints.

    Call it outside of a transaction: large ones follow by the batch. Its `into` is the new one.
    raises   NotAllowed where what was chosen has left, or nothing would be left
    """
    with transaction.atomic():
        audit.keep_others_waiting()
        incident.refresh_from_db()
        if campaign is not None:
            parted = splitting.part_campaign(incident, campaign, title, by=by, now=now)
        else:
            parted = splitting.part_complaints(incident, complaints, title, by=by, now=now)
        into, changed = parted
        made = _noted(Correction.Kind.SPLIT, incident, into, changed, by=by, now=now)
        made.complaints.set(complaints)
    transfers.go_on(made, now=now)
    return made


def rename(incident: Incident, title: str, *, by: Actor, now: datetime) -> Correction:
    """Give an incident another title."""
    title = " ".join(title.split())[:200]
    if not title:
        raise NotAllowed(_("Say how the incident is to be called."))
    with transaction.atomic():
        changed = {"before": incident.title, "after": title}
        incident.title = title
        incident.save(update_fields=["title"])
        return _noted(Correction.Kind.RENAME, incident, None, changed, by=by, now=now)


def undo(correction: Correction, *, by: Actor, now: datetime) -> None:
    """Take an act back: what is still where it was put goes back to where it was.

    raises   NotAllowed if it has been undone already, or where its things were merged on since
    """
    name = audit.name_of(by)
    with transaction.atomic():
        audit.keep_others_waiting()
        open_ones = Correction.objects.filter(pk=correction.pk, undone_at=None)
        if not open_ones.update(undone_at=now, undone_by=name):
            raise NotAllowed(_("It has been undone already."))
        _must_not_be_merged_on(correction)
        if correction.kind == Correction.Kind.RENAME:
            Incident.objects.filter(
                pk=correction.incident_id, title=correction.changed["after"]
            ).update(title=correction.changed["before"])
        elif correction.kind in LARGE:
            transfers.heads_back(correction)
            replacing.put_back(correction.changed.get("placements", ()))
            Correction.objects.filter(pk=correction.pk).update(is_done=False)
        elif correction.complaint is not None:
            _move_back(correction)
        audit.record(
            "correction-undone",
            correction.incident,
            at=now,
            by=by,
            incident=correction.incident.reference,
            kind=correction.kind,
            into=correction.into.reference if correction.into else "",
            complaint=correction.complaint.reference if correction.complaint else "",
        )
    transfers.go_on(correction, now=now)
    correction.incident.refresh_from_db()


def _must_be_open(incident: Incident) -> None:
    if incident.merged_into is not None or not incident.is_open:
        raise NotAllowed(
            _("%(incident)s is closed, or has been merged into another.")
            % {"incident": incident.reference}
        )


def _must_not_be_merged_on(correction: Correction) -> None:
    """Where either end has been merged into a third since, what it moved is there."""
    ends = [correction.into]
    if correction.kind not in (Correction.Kind.MERGE, Correction.Kind.RENAME):
        ends.append(correction.incident)
    later = Correction.objects.filter(
        kind=Correction.Kind.MERGE,
        incident__in=[end for end in ends if end is not None],
        undone_at=None,
        pk__gt=correction.pk,
    )
    merged = later.select_related("incident", "into").first()
    if merged is not None and merged.into is not None:
        raise NotAllowed(
            _("%(incident)s has been merged into %(into)s since. Undo that first.")
            % {"incident": merged.incident.reference, "into": merged.into.reference}
        )


def _noted(
    kind: str,
    incident: Incident,
    into: Incident | None,
    changed: dict[str, Any],
    *,
    complaint: Complaint | None = None,
    by: Actor,
    now: datetime,
    action: str = "",
) -> Correction:
    made = Correction.objects.create(
        kind=kind,
        incident=incident,
        into=into,
        complaint=complaint,
        at=now,
        by=audit.name_of(by),
        changed=changed,
        is_done=kind not in LARGE,
    )
    told = {
        "kind": kind,
        "merged": incident.reference,
        "into": into.reference if into else "",
        "complaint": complaint.reference if complaint else "",
    }
    if kind == Correction.Kind.RENAME:
        told |= changed
    for where in (incident, into):
        if where is not None:
            name = action or f"incident-{kind}"
            audit.record(name, where, at=now, by=by, incident=where.reference, **told)
    return made


def _move(
    complaint: Complaint, incident: Incident, into: Incident | None, *, by: Actor
) -> dict[str, Any]:
    """Move the placements, membership, tasks and letters; what there was before."""
    name = audit.name_of(by)
    membership = _membership(complaint, incident)
    held = complaint.placements.filter(campaign__incident=incident).select_related("campaign")
    stock = Stock()
    placements = [replacing.replace(stock, placement, into, name) for placement in held]
    stock.write()
    changed: dict[str, Any] = {
        "placements": placements,
        "membership": carrying.as_told(membership),
    }
    if into is None:
        membership.delete()
        return changed
    membership.incident, membership.joined_by = into, name
    membership.save(update_fields=["incident", "joined_by"])
    membership.campaigns.set({one["to"] for one in placements})
    return changed | carrying.carry_tasks(
        incident.tasks.filter(complaint=complaint), incident, into
    )


def _membership(complaint: Complaint, incident: Incident) -> IncidentComplaint:
    membership = complaint.memberships.filter(incident=incident).first()
    if membership is None:
        raise NotAllowed(
            _("%(complaint)s is not in %(incident)s any more.")
            % {"complaint": complaint.reference, "incident": incident.reference}
        )
    return membership


def _move_back(correction: Correction) -> None:
    changed, incident, complaint = correction.changed, correction.incident, correction.complaint
    replacing.put_back(changed["placements"])
    told = changed["membership"]
    if complaint is None or complaint.memberships.filter(incident=incident).exists():
        return
    membership = complaint.memberships.filter(incident=correction.into).first()
    if membership is None and correction.into is not None:
        return  # it has been moved on
    membership = membership or IncidentComplaint(complaint=complaint)
    membership.incident = incident
    membership.reasons, membership.joined_by = told["reasons"], told["joined_by"]
    membership.joined_at = datetime.fromisoformat(told["joined_at"])
    membership.save()
    membership.campaigns.set(Campaign.objects.filter(pk__in=told["campaigns"]))
    if complaint.stage == Complaint.Stage.OPEN:
        Complaint.objects.move(complaint, to=Complaint.Stage.GROUPED)
    if correction.into is not None:
        carrying.take_tasks_back(changed, incident, correction.into)
