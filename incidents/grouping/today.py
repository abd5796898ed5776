"""What today's rules say of complaints that are placed already: they are seen as if just read.

Changes nothing: the cases of a complaint are counted out of their campaigns in memory, and back in.
Many complaints at once share what is read for them.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from complaints import organisation
from complaints.audit import MACHINE
from complaints.models import Complaint
from incidents.grouping import case as cases
from incidents.grouping import placing
from incidents.grouping.casework import Found, cases_of
from incidents.grouping.decision import Outcome
from incidents.grouping.stock import Stock, pairs_of
from incidents.models import Incident, IncidentComplaint, Placement


@dataclass(frozen=True, slots=True)
class Assignment:
    """Where a complaint belongs, with the reasons.

    incident  one that is open already; None if one has to be opened
    """

    incident: Incident | None = None
    reasons: tuple[str, ...] = ()


def decide_all(
    complaints: Sequence[Complaint],
) -> Iterator[tuple[Complaint, Assignment | None, set[int]]]:
    """Yield each complaint, the incident that today's rules name for it, and those it is in.

    None for none; the incidents it is in by their keys.
    """
    found = cases_of(complaints, organisation.ourselves())
    placed = _placed(complaints)
    homes: dict[int, set[int]] = defaultdict(set)
    rows = IncidentComplaint.objects.filter(complaint__in=complaints)
    for complaint_id, incident_id in rows.values_list("complaint_id", "incident_id"):
        homes[complaint_id].add(incident_id)
    stock = _stock(found, [one for some in placed.values() for one in some])
    for complaint, own in zip(complaints, found, strict=True):
        counted = [
            (stock.campaign(one.campaign_id), cases.from_json(one.key, one.case))
            for one in placed[complaint.pk]
            if one.campaign_id is not None and one.case
        ]
        for campaign, case in counted:
            stock.count_out(campaign, case)
            stock.let_go(campaign, case)
        named = _first_named(stock, own, homes[complaint.pk])
        for campaign, case in counted:
            stock.count_in(campaign, case)
            stock.take_back(campaign, case)
        yield complaint, named, homes[complaint.pk]


def _placed(complaints: Sequence[Complaint]) -> dict[int, list[Placement]]:
    """Where the program placed their cases; what a person placed is not questioned."""
    placed: dict[int, list[Placement]] = defaultdict(list)
    for one in Placement.objects.filter(complaint__in=complaints, placed_by=MACHINE):
        placed[one.complaint_id or 0].append(one)
    return placed


def _stock(found: Iterable[Sequence[Found]], placed: Sequence[Placement]) -> Stock:
    stock, every = Stock(), [one for some in found for one in some]
    stock.read([one.case for one in every], [row for one in every for row in one.messages])
    stock.look_up({one.campaign_id for one in placed if one.campaign_id is not None})
    before = [cases.from_json(one.key, one.case) for one in placed if one.case]
    stock.values.load({pair for case in before for pair in pairs_of(case)})
    return stock


def _first_named(stock: Stock, found: Sequence[Found], own: set[int]) -> Assignment | None:
    for one in found:
        named = _named(stock, one, own)
        if named is not None:
            return named
    return None


def _named(stock: Stock, found: Found, own: set[int]) -> Assignment | None:
    decided = placing.decision_on(stock, found, own)
    if decided.outcome == Outcome.JOIN and decided.best is not None:
        campaign = stock.campaign(decided.best.campaign)
        if campaign.incident is not None:
            words = tuple(term.words for term in decided.best.terms if term.weight > 0)
            return Assignment(campaign.incident, words)
    for key in found.keys:
        incident = Incident.objects.with_key(key.kind, key.value).first()
        if incident is not None:
            return Assignment(incident, (key.reason,))
    return Assignment(None, (found.keys[0].reason,)) if found.keys else None
