"""Puts one case into a campaign: an existing one, or a new one of its own; and takes it out."""

from datetime import datetime

from django.db.models import Max

from complaints.audit import MACHINE
from complaints.models import Complaint
from incidents.grouping import case as cases
from incidents.grouping import index, profile
from incidents.grouping.case import Trait
from incidents.grouping.casework import Found
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
from incidents.models import Campaign, Incident, IncidentComplaint, Placement

MOST_REASONS = 12
# So many cases of a campaign tell whether it is one with another.
SAMPLE = 12


def decision_on(found: Found, complaint: Complaint | None) -> Decision:
    """Where a case belongs by today's rules and what is stored. Changes nothing.

    By content alone no complaint joins a closed incident, unless it is in it already.
    """
    rarity = index.rarity_of(found.case)
    closed = Incident.objects.filter(state=Incident.State.CLOSED)
    if found.messages:
        closed = closed.none()
    elif complaint is not None:
        closed = closed.exclude(memberships__complaint=complaint)
    known = index.known_for(rarity, found.messages, without=closed)
    return decide(found.case, known, rarity)


def place(found: Found, complaint: Complaint | None, *, now: datetime) -> Placement:
    """Put the case where it belongs. Call it inside a transaction that keeps others waiting.

    A case without any lead gets a placement in no campaign; one that a person placed stays.
    """
    by_person = Placement.objects.filter(key=found.case.key).select_related("campaign").first()
    if by_person is not None:
        return by_person
    decided = decision_on(found, complaint)
    campaign = None
    if decided.outcome == Outcome.JOIN and decided.best is not None:
        campaign = Campaign.objects.get(pk=decided.best.campaign)
    elif decided.outcome != Outcome.NO_LEAD:
        campaign = Campaign.objects.create(title=found.title)
    placement = Placement.objects.create(
        key=found.case.key,
        complaint=complaint,
        campaign=campaign,
        at=found.case.at,
        case=found.case.to_json(),
        incident_keys=[[key.kind, key.value, key.reason, key.by] for key in found.keys],
        placed_at=now,
        **said_of(decided),
    )
    if campaign is not None:
        index.count_in(campaign, found.case)
        campaign.messages.add(*found.messages)
        _name(campaign, found.title)
        unite_if_one(campaign, decided)
    return placement


def unite_if_one(campaign: Campaign, decided: Decision) -> None:
    """Where a case fits two campaigns, look whether they are one; the older stays."""
    second = decided.runner_up
    if second is None or second.score < JOIN_FROM:
        return
    other = Campaign.objects.get(pk=second.campaign)
    if _by_a_person(campaign) or _by_a_person(other):
        return
    ends = {campaign.incident_id, other.incident_id} - {None}
    size = min(_complaints_about(campaign), _complaints_about(other))
    if len(ends) < 2 and (size <= 4 or size & (size - 1) == 0) and _are_one(campaign, other):
        unite(*sorted((campaign, other), key=lambda one: (one.incident_id is None, one.pk)))


def unite(campaign: Campaign, other: Campaign) -> None:
    """Let the first campaign take in the other: its cases, messages and complaints."""
    other.placements.update(campaign=campaign)
    campaign.messages.add(*other.messages.all())
    other.messages.clear()
    for membership in IncidentComplaint.objects.filter(campaigns=other):
        membership.campaigns.add(campaign)
        membership.campaigns.remove(other)
    Campaign.objects.filter(merged_into=other).update(merged_into=campaign)
    Campaign.objects.filter(pk=other.pk).update(merged_into=campaign, profile={})
    other.merged_into = campaign
    other.keys.all().delete()
    index.rebuild(campaign, cases_in(campaign))


def _by_a_person(campaign: Campaign) -> bool:
    return campaign.placements.exclude(placed_by=MACHINE).exists()


def _complaints_about(campaign: Campaign) -> int:
    return campaign.placements.exclude(complaint=None).count()


def cases_in(campaign: Campaign) -> list[cases.Case]:
    """What its placements have of it; those in a thread show nothing themselves."""
    return [
        cases.from_json(placement.key, placement.case)
        for placement in campaign.placements.exclude(case={})
    ]


def _are_one(campaign: Campaign, other: Campaign) -> bool:
    """Whether the cases of the smaller one fit the bigger: those with content, if any have some."""
    small, big = sorted((campaign, other), key=lambda one: one.profile["cases"])
    complained_of = small.placements.exclude(complaint=None).exclude(case={})
    sample = [cases.from_json(one.key, one.case) for one in complained_of[:SAMPLE]]
    telling = [case for case in sample if case.has(Trait.BODY) or case.has(Trait.SUBJECT)]
    known = Known(big.pk, profile.from_json(big.profile))
    found = [
        rate(case, known, index.rarity_of(case), [known.profile]).score
        for case in telling or sample
    ]
    return bool(found) and sum(found) / len(found) >= JOIN_FROM


def rated_in(incident: Incident, case: cases.Case) -> Rated | None:
    """The campaign of one incident that a case fits best; None where it may not be meant."""
    rarity = index.rarity_of(case)
    known = index.known_for(rarity)
    own = set(incident.campaigns.filter(merged_into=None).values_list("pk", flat=True))
    rivals = [one.profile for one in known]
    rated = [rate(case, one, rarity, rivals) for one in known if one.campaign in own]
    best = max(rated, key=lambda one: (one.score, -one.campaign), default=None)
    return best if best is not None and best.score >= PROPOSE_FROM else None


def take_out(complaint: Complaint) -> None:
    """Forget where the program placed the cases of a complaint, as if it had just been read.

    What a person placed stays.
    """
    placed = complaint.placements.filter(placed_by=MACHINE)
    for placement in placed.select_related("campaign"):
        if placement.campaign is not None:
            if placement.case:
                index.count_out(placement.campaign, cases.from_json(placement.key, placement.case))
            _drop_if_empty(placement.campaign, placement)
        placement.delete()


def into_incident(campaign: Campaign, incident: Incident) -> None:
    """Give a campaign that is in no incident its place in one."""
    last = incident.campaigns.aggregate(last=Max("number"))["last"] or 0
    campaign.incident, campaign.number = incident, last + 1
    campaign.save(update_fields=["incident", "number"])


def said_of(decided: Decision) -> dict[str, object]:
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


def _reasons(rated: Rated) -> list[dict[str, object]]:
    return [
        {"fact": term.words, "weight": round(term.weight, 2)} for term in rated.terms[:MOST_REASONS]
    ]


def _name(campaign: Campaign, title: str) -> None:
    """A campaign is called by a subject as soon as one is known."""
    if title and "@" in campaign.title and title != campaign.title:
        campaign.title = title
        Campaign.objects.filter(pk=campaign.pk).update(title=title)


def _drop_if_empty(campaign: Campaign, leaving: Placement) -> None:
    """A campaign that nobody is in, and that no incident knows, was never one.

    One that has taken in another stays: the other leads to it.
    """
    if campaign.incident is not None or campaign.merged_from.exists():
        return
    if not campaign.placements.exclude(pk=leaving.pk).exists():
        campaign.delete()
