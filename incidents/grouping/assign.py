"""group_complaint(): finds the incidents of a complaint, or opens them with their tasks."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from complaints import audit, organisation
from complaints.models import Complaint, Link, MailHost, RelayedMessage
from complaints.repeats import earlier_of_linked
from incidents.grouping import placing
from incidents.grouping.casework import cases_of
from incidents.grouping.decision import VERSION, Outcome
from incidents.grouping.keys import GroupKey
from incidents.grouping.opening import open_incident
from incidents.grouping.relapse import note_relapse
from incidents.models import Campaign, Correction, Incident, IncidentComplaint, Placement
from incidents.workflow import planning

# So many complaints about one campaign open an incident, though nothing ties it to a hole.
ENOUGH_COMPLAINTS = 2


@dataclass(frozen=True, slots=True)
class Assignment:
    """Where a complaint belongs, with the reasons.

    incident  one that is open already; None if one has to be opened
    """

    incident: Incident | None = None
    reasons: tuple[str, ...] = ()


def group_complaint(complaint: Complaint, *, now: datetime) -> bool:
    """Put a complaint into its incidents; False if another worker got there first."""
    try:
        return _group(complaint, now=now)
    except IntegrityError:
        # Another worker opened the same incident between our look and our row: it is there now.
        return _group(complaint, now=now)


def _group(complaint: Complaint, *, now: datetime) -> bool:
    stage_before = complaint.stage
    found = cases_of(complaint, organisation.ourselves())
    try:
        with audit.together():
            # One decides at a time: what it places, the next one sees.
            audit.keep_others_waiting()
            if not Complaint.objects.move(
                complaint, to=Complaint.Stage.GROUPED, next_attempt_at=None
            ):
                return False
            placing.take_out(complaint)
            # One that is in an incident is no repetition any more: it would vanish from there.
            is_member = complaint.memberships.exists()
            earlier = None if is_member else earlier_of_linked(complaint)
            if earlier is not None:
                _set_aside_as_repetition(complaint, earlier, now=now)
                return True
            placed = [placing.place(one, complaint, now=now) for one in found]
            placed += _by_thread(complaint, placed, now=now)
            bring_into_incidents(placed, now=now)
            if not complaint.memberships.exists():
                Complaint.objects.move(complaint, to=Complaint.Stage.OPEN)
                audit.record("complaint-in-no-incident", complaint, at=now)
    except IntegrityError:
        complaint.stage = stage_before
        raise
    return True


def decide(complaint: Complaint) -> Assignment | None:
    """The incident today's rules name for a complaint, None for none. Changes nothing.

    Its own cases count for nothing: they are taken out first, and that is taken back.
    """
    with transaction.atomic():
        placing.take_out(complaint)
        named = _named(complaint)
        transaction.set_rollback(True)
    return named


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


def bring_into_incidents(placed: list[Placement], *, now: datetime) -> None:
    """Let complaints join the incidents of the campaigns they were placed in.

    Where that names the incident of a campaign that had none, all its complaints join.
    """
    for placement in placed:
        placement.refresh_from_db(fields=["campaign"])  # it may have been taken in by another
    for campaign in _campaigns_of(placed):
        joining = [one for one in placed if one.campaign == campaign]
        if campaign.incident is None:
            everybody = campaign.placements.exclude(complaint=None).select_related("complaint")
            joining = list(everybody)
            incident = _incident_for(campaign, joining, now=now)
            if incident is None:
                continue
            placing.into_incident(campaign, incident)
        for placement in joining:
            _join(campaign, placement, now=now)


def _join(campaign: Campaign, placement: Placement, *, now: datetime) -> None:
    incident, complaint = campaign.incident, placement.complaint
    if incident is None or complaint is None:
        return
    if _kept_out(complaint, incident):
        return
    reasons = _words_of(placement)
    membership, is_new = IncidentComplaint.objects.get_or_create(
        incident=incident,
        complaint=complaint,
        defaults={"joined_at": now, "reasons": [{"fact": reason} for reason in reasons]},
    )
    if membership.campaigns.filter(pk=campaign.pk).exists():
        return
    membership.campaigns.add(campaign)
    if not is_new:
        return
    if complaint.stage == Complaint.Stage.OPEN:
        Complaint.objects.move(complaint, to=Complaint.Stage.GROUPED)
    audit.record(
        "complaint-joined", complaint, at=now, incident=incident.reference, reasons=reasons
    )
    planning.plan_for_complaint(incident, complaint, now=now)
    note_relapse(incident, _held(complaint), now=now)


def _kept_out(complaint: Complaint, incident: Incident) -> bool:
    """Whether a person took the complaint out of the incident."""
    taken_out = Correction.objects.filter(complaint=complaint, incident=incident, undone_at=None)
    return taken_out.exists()


def _named(complaint: Complaint) -> Assignment | None:
    for found in cases_of(complaint, organisation.ourselves()):
        decided = placing.decision_on(found, complaint)
        if decided.outcome == Outcome.JOIN and decided.best is not None:
            campaign = Campaign.objects.select_related("incident").get(pk=decided.best.campaign)
            if campaign.incident is not None:
                words = tuple(term.words for term in decided.best.terms if term.weight > 0)
                return Assignment(campaign.incident, words)
        for key in found.keys:
            incident = Incident.objects.with_key(key.kind, key.value).first()
            if incident is not None:
                return Assignment(incident, (key.reason,))
        if found.keys:
            return Assignment(None, (found.keys[0].reason,))
    return None


def _incident_for(
    campaign: Campaign, placements: list[Placement], *, now: datetime
) -> Incident | None:
    """The incident that its cases name, the strongest key first; opened if there is none yet."""
    by_machine = [one for one in placements if one.placed_by == audit.MACHINE]
    keys = [GroupKey(*key) for placement in by_machine for key in placement.incident_keys]
    for key in keys:
        known = Incident.objects.with_key(key.kind, key.value).first()
        if known is not None:
            return known
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
        now=now,
    )


def _by_thread(complaint: Complaint, placed: list[Placement], *, now: datetime) -> list[Placement]:
    """A mail in a thread that shows nothing itself is about what the first mail is about.

    And where the first showed nothing, it is about what this one shows.
    """
    first = complaint.follows
    if first is None:
        return []
    first = first.duplicate_of or first
    there = _campaigns_of(first.placements.select_related("campaign"))
    here = _campaigns_of(placed)
    if there and not here:
        return [_follow(complaint, campaign, first, now=now) for campaign in there]
    if here and not there and first.stage == Complaint.Stage.OPEN:
        return [_follow(first, campaign, complaint, now=now) for campaign in here]
    return []


def _follow(
    complaint: Complaint, campaign: Campaign, other: Complaint, *, now: datetime
) -> Placement:
    return Placement.objects.create(
        key=f"{complaint.reference}/t{campaign.pk}",
        complaint=complaint,
        campaign=campaign,
        at=complaint.arrived_at,
        reasons=[{"fact": f"it is in one thread with {other.reference}", "weight": 50.0}],
        rules=VERSION,
        placed_at=now,
    )


def _campaigns_of(placements: Iterable[Placement]) -> list[Campaign]:
    found = [one.campaign for one in placements if one.campaign is not None]
    return list(dict.fromkeys(found))


def _words_of(placement: Placement) -> list[str]:
    """Why it is there, in words: what names the incident, and what it shares with others."""
    named = [reason for _, _, reason, *_ in placement.incident_keys]
    shared = [one["fact"] for one in placement.reasons if one["weight"] > 0]
    return [*named[:1], *shared]


def _held(complaint: Complaint) -> list[RelayedMessage]:
    links = complaint.links.filter(state__in=Link.HOLDING).select_related("message")
    return [link.message for link in links]
