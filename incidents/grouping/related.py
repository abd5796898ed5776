"""Incidents that share rare facts with one: suggested to a person with those facts, never joined.

Looked up by the index of values that grouping keeps: the same few queries however many incidents
there are.
"""

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Q

from incidents.grouping.case import Trait
from incidents.grouping.values import Pair, Values
from incidents.models import Campaign, Correction, Incident

# What one abuser takes along from one hole to the next. Words of subjects are anybody's, and a
# network alone is its provider's: it only adds to other facts.
TELLING = (
    Trait.ACCOUNT,
    Trait.SCRIPT,
    Trait.PROGRAM,
    Trait.MACHINE,
    Trait.LINK_DOMAIN,
    Trait.PAGE,
    Trait.FILE,
    Trait.CONTACT,
    Trait.SENDER,
    Trait.NETWORK,
)
# A value that more campaigns have is of a provider, not of an abuser.
MOST_WITH = 12
MOST_CAMPAIGNS = 30
MOST_SUGGESTED = 5
MOST_FACTS = 6


@dataclass(frozen=True, slots=True)
class Related:
    """An incident that may have to do with another.

    facts   (trait, value) that both have, the rarest first
    points  how rare they are together, in nats; only their order means anything
    """

    incident: Incident
    facts: tuple[Pair, ...]
    points: float


def related_to(incident: Incident) -> list[Related]:
    """The incidents that share most with one, and that nobody has kept apart from it."""
    own = incident.campaigns.filter(merged_into=None).order_by("-pk")[:MOST_CAMPAIGNS]
    pairs = {(kind, value) for one in own for kind, value in one.shown if kind in TELLING}
    if not pairs:
        return []
    values = Values()
    values.load(pairs)
    rarity = values.rarity([*pairs])
    having = {
        pair: found
        for pair, found in values.having(pairs).items()
        if rarity.campaigns_with(*pair) <= MOST_WITH
    }
    numbers = {one for found in having.values() for one in found}
    others = Campaign.objects.filter(pk__in=numbers, incident__merged_into=None)
    homes = {
        one.pk: one.incident
        for one in others.exclude(incident=incident).select_related("incident")
        if one.incident is not None
    }
    facts: dict[Incident, dict[Pair, float]] = defaultdict(dict)
    for pair, found in having.items():
        for number in found:
            if number in homes:
                facts[homes[number]][pair] = rarity.information(*pair)
    apart = kept_apart_from(incident)
    ranked = [
        _related(one, told)
        for one, told in facts.items()
        if one.pk not in apart and any(kind != Trait.NETWORK for kind, _ in told)
    ]
    return sorted(ranked, key=lambda one: (-one.points, -one.incident.pk))[:MOST_SUGGESTED]


def kept_apart_from(incident: Incident) -> set[int]:
    """The incidents of which a person said that they are not this one."""
    said = Correction.objects.filter(
        Q(incident=incident) | Q(into=incident),
        kind=Correction.Kind.APART,
        complaint=None,
        undone_at=None,
    )
    return {one for pair in said.values_list("incident_id", "into_id") for one in pair if one}


def _related(incident: Incident, told: dict[Pair, float]) -> Related:
    order = sorted(told, key=lambda pair: (-told[pair], pair))
    return Related(incident, tuple(order[:MOST_FACTS]), sum(told.values()))
