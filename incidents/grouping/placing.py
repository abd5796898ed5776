"""Puts one case into a campaign: an existing one, or a new one of its own; and takes it out."""

from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from django.db.models import Max

from complaints import organisation
from complaints.audit import MACHINE
from complaints.models import Complaint
from incidents.grouping import case as cases
from incidents.grouping import relapse
from incidents.grouping.casework import Found, cases_of
from incidents.grouping.decision import (
    JOIN_FROM,
    PROPOSE_FROM,
    VERSION,
    Decision,
    Known,
    Outcome,
    Rated,
    decide,
    rate,
)
from incidents.grouping.profile import HOUR, Profile
from incidents.grouping.stock import Stock, pairs_of
from incidents.models import Campaign, Incident, IncidentComplaint, Placement

MOST_REASONS = 12
# So many cases of a campaign tell whether it is one with another.
SAMPLE = 12
MOST_LOOKED_AT = 4


def decision_on(stock: Stock, found: Found, own: Container[int] = ()) -> Decision:
    """Where a case belongs by today's rules and what is stored. Changes nothing.

    own  incidents that its complaint is in: by content alone none joins another closed one
    """
    known = stock.known(found.case, found.messages, unless=_over_for(found, own))
    return decide(found.case, known, stock.rarity(found.case))


def _over_for(found: Found, own: Container[int]) -> Callable[[Campaign], bool]:
    """Whether a campaign is of an incident that has ended, for this case."""

    def is_over(campaign: Campaign) -> bool:
        incident = campaign.incident
        if incident is None or incident.is_open or incident.pk in own:
            return False
        return not found.messages or relapse.is_long_over(incident, found.case.at)

    return is_over


def _ended(stock: Stock, found: Found, own: Container[int]) -> Campaign | None:
    """The campaign that it would have joined, had it come before its incident had ended."""
    is_over = _over_for(found, own)
    known = stock.known(found.case, found.messages)
    over = [one for one in known if is_over(stock.campaign(one.campaign))]
    rivals, rarity = [one.profile for one in over], stock.rarity(found.case)
    rated = [rate(_then(found.case, one.profile), one, rarity, rivals) for one in over]
    best = max(rated, key=lambda one: (one.score, -one.campaign), default=None)
    return stock.campaign(best.campaign) if best and best.score >= JOIN_FROM else None


def _then(case: cases.Case, profile: Profile) -> cases.Case:
    """The case as if it had passed with the last ones of a campaign."""
    return replace(case, at=datetime.fromtimestamp(max(profile.hours) * HOUR, UTC))


def place(
    stock: Stock,
    found: Found,
    complaint: Complaint | None,
    *,
    own: Container[int] = (),
    now: datetime,
) -> Placement:
    """Put the case where it belongs. Call it inside a transaction that keeps others waiting.

    A case without any lead gets a placement in no campaign. It is written with the stock.
    own  incidents that the complaint is in
    """
    decided = decision_on(stock, found, own)
    campaign = None
    if decided.outcome == Outcome.JOIN and decided.best is not None:
        campaign = stock.campaign(decided.best.campaign)
    elif decided.outcome != Outcome.NO_LEAD:
        like = _like(stock, decided)
        campaign = stock.open(found.title, continues=_ended(stock, found, own), **like)
    placement = Placement(
        key=found.case.key,
        complaint=complaint,
        campaign=campaign,
        at=found.case.at,
        case=found.case.to_json(),
        incident_keys=[[key.kind, key.value, key.reason, key.by] for key in found.keys],
        placed_at=now,
        **said_of(decided),
    )
    stock.put(placement, found.messages)
    if campaign is not None:
        stock.count_in(campaign, found.case)
        _name(campaign, found.title)
        _unite_if_one(stock, placement, decided)
    return placement


def _like(stock: Stock, decided: Decision) -> dict[str, Any]:
    """The campaign that a case may belong to, as the campaign that it opens keeps it."""
    if decided.outcome != Outcome.PROPOSE or decided.best is None:
        return {}
    return {
        "resembles": stock.campaign(decided.best.campaign),
        "resembles_why": _reasons(decided.best)[:4],
    }


def _unite_if_one(stock: Stock, placement: Placement, decided: Decision) -> None:
    """Where a case fits two campaigns, look whether they are one; the older stays."""
    second, campaign = decided.runner_up, placement.campaign
    if second is None or campaign is None or second.score < JOIN_FROM:
        return
    other = stock.campaign(second.campaign)
    ends = {campaign.incident_id, other.incident_id} - {None}
    size = min(stock.profile(campaign).told, stock.profile(other).told)
    # As they grow it is looked at ever more rarely.
    if len(ends) > 1 or not (size <= MOST_LOOKED_AT or size & (size - 1) == 0):
        return
    if _by_a_person(campaign, other):
        return
    stock.write()
    if _are_one(stock, campaign, other):
        keep, go = sorted((campaign, other), key=lambda one: (one.incident_id is None, one.pk))
        unite(stock, keep, go)


def unite(stock: Stock, campaign: Campaign, other: Campaign) -> None:
    """Let the first campaign take in the other: its cases, messages and complaints.

    Call it when the stock is written.
    """
    other.placements.update(campaign=campaign)
    for rows, named in (
        (Campaign.messages.through.objects, "relayedmessage"),
        (IncidentComplaint.campaigns.through.objects, "incidentcomplaint"),
    ):
        theirs, ours = rows.filter(campaign=other), rows.filter(campaign=campaign)
        theirs.filter(**{f"{named}__in": ours.values(named)}).delete()
        theirs.update(campaign=campaign)
    Campaign.objects.filter(merged_into=other).update(merged_into=campaign)
    Campaign.objects.filter(pk=other.pk).update(merged_into=campaign)
    other.merged_into = campaign
    stock.unite(campaign, other)
    stock.write()


