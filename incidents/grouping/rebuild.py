"""Campaigns whose counts are missing, or of an earlier version: counted anew from their cases."""

from datetime import datetime

from django.db import transaction

from complaints import audit, organisation
from complaints.models import Complaint
from incidents.grouping import profile
from incidents.grouping.casework import cases_of
from incidents.grouping.decision import VERSION
from incidents.grouping.stock import Stock
from incidents.models import Campaign, Placement

AT_ONCE = 50
MOST_COMPLAINTS = 200


def rebuild_some(*, now: datetime, most: int = AT_ONCE) -> int:
    """Count the cases of so many campaigns anew; how many were. 0 means that all are as they are.

    Campaigns from before cases were kept get those of their complaints.
    """
    outdated = Campaign.objects.filter(merged_into=None).exclude(profile__version=profile.VERSION)
    numbers = list(outdated.order_by("-pk").values_list("pk", flat=True)[:most])
    if not numbers:
        return 0
    with transaction.atomic():
        audit.keep_others_waiting()
        for number in numbers:
            _keep_cases(Campaign.objects.get(pk=number), now=now)
        stock = Stock()
        for number in numbers:
            stock.count_anew(number)
        stock.write()
    return len(numbers)


def _keep_cases(campaign: Campaign, *, now: datetime) -> None:
    """Placements of the complaints of a campaign that has none: of those about nothing else."""
    if campaign.placements.exists():
        return
    told = Complaint.objects.filter(memberships__campaigns=campaign, placements=None).distinct()
    complaints = list(told.order_by("-pk")[:MOST_COMPLAINTS])
    for complaint, found in zip(
        complaints, cases_of(complaints, organisation.ourselves()), strict=True
    ):
        if len(found) == 1:
            Placement.objects.create(
                key=found[0].case.key,
                complaint=complaint,
                campaign=campaign,
                at=found[0].case.at,
                case=found[0].case.to_json(),
                reasons=[{"fact": "placed by an earlier version", "weight": 0.0}],
                rules=VERSION,
                placed_at=now,
            )
