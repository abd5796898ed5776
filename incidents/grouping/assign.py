"""group_complaint(): finds the incident of a complaint, or opens one with its tasks."""

from dataclasses import dataclass, field
from datetime import datetime

from django.db import IntegrityError, transaction

from complaints import audit, organisation
from complaints.maillog.direction import Ourselves
from complaints.models import Complaint, Link, MailHost, ReportedMessage
from incidents.grouping import campaigns
from incidents.grouping.keys import (
    Content,
    GroupKey,
    LinkedMessage,
    campaign_keys,
    incident_keys,
)
from incidents.grouping.opening import open_incident
from incidents.grouping.relapse import note_relapse
from incidents.models import CampaignKey, Incident, IncidentComplaint
from incidents.workflow import planning


@dataclass(frozen=True, slots=True)
class Assignment:
    """Where a complaint belongs, with the reasons.

    incident  one that is open already; None if `key` has to open it
    key       what names the incident; None where only content or a thread led there
    """

    incident: Incident | None = None
    key: GroupKey | None = None
    reasons: tuple[str, ...] = ()
    content: list[list[GroupKey]] = field(default_factory=list)


def group_complaint(complaint: Complaint, *, now: datetime) -> bool:
    """Put a complaint into its incident; False if another worker got there first."""
    try:
        return _group(complaint, now=now)
    except IntegrityError:
        # Another worker opened the same incident between our look and our row: it is there now.
        return _group(complaint, now=now)


def _group(complaint: Complaint, *, now: datetime) -> bool:
    assignment = decide(complaint)
    stage = Complaint.Stage.GROUPED if assignment else Complaint.Stage.OPEN
    stage_before = complaint.stage
    try:
        with transaction.atomic():
            if not Complaint.objects.move(complaint, to=stage, next_attempt_at=None):
                return False
            if assignment:
                _join(complaint, assignment, now=now)
            else:
                audit.record("complaint-in-no-incident", complaint, at=now)
    except IntegrityError:
        complaint.stage = stage_before
        raise
    return True


def decide(complaint: Complaint) -> Assignment | None:
    """The incident a complaint belongs to, or None if nothing ties it to any. Changes nothing."""
    us = organisation.ourselves()
    reported = list(complaint.reported_messages.all())
    links = list(complaint.links.filter(state__in=Link.HOLDING).select_related("message__host"))
    content = [_content_keys(message, links) for message in reported]
    keys = incident_keys(_linked_message(link, us) for link in links)
    for key in keys:
        incident = Incident.objects.with_key(key.kind, key.value).first()
        if incident is not None:
            return Assignment(incident, key, (key.reason,), content)
    if keys:
        return Assignment(None, keys[0], (keys[0].reason,), content)
    return _by_thread(complaint) or _by_content(content)


def _by_thread(complaint: Complaint) -> Assignment | None:
    if complaint.follows is None:
        return None
    incident = complaint.follows.incidents.order_by("pk").first()
    if incident is None:
        return None
    reason = f"it answers in the thread of {complaint.follows.reference}"
    membership = complaint.follows.memberships.filter(incident=incident).first()
    return Assignment(incident, None, (reason,), _keys_of(membership))


def _by_content(content: list[list[GroupKey]]) -> Assignment | None:
    """An open incident whose campaigns show the same content, told by the most shared keys."""
    wanted = {(key.kind, key.value): key for keys in content for key in keys}
    rows = CampaignKey.objects.filter(
        value__in=[value for _, value in wanted], incident__merged_into=None
    ).exclude(incident__state=Incident.State.CLOSED)
    shared: dict[int, list[GroupKey]] = {}
    for row in rows:
        if (row.kind, row.value) in wanted:
            shared.setdefault(row.incident_id, []).append(wanted[row.kind, row.value])
    if not shared:
        return None
    best = max(shared, key=lambda incident_id: (len(shared[incident_id]), -incident_id))
    reasons = tuple(f"like other complaints of it: {key.reason}" for key in shared[best])
    return Assignment(Incident.objects.get(pk=best), None, reasons, content)


def _join(complaint: Complaint, assignment: Assignment, *, now: datetime) -> None:
    incident = assignment.incident
    if incident is None and assignment.key is not None:
        incident = open_incident(
            assignment.key,
            origin=Incident.Origin.COMPLAINT,
            why=f"{complaint.reference}: {assignment.key.reason}.",
            host=MailHost.objects.filter(name=assignment.key.value.partition(":")[0]).first(),
            now=now,
        )
    if incident is None:
        raise ValueError("an assignment names an incident or the key that opens it")
    membership, _ = IncidentComplaint.objects.get_or_create(
        incident=incident,
        complaint=complaint,
        defaults={
            "joined_at": now,
            "reasons": [{"fact": reason} for reason in assignment.reasons],
        },
    )
    _place_in_campaigns(incident, membership, complaint, assignment.content)
    audit.record(
        "complaint-joined",
        complaint,
        at=now,
        incident=incident.reference,
        reasons=list(assignment.reasons),
    )
    planning.plan_for_complaint(incident, complaint, now=now)
    held = complaint.links.filter(state__in=Link.HOLDING).select_related("message")
    note_relapse(incident, [link.message for link in held], now=now)


def _place_in_campaigns(
    incident: Incident,
    membership: IncidentComplaint,
    complaint: Complaint,
    content: list[list[GroupKey]],
) -> None:
    for keys in content:
        campaign = campaigns.place(incident, keys)
        if campaign is not None:
            membership.campaigns.add(campaign)
    for link in complaint.links.filter(state__in=Link.HOLDING).select_related("message"):
        campaigns.place_messages(incident, [link.message])


def _content_keys(reported: ReportedMessage, links: list[Link]) -> list[GroupKey]:
    sender = next(
        (link.message.sender for link in links if link.reported_message_id == reported.pk), ""
    )
    senders = tuple(
        address.lower() for address in (reported.envelope_from, reported.header_from) if address
    )
    content = Content(senders=senders, subject=reported.subject, urls=tuple(reported.urls))
    return campaign_keys(content, linked_sender=sender)


def _keys_of(membership: IncidentComplaint | None) -> list[list[GroupKey]]:
    """A follow-up is about the campaigns of the complaint it follows."""
    if membership is None:
        return []
    return [
        [GroupKey(key.kind, key.value, key.reason) for key in campaign.keys.all()[:1]]
        for campaign in membership.campaigns.all()
    ]


def _linked_message(link: Link, us: Ourselves) -> LinkedMessage:
    message = link.message
    customer = us.customer_of(message.client_ip)
    return LinkedMessage(
        host=message.host.name,
        queue_id=message.queue_id,
        direction=message.direction,
        authenticated_user=message.authenticated_user,
        client_ip=message.client_ip,
        customer=customer,
        client_is_ours=us.has_address(message.client_ip),
        sender=message.sender,
    )
