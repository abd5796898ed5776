"""group_complaints(): finds the incidents of complaints, or opens them with their tasks."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import IntegrityError

from complaints import audit, organisation
from complaints.models import Complaint, Link, MailHost, RelayedMessage
from complaints.repeats import SameCopies
from incidents.grouping import placing, relapse
from incidents.grouping.casework import Found, cases_of
from incidents.grouping.decision import VERSION
from incidents.grouping.keys import GroupKey
from incidents.grouping.members import Members
from incidents.grouping.opening import open_incident
from incidents.grouping.stock import Stock
from incidents.models import Campaign, Incident, Placement
from incidents.workflow import planned, planning

# So many complaints about one campaign open an incident, though nothing ties it to a hole.
ENOUGH_COMPLAINTS = 2


def group_complaint(complaint: Complaint, *, now: datetime) -> bool:
    """Put a complaint into its incidents; False if another worker got there first."""
    return bool(group_complaints([complaint], now=now))


def group_complaints(complaints: Sequence[Complaint], *, now: datetime) -> list[Complaint]:
    """Put complaints into their incidents, in their order, as one by one; which of them moved.

    In one transaction: if something goes wrong with any, none has moved.
    """
    try:
        return _group(complaints, now=now)
    except IntegrityError:
        # Another worker opened the same incident between our look and our row: it is there now.
        return _group(complaints, now=now)


def _group(complaints: Sequence[Complaint], *, now: datetime) -> list[Complaint]:
    stages_before = [complaint.stage for complaint in complaints]
    cases = cases_of(complaints, organisation.ourselves())
    try:
        with audit.together():
            # One decides at a time: what it places, the next one sees.
            audit.keep_others_waiting()
            ours = Complaint.objects.move_those(
                complaints, to=Complaint.Stage.GROUPED, next_attempt_at=None
            )
            found = dict(zip(complaints, cases, strict=True))
            if ours:
                with planned.looked_up(ours):
                    _group_moved([(one, found[one]) for one in ours], now=now)
    except BaseException:
        for complaint, stage in zip(complaints, stages_before, strict=True):
            complaint.stage = stage
        raise
    return ours


def _group_moved(moved: Sequence[tuple[Complaint, list[Found]]], *, now: datetime) -> None:
    stock, members = Stock(), Members([complaint for complaint, _ in moved])
    every = [one for _, found in moved for one in found]
    stock.read([one.case for one in every], [row for one in every for row in one.messages])
    copies = SameCopies([complaint for complaint, _ in moved])
    before = _placed_before([complaint for complaint, _ in moved])
    for complaint, found in moved:
        kept = _taken_out(stock, before[complaint.pk])
        # One that is in an incident is no repetition any more: it would vanish from there.
        own = members.incidents_of(complaint)
        earlier = None if own else copies.earlier_of(complaint)
        if earlier is not None:
            _set_aside_as_repetition(complaint, earlier, now=now)
            continue
        placed = [
            kept.get(one.case.key) or placing.place(stock, one, complaint, own=own, now=now)
            for one in found
        ]
        placed += _by_thread(stock, complaint, placed, now=now)
        bring_into_incidents(stock, members, placed, now=now)
        if not members.incidents_of(complaint):
            Complaint.objects.move(complaint, to=Complaint.Stage.OPEN)
            audit.record("complaint-in-no-incident", complaint, at=now)
    stock.write()
    members.write()


def _placed_before(complaints: Sequence[Complaint]) -> dict[int, list[Placement]]:
    placed: dict[int, list[Placement]] = {complaint.pk: [] for complaint in complaints}
    for placement in Placement.objects.filter(complaint__in=complaints):
        if placement.complaint_id is not None:
            placed[placement.complaint_id].append(placement)
    return placed


def _taken_out(stock: Stock, before: list[Placement]) -> dict[str, Placement]:
    """Forget where the program placed them; those that a person placed, by their key."""
    placing.take_out(stock, before)
    kept = [placement for placement in before if placement.placed_by != audit.MACHINE]
    for placement in kept:
        if placement.campaign_id is not None:
            placement.campaign = stock.campaign(placement.campaign_id)
    return {placement.key: placement for placement in kept}


def _set_aside_as_repetition(complaint: Complaint, earlier: Complaint, *, now: datetime) -> None:
    Complaint.objects.move(complaint, to=Complaint.Stage.DUPLICATE, duplicate_of=earlier)
    audit.record(
        "complaint-duplicate",
        complaint,
        at=now,
        format=complaint.format,
        reason="the log shows one copy, which was reported before",
        duplicate_of=earlier.reference,
    )


def bring_into_incidents(
    stock: Stock, members: Members, placed: list[Placement], *, now: datetime
) -> None:
    """Let complaints join the incidents of the campaigns they were placed in.

    Where that names the incident of a campaign that had none, all its complaints join.
    """
    for campaign in _campaigns_of(placed):
        joining = [
            one for one in placed if one.campaign and placing.standing(one.campaign) == campaign
        ]
        if campaign.incident is None:
            stock.write()
            everybody = campaign.placements.exclude(complaint=None).select_related("complaint")
            joining = list(everybody)
            incident = _incident_for(campaign, joining, now=now)
            if incident is None:
                continue
            placing.into_incident(campaign, incident)
            ours = {one.complaint_id: one.complaint for one in placed}
            for one in joining:
                one.complaint = ours.get(one.complaint_id) or one.complaint
        for placement in joining:
            _join(members, campaign, placement, now=now)


def _join(members: Members, campaign: Campaign, placement: Placement, *, now: datetime) -> None:
    incident, complaint = campaign.incident, placement.complaint
    if incident is None or complaint is None or members.is_kept_out(complaint, incident):
        return
    reasons = _words_of(placement)
    if not members.join(incident, complaint, campaign, reasons, now=now):
        return
    if complaint.stage == Complaint.Stage.OPEN:
        Complaint.objects.move(complaint, to=Complaint.Stage.GROUPED)
    audit.record(
        "complaint-joined", complaint, at=now, incident=incident.reference, reasons=reasons
    )
    planning.plan_for_complaint(incident, complaint, now=now)
    if incident.state in relapse.ENDED:
        relapse.note_relapse(incident, _held(complaint), now=now)


def _incident_for(
    campaign: Campaign, placements: list[Placement], *, now: datetime
) -> Incident | None:
    """The incident that its cases name, the strongest key first; opened if there is none yet."""
    by_machine = [one for one in placements if one.placed_by == audit.MACHINE]
    keys = [GroupKey(*key) for placement in by_machine for key in placement.incident_keys]
    last_at = max((one.at for one in by_machine), default=now)
    follows = campaign.continues.incident if campaign.continues else None
    for key in keys:
        known, ended = relapse.known_by(key.kind, key.value, last_at)
        if known is not None:
            return known
        follows = ended or follows
    if not keys:
        if len({placement.complaint_id for placement in placements}) < ENOUGH_COMPLAINTS:
            return None
        keys = [
            GroupKey(
                "content", f"campaign {campaign.pk}", f"complaints are alike: {campaign.title}"
            )
        ]
    first = placements[0].complaint
    return open_incident(
        keys[0],
        origin=Incident.Origin.COMPLAINT,
        why=f"{first.reference if first else ''}: {keys[0].reason}.",
        host=MailHost.objects.filter(name=keys[0].value.partition(":")[0]).first(),
        about=campaign.title,
        follows=follows,
        now=now,
    )


def _by_thread(
    stock: Stock, complaint: Complaint, placed: list[Placement], *, now: datetime
) -> list[Placement]:
    """A mail in a thread that shows nothing itself is about what the first mail is about.

    And where the first showed nothing, it is about what this one shows.
    """
    first = complaint.follows
    if first is None:
        return []
    first = first.duplicate_of or first
    stock.write()
    held = first.placements.exclude(campaign=None).order_by("pk")
    there = list(dict.fromkeys(stock.campaign(one.campaign_id or 0) for one in held))
    here = _campaigns_of(placed)
    if there and not here:
        return [_follow(stock, complaint, campaign, first, now=now) for campaign in there]
    if here and not there and first.stage == Complaint.Stage.OPEN:
        return [_follow(stock, first, campaign, complaint, now=now) for campaign in here]
    return []


def _follow(
    stock: Stock, complaint: Complaint, campaign: Campaign, other: Complaint, *, now: datetime
) -> Placement:
    placement = Placement(
        key=f"{complaint.reference}/t{campaign.pk}",
        complaint=complaint,
        campaign=campaign,
        at=complaint.arrived_at,
        reasons=[{"fact": f"it is in one thread with {other.reference}", "weight": 50.0}],
        rules=VERSION,
        placed_at=now,
    )
    stock.put(placement, ())
    return placement


def _campaigns_of(placements: Iterable[Placement]) -> list[Campaign]:
    found = [placing.standing(one.campaign) for one in placements if one.campaign is not None]
    return list(dict.fromkeys(found))


def _words_of(placement: Placement) -> list[str]:
    """Why it is there, in words: what names the incident, and what it shares with others."""
    named = [reason for _, _, reason, *_ in placement.incident_keys]
    shared = [one["fact"] for one in placement.reasons if one["weight"] > 0]
    return [*named[:1], *shared]


def _held(complaint: Complaint) -> list[RelayedMessage]:
    links = complaint.links.filter(state__in=Link.HOLDING).select_related("message")
    return [link.message for link in links]
