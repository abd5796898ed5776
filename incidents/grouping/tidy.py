"""What a look at all cases at once would change: campaigns that are one, told or united."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max

from complaints import audit
from complaints.audit import MACHINE
from incidents.grouping import case, placing, related
from incidents.grouping.assign import bring_into_incidents
from incidents.grouping.members import Members
from incidents.grouping.settle import settle
from incidents.grouping.stock import Stock
from incidents.models import Campaign, Placement

# Campaigns end; what is older is not looked at again.
WINDOW = timedelta(days=45)
# So much of a campaign has to be with the other for them to be one.
MOST_OF_IT = 0.6


@dataclass(frozen=True, slots=True)
class SeenAsOne:
    """Two campaigns that are one, when all their cases are seen at once, the bigger first."""

    campaign: Campaign
    other: Campaign
    cases: int


def seen_as_one() -> Iterator[SeenAsOne]:
    """Yield the pairs of campaigns that today's rules would not tell apart. Changes nothing.

    The order in which complaints came counts for nothing here. Campaigns in which a person has
    placed something are left as they are.
    """
    rows = list(_window())
    fixed = {row.key: row.campaign_id or 0 for row in rows if row.placed_by != MACHINE}
    numbers = settle((case.from_json(row.key, row.case) for row in rows), fixed=fixed)
    found: dict[int, Counter[int]] = defaultdict(Counter)
    for row in rows:
        if row.campaign_id is not None and row.key in numbers:
            found[row.campaign_id][numbers[row.key]] += 1
    home = {
        campaign: counts.most_common(1)[0][0]
        for campaign, counts in found.items()
        if counts.most_common(1)[0][1] >= MOST_OF_IT * counts.total()
    }
    together: dict[int, list[int]] = defaultdict(list)
    for campaign, number in home.items():
        together[number].append(campaign)
    by_person = set(fixed.values())
    for campaigns in together.values():
        alike = sorted(set(campaigns) - by_person, key=lambda one: (-found[one].total(), one))
        rows_of = Campaign.objects.select_related("incident").in_bulk(alike)
        for other in alike[1:]:
            pair = SeenAsOne(rows_of[alike[0]], rows_of[other], found[other].total())
            if not _kept_apart(pair):
                yield pair


def _kept_apart(pair: SeenAsOne) -> bool:
    one, other = pair.campaign.incident, pair.other.incident
    return one is not None and other is not None and other.pk in related.kept_apart_from(one)


def make_one(pair: SeenAsOne, *, now: datetime) -> bool:
    """Unite the two campaigns, as they now are, with whatever has taken them in since.

    False where they are one already, where each is in an incident of its own, and where a person
    has placed something in either: a person decides.
    """
    with transaction.atomic():
        audit.keep_others_waiting()
        campaign, other = _as_it_stands(pair.campaign), _as_it_stands(pair.other)
        if campaign is None or other is None or campaign == other:
            return False
        keep, go = sorted((campaign, other), key=lambda one: one.incident_id is None)
        if go.incident_id not in (None, keep.incident_id):
            return False
        followers = list(go.placements.exclude(complaint=None).select_related("complaint"))
        if go.placements.exclude(placed_by=MACHINE).exists() or (
            keep.placements.exclude(placed_by=MACHINE).exists()
        ):
            return False
        stock = Stock()
        placing.unite(stock, keep, go)
        audit.record(
            "campaigns-united",
            keep,
            at=now,
            incident=keep.incident.reference if keep.incident else "",
            campaign=str(keep),
            other=str(go),
        )
        for follower in followers:
            follower.campaign = keep
        members = Members()
        bring_into_incidents(stock, members, followers, now=now)
        members.write()
    return True


def _as_it_stands(campaign: Campaign) -> Campaign | None:
    """The campaign read again, or the one that has taken it in; None where it is gone."""
    rows = Campaign.objects.select_related("incident")
    current = rows.filter(pk=campaign.pk).first()
    while current is not None and current.merged_into_id is not None:
        current = rows.get(pk=current.merged_into_id)
    return current


def _window() -> Iterator[Placement]:
    newest = Placement.objects.aggregate(newest=Max("at"))["newest"]
    if newest is not None:
        shown = Placement.objects.filter(at__gte=newest - WINDOW).exclude(case={})
        yield from shown.order_by("key").iterator(chunk_size=500)