def keep_cases(members: Sequence[tuple[Complaint, Campaign]], *, now: datetime) -> None:
    """Placements of complaints that are known to be of a campaign; of those about nothing else."""
    complaints = [complaint for complaint, _ in members]
    stock = Stock()
    stock.count_anew({campaign.pk for _, campaign in members})
    cases = cases_of(complaints, organisation.ourselves())
    for (complaint, campaign), found in zip(members, cases, strict=True):
        if len(found) != 1:
            continue
        placement = Placement(
            key=found[0].case.key,
            complaint=complaint,
            campaign=campaign,
            at=found[0].case.at,
            case=found[0].case.to_json(),
            rules=VERSION,
            placed_at=now,
        )
        stock.put(placement, ())
        stock.count_in(campaign, found[0].case)
    stock.write()


def standing(campaign: Campaign) -> Campaign:
    """The campaign, or the one that has taken it in."""
    return campaign if campaign.merged_into is None else standing(campaign.merged_into)


def _by_a_person(*campaigns: Campaign) -> bool:
    return Placement.objects.filter(campaign__in=campaigns).exclude(placed_by=MACHINE).exists()


def _are_one(stock: Stock, campaign: Campaign, other: Campaign) -> bool:
    """Whether the cases of the smaller one fit the bigger: those with content, if any have some."""
    small, big = sorted((campaign, other), key=lambda one: stock.profile(one).cases)
    complained_of = small.placements.exclude(complaint=None).exclude(case={}).order_by("pk")
    sample = [cases.from_json(one.key, one.case) for one in complained_of[:SAMPLE]]
    known = Known(big.pk, stock.profile(big))
    stock.values.load({pair for case in sample for pair in pairs_of(case)})
    found = [
        rate(case, known, stock.rarity(case), [known.profile]).score
        for case in cases.telling(sample)
    ]
    return bool(found) and sum(found) / len(found) >= JOIN_FROM


def rated_in(stock: Stock, incident: Incident, case: cases.Case) -> Rated | None:
    """The campaign of one incident that a case fits best; None where it may not be meant."""
    known = stock.known(case)
    rivals = [one.profile for one in known]
    rated = [
        rate(case, one, stock.rarity(case), rivals)
        for one in known
        if stock.campaign(one.campaign).incident_id == incident.pk
    ]
    best = max(rated, key=lambda one: (one.score, -one.campaign), default=None)
    return best if best is not None and best.score >= PROPOSE_FROM else None


def take_out(stock: Stock, placements: Iterable[Placement]) -> None:
    """Forget where the program placed cases of a complaint, as if it had just been read.

    What a person placed stays. Of the database only the placements, and campaigns that nobody is
    in any more, are changed: the counts are written with the stock.
    """
    by_machine = [one for one in placements if one.placed_by == MACHINE]
    uncount(stock, by_machine)
    for placement in by_machine:
        if placement.campaign_id is not None:
            _drop_if_empty(stock, stock.campaign(placement.campaign_id), placement)
        placement.delete()


def uncount(stock: Stock, placements: Iterable[Placement]) -> None:
    """Count cases out of their campaigns."""
    for placement in placements:
        if placement.campaign_id is not None and placement.case:
            campaign = stock.campaign(placement.campaign_id)
            stock.count_out(campaign, cases.from_json(placement.key, placement.case))


def into_incident(campaign: Campaign, incident: Incident) -> None:
    """Give a campaign that is in no incident its place in one."""
    last = incident.campaigns.aggregate(last=Max("number"))["last"] or 0
    campaign.incident, campaign.number = incident, last + 1
    campaign.save(update_fields=["incident", "number"])


def said_of(decided: Decision) -> dict[str, Any]:
    """The columns of a placement that say why."""
    joined = decided.outcome == Outcome.JOIN and decided.best is not None
    best = decided.best if joined else None
    second = decided.runner_up if joined else decided.best or decided.runner_up
    return {
        "reasons": _reasons(best) if best else [],
        "score": round(best.score, 2) if best else 0.0,
        "runner_up": (
            {
                "campaign": second.campaign,
                "score": round(second.score, 2),
                "reasons": _reasons(second)[:4],
            }
            if second
            else {}
        ),
        "rules": VERSION,
    }


def _reasons(rated: Rated) -> list[dict[str, Any]]:
    return [
        {"fact": term.words, "weight": round(term.weight, 2)} for term in rated.terms[:MOST_REASONS]
    ]


def _name(campaign: Campaign, title: str) -> None:
    """A campaign is called by a subject as soon as one is known."""
    if title and "@" in campaign.title and title != campaign.title:
        campaign.title = title
        Campaign.objects.filter(pk=campaign.pk).update(title=title)


def _drop_if_empty(stock: Stock, campaign: Campaign, leaving: Placement) -> None:
    """A campaign that nobody is in, and that no incident knows, was never one.

    One that has taken in another stays: the other leads to it.
    """
    if campaign.incident is not None or campaign.merged_from.exists():
        return
    if not campaign.placements.exclude(pk=leaving.pk).exists():
        stock.forget(campaign)
        campaign.delete()
