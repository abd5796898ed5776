"""Puts cases that a person moves into campaigns of another incident; and back."""

from collections.abc import Iterable
from typing import Any

from incidents.grouping import case, placing
from incidents.grouping.case import Trait
from incidents.grouping.stock import Stock
from incidents.models import Campaign, Incident, Placement

Told = dict[str, Any]


def replace(stock: Stock, placement: Placement, into: Incident | None, name: str) -> Told:
    """Put a placement into the campaign of the other incident that it fits best, or a new one."""
    before = placement.campaign
    if before is None:
        raise ValueError("a placement in an incident is in a campaign")
    shown = case.from_json(placement.key, placement.case) if placement.case else None
    campaign = _best_of(stock, into, shown) or new_campaign(stock, into, before.title)
    return put(stock, placement, campaign, name)


def new_campaign(stock: Stock, into: Incident | None, title: str) -> Campaign:
    """A campaign of another incident, or of none, for what a person put there."""
    campaign = stock.open(title)
    if into is not None:
        placing.into_incident(campaign, into)
    return campaign


def put(stock: Stock, placement: Placement, campaign: Campaign, name: str) -> Told:
    """Put a placement into a campaign, with the messages that only it has; what was before."""
    before = placement.campaign_id
    told: Told = {
        "pk": placement.pk,
        "from": before,
        "to": campaign.pk,
        "placed_by": placement.placed_by,
    }
    placing.uncount(stock, [placement])
    if placement.case:
        stock.count_in(campaign, case.from_json(placement.key, placement.case))
        told["messages"] = _take_messages(stock, placement, campaign)
    placement.campaign, placement.placed_by = campaign, name
    placement.save(update_fields=["campaign", "placed_by"])
    return told


def put_back(told: Iterable[Told]) -> None:
    """What is still in the campaign it was put into goes back to where it was."""
    stock = Stock()
    left: set[int] = set()
    for one in told:
        placement = Placement.objects.filter(pk=one["pk"], campaign=one["to"]).first()
        campaign = Campaign.objects.filter(pk=one["from"]).first()
        if placement is None or campaign is None:
            continue
        placement.campaign = stock.campaign(one["to"])
        put(stock, placement, placing.standing(campaign), one["placed_by"])
        _move_messages(one.get("messages", ()), one["to"], campaign.pk)
        left.add(one["to"])
    stock.write()
    for number in left:
        campaign = stock.campaign(number)
        if _is_bare(campaign):
            stock.forget(campaign)
            campaign.delete()
    stock.write()


def _best_of(stock: Stock, into: Incident | None, shown: case.Case | None) -> Campaign | None:
    if into is None or shown is None:
        return None
    rated = placing.rated_in(stock, into, shown)
    return stock.campaign(rated.campaign) if rated else None


def _take_messages(stock: Stock, placement: Placement, campaign: Campaign) -> list[int]:
    """The messages that it is about go with it, as far as nothing else there is about them."""
    before = placement.campaign
    if before is None:
        return []
    profile = stock.profile(before)
    named = placement.case["traits"].get(Trait.MESSAGE.value, ())
    alone = [int(one) for one in named if not profile.count(Trait.MESSAGE, one)]
    return _move_messages(alone, before.pk, campaign.pk)


def _move_messages(messages: Iterable[int], before: int, campaign: int) -> list[int]:
    rows = Campaign.messages.through.objects
    there = rows.filter(campaign=campaign).values("relayedmessage")
    moving = rows.filter(campaign=before, relayedmessage__in=list(messages))
    moving = moving.exclude(relayedmessage__in=there)
    moved = list(moving.values_list("relayedmessage_id", flat=True))
    rows.filter(campaign=before, relayedmessage__in=moved).update(campaign=campaign)
    return moved


def _is_bare(campaign: Campaign) -> bool:
    """Whether nothing is in the campaign, and no other was merged into it."""
    inside = (campaign.placements, campaign.messages, campaign.merged_from)
    return not any(rows.exists() for rows in inside)
