"""Campaigns of an incident: families of content, joined by what complaints and the log share."""

from collections.abc import Iterable

from django.db.models import Max

from complaints.models import RelayedMessage
from incidents.grouping.keys import Content, GroupKey, campaign_keys
from incidents.models import Campaign, CampaignKey, Incident, IncidentComplaint

# The parts of a title, best first.
TITLE_FROM = ("subject", "sender", "url-domain")


def place(incident: Incident, keys: list[GroupKey]) -> Campaign | None:
    """The campaign that has any of these keys, or a new one; it gets the keys it lacks.

    Keys of several campaigns show that these are one: the oldest takes in the others. Call
    it inside a transaction. None if there is nothing to tell a campaign by.
    """
    if not keys:
        return None
    pairs = {(key.kind, key.value) for key in keys}
    known = [
        row
        for row in CampaignKey.objects.filter(
            incident=incident, value__in=[key.value for key in keys]
        ).select_related("campaign")
        if (row.kind, row.value) in pairs
    ]
    found = sorted({row.campaign for row in known}, key=lambda campaign: campaign.number)
    campaign = found[0] if found else _new(incident)
    for other in found[1:]:
        _take_in(campaign, other)
    have = {(row.kind, row.value) for row in known}
    CampaignKey.objects.bulk_create(
        CampaignKey(
            campaign=campaign,
            incident=incident,
            kind=key.kind,
            value=key.value,
            reason=key.reason[:255],
        )
        for key in keys
        if (key.kind, key.value) not in have
    )
    _name(campaign)
    return campaign


def place_messages(incident: Incident, messages: Iterable[RelayedMessage]) -> None:
    """Put relayed messages into campaigns by their envelope sender and logged subject."""
    by_content: dict[Content, list[RelayedMessage]] = {}
    for message in messages:
        content = Content(senders=(message.sender,), subject=message.subject)
        by_content.setdefault(content, []).append(message)
    for content, alike in by_content.items():
        campaign = place(incident, campaign_keys(content))
        if campaign is not None:
            campaign.messages.add(*alike)


def _new(incident: Incident) -> Campaign:
    last = incident.campaigns.aggregate(last=Max("number"))["last"] or 0
    return Campaign.objects.create(incident=incident, number=last + 1, title="")


def _take_in(campaign: Campaign, other: Campaign) -> None:
    CampaignKey.objects.filter(campaign=other).update(campaign=campaign)
    campaign.messages.add(*other.messages.all())
    for membership in IncidentComplaint.objects.filter(campaigns=other):
        membership.campaigns.add(campaign)
        membership.campaigns.remove(other)
    other.messages.clear()
    Campaign.objects.filter(merged_into=other).update(merged_into=campaign)
    other.merged_into = campaign
    other.save(update_fields=["merged_into"])


def _name(campaign: Campaign) -> None:
    """A campaign is called by its subject where one is known, else by its sender."""
    keys = list(campaign.keys.order_by("pk"))
    for kind in TITLE_FROM:
        for key in keys:
            if key.kind == kind and key.value:
                title = key.reason.strip("“”").removeprefix("the subject “")[:200]
                if title != campaign.title:
                    Campaign.objects.filter(pk=campaign.pk).update(title=title)
                    campaign.title = title
                return
