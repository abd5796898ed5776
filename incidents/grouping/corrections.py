"""What people change about grouping: move, keep apart, merge, rename; each can be undone.

Letters and tasks of a complaint go with it. What a person placed, no later run places elsewhere.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from complaints import audit
from complaints.audit import Actor
from complaints.models import Complaint
from incidents.grouping import case, placing
from incidents.grouping.stock import Stock
from incidents.models import (
    Campaign,
    Correction,
    Incident,
    IncidentComplaint,
    IncidentKey,
    Letter,
    Placement,
    Task,
)
from incidents.workflow.moves import NotAllowed


@dataclass(frozen=True, slots=True)
class Preview:
    """What an act would take along."""

    complaints: int
    campaigns: int
    tasks: int
    letters: int


def preview(incident: Incident, complaint: Complaint | None = None) -> Preview:
    """What moves with one complaint, or with the whole incident. Changes nothing."""
    tasks = incident.tasks.exclude(complaint=None)
    members = incident.memberships.all()
    if complaint is not None:
        tasks, members = tasks.filter(complaint=complaint), members.filter(complaint=complaint)
    return Preview(
        complaints=members.count(),
        campaigns=incident.campaigns.filter(merged_into=None, memberships__in=members)
        .distinct()
        .count(),
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


def merge(incident: Incident, into: Incident, *, by: Actor, now: datetime) -> Correction:
    """Let one incident take in another, with its campaigns, complaints, their tasks and letters.

    raises   NotAllowed where either has been merged already, or both are the same
    """
    with transaction.atomic():
        audit.keep_others_waiting()
        incident.refresh_from_db()
        into.refresh_from_db()
        _must_be_open(into)
        if incident == into or incident.merged_into is not None:
            raise NotAllowed(_("%(incident)s cannot be merged.") % {"incident": incident.reference})
        changed = _merge(incident, into)
        return _noted(Correction.Kind.MERGE, incident, into, changed, by=by, now=now)


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
        elif correction.kind == Correction.Kind.MERGE:
            _unmerge(correction)
        else:
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
    correction.incident.refresh_from_db()
    correction.refresh_from_db()


def _must_be_open(incident: Incident) -> None:
    if incident.merged_into is not None or not incident.is_open:
        raise NotAllowed(
            _("%(incident)s is closed, or has been merged into another.")
            % {"incident": incident.reference}
        )


def _must_not_be_merged_on(correction: Correction) -> None:
    """What it moved is no longer in its `into` once that has been merged into a third."""
    if correction.into is None:
        return
    later = Correction.objects.filter(
        kind=Correction.Kind.MERGE,
        incident=correction.into,
        undone_at=None,
        pk__gt=correction.pk,
    ).first()
    if later is not None and later.into is not None:
        raise NotAllowed(
            _("%(incident)s has been merged into %(into)s since. Undo that first.")
            % {"incident": correction.into.reference, "into": later.into.reference}
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
) -> Correction:
    made = Correction.objects.create(
        kind=kind,
        incident=incident,
        into=into,
        complaint=complaint,
        at=now,
        by=audit.name_of(by),
        changed=changed,
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
            audit.record(f"incident-{kind}", where, at=now, by=by, incident=where.reference, **told)
    return made


def _move(
    complaint: Complaint, incident: Incident, into: Incident | None, *, by: Actor
) -> dict[str, Any]:
    """Move the placements, membership, tasks and letters; what there was before."""
    name = audit.name_of(by)
    membership = _membership(complaint, incident)
    held = complaint.placements.filter(campaign__incident=incident).select_related("campaign")
    stock = Stock()
    placements = [_replace(stock, placement, into, name) for placement in held]
    stock.write()
    changed: dict[str, Any] = {
        "placements": placements,
        "membership": {
            "pk": membership.pk,
            "reasons": membership.reasons,
            "joined_at": membership.joined_at.isoformat(),
            "joined_by": membership.joined_by,
            "campaigns": list(membership.campaigns.values_list("pk", flat=True)),
        },
    }
    if into is None:
        membership.delete()
        return changed
    membership.incident, membership.joined_by = into, name
    membership.save(update_fields=["incident", "joined_by"])
    membership.campaigns.set({one["to"] for one in placements})
    return changed | _carry_along(incident.tasks.filter(complaint=complaint), into)


def _membership(complaint: Complaint, incident: Incident) -> IncidentComplaint:
    membership = complaint.memberships.filter(incident=incident).first()
    if membership is None:
        raise NotAllowed(
            _("%(complaint)s is not in %(incident)s any more.")
            % {"complaint": complaint.reference, "incident": incident.reference}
        )
    return membership


def _replace(
    stock: Stock, placement: Placement, into: Incident | None, name: str
) -> dict[str, Any]:
    """Put a placement into the campaign of the other incident that it fits best, or a new one."""
    before = placement.campaign
    if before is None:
        raise ValueError("a placement in an incident is in a campaign")
    shown = case.from_json(placement.key, placement.case) if placement.case else None
    campaign = _best_of(stock, into, shown) or _new_campaign(stock, into, before.title)
    told = {
        "pk": placement.pk,
        "from": before.pk,
        "to": campaign.pk,
        "placed_by": placement.placed_by,
    }
    _put(stock, placement, campaign, name)
    return told


def _put(stock: Stock, placement: Placement, campaign: Campaign, name: str) -> None:
    placing.uncount(stock, [placement])
    if placement.case:
        stock.count_in(campaign, case.from_json(placement.key, placement.case))
    placement.campaign, placement.placed_by = campaign, name
    placement.save(update_fields=["campaign", "placed_by"])


def _best_of(stock: Stock, into: Incident | None, shown: case.Case | None) -> Campaign | None:
    if into is None or shown is None:
        return None
    rated = placing.rated_in(stock, into, shown)
    return stock.campaign(rated.campaign) if rated else None


def _new_campaign(stock: Stock, into: Incident | None, title: str) -> Campaign:
    campaign = stock.open(title)
    if into is not None:
        placing.into_incident(campaign, into)
    return campaign


def _carry_along(tasks: Any, into: Incident) -> dict[str, Any]:
    """Tasks that answer complaints, and their letters; not those the other incident has too."""
    there = set(into.tasks.exclude(complaint=None).values_list("kind", "complaint_id"))
    moving = [
        key
        for key, kind, complaint in tasks.values_list("pk", "kind", "complaint_id")
        if (kind, complaint) not in there
    ]
    letters = list(Letter.objects.filter(task__in=moving).values_list("pk", flat=True))
    Task.objects.filter(pk__in=moving).update(incident=into)
    Letter.objects.filter(pk__in=letters).update(incident=into)
    return {"tasks": moving, "letters": letters}


def _move_back(correction: Correction) -> None:
    changed, incident, complaint = correction.changed, correction.incident, correction.complaint
    stock = Stock()
    for told in changed["placements"]:
        placement = Placement.objects.filter(pk=told["pk"], campaign=told["to"]).first()
        campaign = Campaign.objects.filter(pk=told["from"]).first()
        if placement is not None and campaign is not None:
            left = placement.campaign
            _put(stock, placement, campaign.merged_into or campaign, told["placed_by"])
            if left is not None and _is_bare(left):
                stock.forget(left)
                left.delete()
    stock.write()
    told = changed["membership"]
    membership = IncidentComplaint.objects.filter(
        incident=correction.into, complaint=complaint
    ).first() or IncidentComplaint(complaint=complaint)
    if complaint is None or complaint.memberships.filter(incident=incident).exists():
        return
    membership.incident = incident
    membership.reasons, membership.joined_by = told["reasons"], told["joined_by"]
    membership.joined_at = datetime.fromisoformat(told["joined_at"])
    membership.save()
    membership.campaigns.set(Campaign.objects.filter(pk__in=told["campaigns"]))
    if complaint.stage == Complaint.Stage.OPEN:
        Complaint.objects.move(complaint, to=Complaint.Stage.GROUPED)
    _carry_back(changed, correction)


def _is_bare(campaign: Campaign) -> bool:
    """Whether nothing is in the campaign, and no other was merged into it."""
    inside = (campaign.placements, campaign.messages, campaign.merged_from)
    return not any(rows.exists() for rows in inside)


def _carry_back(changed: dict[str, Any], correction: Correction) -> None:
    for rows, name in ((Task.objects.all(), "tasks"), (Letter.objects.all(), "letters")):
        rows.filter(pk__in=changed.get(name, ()), incident=correction.into).update(
            incident=correction.incident
        )


def _merge(incident: Incident, into: Incident) -> dict[str, Any]:
    last = into.campaigns.aggregate(last=Max("number"))["last"] or 0
    campaigns = list(incident.campaigns.order_by("number").values_list("pk", "number"))
    for number, (key, _number) in enumerate(campaigns, start=last + 1):
        Campaign.objects.filter(pk=key).update(incident=into, number=number)
    both = incident.memberships.filter(complaint__memberships__incident=into)
    shared = [_share(membership, into) for membership in both.prefetch_related("campaigns")]
    alone = incident.memberships.exclude(pk__in=[one["pk"] for one in shared])
    members = list(alone.values_list("pk", flat=True))
    alone.update(incident=into)
    keys = list(incident.keys.values_list("pk", flat=True))
    incident.keys.update(incident=into)
    told = _carry_along(incident.tasks.exclude(complaint=None), into)
    incident.merged_into = into
    incident.save(update_fields=["merged_into"])
    return told | {"campaigns": campaigns, "members": members, "shared": shared, "keys": keys}


def _share(membership: IncidentComplaint, into: Incident) -> dict[str, Any]:
    """A complaint in both: its membership there gets the campaigns it had here."""
    campaigns = [campaign.pk for campaign in membership.campaigns.all()]
    there = IncidentComplaint.objects.get(incident=into, complaint=membership.complaint_id)
    there.campaigns.add(*campaigns)
    membership.campaigns.clear()
    return {"pk": membership.pk, "there": there.pk, "campaigns": campaigns}


def _unmerge(correction: Correction) -> None:
    changed, incident, into = correction.changed, correction.incident, correction.into
    for key, number in changed["campaigns"]:
        taken = incident.campaigns.filter(number=number).exists()
        last = incident.campaigns.aggregate(last=Max("number"))["last"] or 0
        Campaign.objects.filter(pk=key, incident=into).update(
            incident=incident, number=last + 1 if taken else number
        )
    IncidentComplaint.objects.filter(pk__in=changed["members"], incident=into).update(
        incident=incident
    )
    for told in changed["shared"]:
        there = IncidentComplaint.objects.filter(pk=told["there"]).first()
        here = IncidentComplaint.objects.filter(pk=told["pk"]).first()
        if there is not None and here is not None:
            there.campaigns.remove(*told["campaigns"])
            here.campaigns.add(*told["campaigns"])
    IncidentKey.objects.filter(pk__in=changed["keys"], incident=into).update(incident=incident)
    _carry_back(changed, correction)
    Incident.objects.filter(pk=incident.pk, merged_into=into).update(merged_into=None)
