"""Which incident a complaint may belong to though grouping did not dare, and a person's word on it.

A case that is like those of a campaign, but not enough to join it, opened a campaign of its own;
the one it is like stands with its placement. A person says that it belongs there.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import BigIntegerField, F, OuterRef, Subquery
from django.db.models.functions import Cast, Coalesce, JSONObject
from django.utils.translation import gettext as _

from complaints import audit
from complaints.audit import MACHINE, Actor
from complaints.models import Complaint
from incidents.grouping import placing, replacing
from incidents.grouping.decision import PROPOSE_FROM
from incidents.grouping.members import Members
from incidents.grouping.stock import Stock
from incidents.models import Campaign, Incident, Letter, Placement
from incidents.workflow import planning
from incidents.workflow.moves import NotAllowed

Told = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Proposal:
    """An incident that is open, the placement that names it, and why.

    reasons  [{"fact": words, "weight": log-odds}], strongest first
    """

    incident: Incident
    campaign: int
    placement: int
    reasons: list[dict[str, Any]]


def proposed(**of: Any) -> Any:
    """Placements of which the program says that they may belong elsewhere, the likest first.

    Each with `campaign_meant` and `incident_meant`, the keys of an open incident and its campaign.
    """
    found = Placement.objects.filter(
        **of, placed_by=MACHINE, score=0, runner_up__score__gte=PROPOSE_FROM
    )
    found = found.annotate(meant=Cast("runner_up__campaign", BigIntegerField()))
    campaigns = Campaign.objects.filter(pk=OuterRef("meant"))
    campaigns = campaigns.annotate(
        standing=Coalesce("merged_into", "pk"),
        home=Coalesce("merged_into__incident", "incident"),
    )
    open_ones = Incident.objects.filter(pk=OuterRef("incident_named"), merged_into=None)
    open_ones = open_ones.exclude(state=Incident.State.CLOSED)
    found = found.annotate(
        campaign_meant=Subquery(campaigns.values("standing")[:1]),
        incident_named=Subquery(campaigns.values("home")[:1]),
    )
    found = found.annotate(incident_meant=Subquery(open_ones.values("pk")[:1]))
    return found.exclude(incident_meant=None).order_by("-runner_up__score", "pk")


def as_told() -> Subquery:
    """For a query of complaints: {"reference", "title", "reasons"} of what each may belong to."""
    placements = proposed(complaint=OuterRef("pk"))
    named = Incident.objects.filter(pk=OuterRef("incident_meant"))
    told = JSONObject(
        reference=Subquery(named.values("reference")[:1]),
        title=Subquery(named.values("title")[:1]),
        reasons=F("runner_up__reasons"),
    )
    return Subquery(placements.values(told=told)[:1])


def proposal_for(complaint: Complaint) -> Proposal | None:
    """Where a complaint may belong, as far as it is not there already; one or two queries."""
    held = complaint.memberships.values("incident")
    found = proposed(complaint=complaint).exclude(incident_meant__in=held).first()
    if found is None:
        return None
    incident = Incident.objects.get(pk=found.incident_meant)
    return Proposal(
        incident, found.campaign_meant, found.pk, list(found.runner_up.get("reasons", ()))
    )


def join(complaint: Complaint, *, by: Actor, now: datetime) -> Told:
    """A person says that a complaint in no incident belongs where it may; what `leave` needs.

    raises   NotAllowed where nothing is proposed any more, or it has moved
    """
    with transaction.atomic():
        audit.keep_others_waiting()
        meant = proposal_for(complaint)
        if meant is None or not Complaint.objects.move(complaint, to=Complaint.Stage.GROUPED):
            raise NotAllowed(_("It is not known any more where it may belong."))
        stock = Stock()
        placement = Placement.objects.select_related("campaign").get(pk=meant.placement)
        campaign = placing.standing(stock.campaign(meant.campaign))
        told = replacing.put(stock, placement, campaign, audit.name_of(by))
        stock.write()
        reasons = [one["fact"] for one in meant.reasons if one["weight"] > 0]
        members = Members([complaint])
        members.join(meant.incident, complaint, campaign, reasons, now=now)
        members.write()
        complaint.memberships.filter(incident=meant.incident).update(joined_by=audit.name_of(by))
        audit.record(
            "complaint-joined",
            complaint,
            at=now,
            by=by,
            incident=meant.incident.reference,
            reasons=reasons,
        )
        planning.plan_for_complaint(meant.incident, complaint, now=now)
    return {"placement": told, "incident": meant.incident.pk}


def leave(complaint: Complaint, told: Told, *, by: Actor, now: datetime) -> None:
    """Take `join` back: it is in no incident, and may belong there as before.

    Tasks that were planned for it go, unless somebody has begun with them.
    """
    with transaction.atomic():
        audit.keep_others_waiting()
        membership = complaint.memberships.filter(incident=told["incident"]).first()
        if membership is None:
            return
        incident = membership.incident
        replacing.put_back([told["placement"]])
        membership.delete()
        begun = Letter.objects.exclude(task=None).values("task")
        tasks = incident.tasks.open().filter(complaint=complaint, taken_by=None)
        tasks.exclude(pk__in=begun).delete()
        if not complaint.memberships.exists():
            Complaint.objects.move(complaint, to=Complaint.Stage.OPEN)
        audit.record(
            "complaint-in-no-incident", complaint, at=now, by=by, incident=incident.reference
        )
