"""Campaigns that a case may be of, and how rare its values are: a fixed number of queries."""

from collections import defaultdict
from collections.abc import Sequence

from django.db.models import Count, QuerySet

from complaints.models import RelayedMessage
from incidents.grouping import profile
from incidents.grouping.candidates import known_by, leads_of
from incidents.grouping.case import Case
from incidents.grouping.decision import Known
from incidents.grouping.profile import Profile
from incidents.grouping.rarity import Rarity
from incidents.models import Campaign, CampaignKey, Incident

# So many of the rarest values are looked up: enough to find a campaign, bounded for any mail.
MOST_LOOKED_UP = 60


def rarity_of(case: Case) -> Rarity:
    """In how many campaigns each value of the case occurs."""
    pairs = [(kind, value) for kind, values in case.traits.items() for value in values]
    counted = (
        CampaignKey.objects.any_of(pairs)
        .filter(campaign__merged_into=None)
        .order_by()
        .values_list("kind", "value")
        .annotate(Count("pk"))
    )
    having = {(kind, value): number for kind, value, number in counted}
    return Rarity(Campaign.objects.filter(merged_into=None).count(), having)


def known_for(
    rarity: Rarity,
    messages: Sequence[RelayedMessage] = (),
    *,
    without: QuerySet[Incident] | None = None,
) -> list[Known]:
    """The campaigns that share the rarest values of a case (those of `rarity_of`).

    messages  that the case is linked to: campaigns that hold one come first
    without   incidents whose campaigns are not meant
    """
    left_out = Incident.objects.none() if without is None else without
    leads = leads_of(rarity.having, rarity)[:MOST_LOOKED_UP]
    having: dict[tuple[str, str], set[int]] = defaultdict(set)
    for kind, value, number in (
        CampaignKey.objects.any_of(leads)
        .filter(campaign__merged_into=None)
        .exclude(campaign__incident__in=left_out)
        .values_list("kind", "value", "campaign_id")
    ):
        having[kind, value].add(number)
    holding = set(
        Campaign.objects.filter(messages__in=messages, merged_into=None).values_list(
            "pk", flat=True
        )
        if messages
        else ()
    )
    numbers = list(dict.fromkeys([*sorted(holding), *known_by(having, rarity)]))
    rows = Campaign.objects.in_bulk(numbers)
    found = [
        Known(number, profile.from_json(rows[number].profile), number in holding)
        for number in numbers
    ]
    return [one for one in found if one.profile.cases]


def add_keys(campaign: Campaign, pairs: list[tuple[str, str]]) -> None:
    """Let like cases find the campaign by these values."""
    CampaignKey.objects.bulk_create(
        (CampaignKey(campaign=campaign, kind=kind, value=value) for kind, value in sorted(pairs)),
        ignore_conflicts=True,
    )


def count_in(campaign: Campaign, case: Case) -> None:
    """Count a case into its campaign, for the next one that comes."""
    counts = profile.from_json(campaign.profile)
    add_keys(campaign, counts.add(case))
    _keep(campaign, counts)


def count_out(campaign: Campaign, case: Case) -> None:
    """Count a case out of its campaign."""
    counts = profile.from_json(campaign.profile)
    gone = counts.remove(case)
    CampaignKey.objects.filter(campaign=campaign).any_of(gone).delete()
    _keep(campaign, counts)


def rebuild(campaign: Campaign, cases: list[Case]) -> None:
    """Make the profile and the keys of a campaign anew from its cases."""
    counts = Profile()
    for case in cases:
        counts.add(case)
    pairs = {(kind, value) for kind, values in counts.counts.items() for value in values}
    have = set(campaign.keys.values_list("kind", "value"))
    CampaignKey.objects.filter(campaign=campaign).any_of(have - pairs).delete()
    add_keys(campaign, list(pairs - have))
    _keep(campaign, counts)


def _keep(campaign: Campaign, counts: Profile) -> None:
    campaign.profile = counts.to_json()
    Campaign.objects.filter(pk=campaign.pk).update(profile=campaign.profile)
