"""Splits chosen complaints, or one campaign, off an incident into a new one."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from complaints import audit
from complaints.audit import Actor
from complaints.models import Complaint
from incidents.grouping import replacing, transfers
from incidents.grouping.keys import GroupKey
from incidents.grouping.opening import open_incident
from incidents.grouping.stock import Stock
from incidents.models import Campaign, Incident, IncidentComplaint, Placement
from incidents.workflow.moves import NotAllowed

MOST_CHOSEN = 200

Told = dict[str, Any]


def part_campaign(
    incident: Incident, campaign: Campaign, title: str, *, by: Actor, now: datetime
) -> tuple[Incident, Told]:
    """Open an incident with one campaign of another; what was before. In a transaction.

    raises   NotAllowed where it is not of the incident any more, or all that it has
    """
    campaign.refresh_from_db()
    if campaign.incident_id != incident.pk or campaign.merged_into is not None:
        raise _gone(incident)
    if not incident.campaigns.filter(merged_into=None).exclude(pk=campaign.pk).exists():
        raise NotAllowed(_("Nothing else would be left: rename the incident instead."))
    made = _opened(incident, title or campaign.title, by=by, now=now)
    changed = {
        "campaigns": transfers.part_campaigns([campaign], made),
        "going": {str(campaign.pk): campaign.pk},
    }
    return made, changed


def part_complaints(
    incident: Incident, complaints: Sequence[Complaint], title: str, *, by: Actor, now: datetime
) -> tuple[Incident, Told]:
    """Open an incident with chosen complaints of another; what was before. In a transaction.

    A campaign that has no other complaints goes as it is, with all its messages.
    raises   NotAllowed where one is not in the incident any more, or all of them were chosen
    """
    chosen = {one.pk for one in complaints[:MOST_CHOSEN]}
    members = incident.memberships.filter(complaint__in=chosen)
    if not chosen or members.count() < len(chosen):
        raise _gone(incident)
    if not incident.memberships.exclude(complaint__in=chosen).exists():
        raise NotAllowed(_("Nothing else would be left: rename the incident instead."))
    made = _opened(incident, title, by=by, now=now)
    whole, torn = _campaigns_of(incident, members, chosen)
    numbers = transfers.part_campaigns(whole, made)
    stock = Stock()
    stands_for = {one.pk: replacing.new_campaign(stock, made, one.title) for one in torn}
    held = Placement.objects.filter(complaint__in=chosen, campaign__in=torn)
    placements = [
        replacing.put(stock, placement, stands_for[placement.campaign_id], audit.name_of(by))
        for placement in held.select_related("campaign").order_by("pk")
        if placement.campaign_id is not None
    ]
    stock.write()
    going = {str(one.pk): one.pk for one in whole}
    going |= {str(key): campaign.pk for key, campaign in stands_for.items()}
    return made, {
        "campaigns": numbers,
        "going": going,
        "chosen": sorted(chosen),
        "placements": placements,
    }


def _campaigns_of(
    incident: Incident, members: Any, chosen: Collection[int]
) -> tuple[list[Campaign], list[Campaign]]:
    """Campaigns that only the chosen are about, and those that others are about too."""
    held = incident.campaigns.filter(merged_into=None, memberships__in=members).distinct()
    others = IncidentComplaint.objects.filter(campaigns__in=held).exclude(complaint__in=chosen)
    shared = set(others.values_list("campaigns", flat=True))
    found = list(held.order_by("number"))
    return (
        [one for one in found if one.pk not in shared],
        [one for one in found if one.pk in shared],
    )


def _opened(incident: Incident, title: str, *, by: Actor, now: datetime) -> Incident:
    name = audit.name_of(by)
    made = open_incident(
        GroupKey(
            "by-hand",
            f"{now.isoformat()} off {incident.reference}",
            f"a person split it off {incident.reference}",
            incident.kind,
        ),
        origin=Incident.Origin.PERSON,
        why=f"{name}: split off {incident.reference}",
        host=incident.host,
        now=now,
    )
    made.title = " ".join(title.split())[:200] or incident.title
    made.first_seen_at, made.last_seen_at = incident.first_seen_at, incident.last_seen_at
    made.discovered_at = min(incident.discovered_at, now)
    made.save(update_fields=["title", "first_seen_at", "last_seen_at", "discovered_at"])
    return made


def _gone(incident: Incident) -> NotAllowed:
    return NotAllowed(
        _("What was chosen is not in %(incident)s any more.") % {"incident": incident.reference}
    )
