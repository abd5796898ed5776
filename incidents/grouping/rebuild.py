"""Campaigns whose counts are missing, or of an earlier version: counted anew from their cases."""

from datetime import datetime

from django.db import transaction

from complaints import audit
from complaints.models import Complaint
from incidents.grouping import placing, profile
from incidents.grouping.stock import Stock
from incidents.models import Campaign

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
        stock.count_anew(numbers)
        stock.write()
    return len(numbers)


def _keep_cases(campaign: Campaign, *, now: datetime) -> None:
    """Placements of the complaints of a campaign that has none: of those about nothing else."""
    if not campaign.placements.exists():
        told = Complaint.objects.filter(memberships__campaigns=campaign, placements=None).distinct()
        latest = told.order_by("-pk")[:MOST_COMPLAINTS]
        placing.keep_cases([(complaint, campaign) for complaint in latest], now=now)
