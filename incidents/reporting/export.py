"""Cases as JSON lines: one a received mail, as scorers and other programs read them."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db.models import Count, Prefetch

from complaints import organisation
from complaints.evidence.received import Hop, clients_of
from complaints.maillog.direction import Ourselves
from complaints.maillog.message_id import queue_id_in
from complaints.models import Arrival, Complaint, Link, ReportedMessage
from complaints.parsing import UNTELLING
from incidents.models import IncidentComplaint

# So many others of a campaign must agree, and so many for each that says as little as this one.
LEAST_TELLING, LEAST_SHARE = 2, 1.0

STATUS: dict[str, str] = {
    Complaint.Stage.DUPLICATE: "duplicate",
    Complaint.Stage.SET_ASIDE: "not-complaint",
    Complaint.Stage.FILED: "not-complaint",
    Complaint.Stage.QUARANTINED: "quarantined",
}


def cases(*, since: datetime | None = None) -> Iterator[dict[str, Any]]:
    """Yield the case of each mail, in the order of arrival; a second arrival is a duplicate."""
    us, told = organisation.ourselves(), _told_categories()
    arrivals = Arrival.objects.order_by("pk")
    if since is not None:
        arrivals = arrivals.filter(arrived_at__gte=since)
    seen: set[int] = set()
    links = Link.objects.filter(state__in=Link.HOLDING).select_related("message__host")
    memberships = IncidentComplaint.objects.select_related("incident").prefetch_related("campaigns")
    wanted = arrivals.prefetch_related(
        "complaint__reported_messages",
        "complaint__observables",
        Prefetch("complaint__links", links),
        Prefetch("complaint__memberships", memberships),
        Prefetch("complaint__duplicate_of__links", links),
        Prefetch("complaint__duplicate_of__memberships", memberships),
    ).select_related("complaint__duplicate_of")
    for arrival in wanted.iterator(chunk_size=500):
        again = arrival.complaint_id in seen
        seen.add(arrival.complaint_id)
        yield _case(arrival, us, told, again=again)


def _case(
    arrival: Arrival, us: Ourselves, told: dict[int, Counter[str]], *, again: bool
) -> dict[str, Any]:
    complaint = arrival.complaint
    is_complaint = complaint.stage not in STATUS or complaint.stage == Complaint.Stage.DUPLICATE
    status = STATUS.get(complaint.stage, "complaint")
    # What a duplicate is about is what its first report is about.
    first = complaint.duplicate_of or complaint
    incidents = _incidents(first) if is_complaint else []
    return {
        "source_message_id": complaint.message_id or None,
        "source_file": arrival.source_file or None,
        "complaint": complaint.reference,
        "status": "duplicate" if again and is_complaint else status,
        "format": complaint.format,
        "feedback_type": complaint.feedback_type or None,
        "category": _category(complaint, first, told) if is_complaint else None,
        "language": complaint.language or None,
        "reported": _reported(complaint, us) if is_complaint else _reported_nothing(),
        "relayed": [_relayed(link) for link in first.links.all()] if is_complaint else [],
        "incident": incidents[0] if incidents else None,
        "incidents": incidents,
        "evidence": [
            {
                "kind": found.kind,
                "value": found.value,
                "where": found.where,
                "origin": found.origin,
            }
            for found in complaint.observables.all()
        ],
    }


def _told_categories() -> dict[int, Counter[str]]:
    """How many complaints of each campaign are about what."""
    found: dict[int, Counter[str]] = {}
    rows = IncidentComplaint.objects.filter(campaigns__isnull=False).values_list(
        "campaigns", "complaint__category"
    )
    for campaign, category, number in rows.annotate(number=Count("pk")).order_by():
        found.setdefault(campaign, Counter())[category] += number
    return found


def _category(complaint: Complaint, first: Complaint, told: dict[int, Counter[str]]) -> str:
    """What it is about: where its words hardly tell, what others of its one campaign say."""
    campaigns = [one.pk for member in first.memberships.all() for one in member.campaigns.all()]
    if complaint.category not in UNTELLING or len(campaigns) != 1:
        return complaint.category
    counts = told.get(campaigns[0], Counter())
    telling = Counter({name: n for name, n in counts.items() if name != complaint.category})
    name, number = next(iter(telling.most_common(1)), ("", 0))
    is_known = number >= LEAST_TELLING and LEAST_SHARE * counts[complaint.category] <= number
    return name if is_known else complaint.category


def _incidents(complaint: Complaint) -> list[str]:
    """The campaigns it is about, as I-1998-0001/1; the incident itself where it has none."""
    names = []
    for membership in complaint.memberships.all():
        numbers = sorted(campaign.number for campaign in membership.campaigns.all())
        reference = membership.incident.reference
        names += [f"{reference}/{number}" for number in numbers] or [reference]
    return names


def _reported(complaint: Complaint, us: Ourselves) -> dict[str, Any]:
    """What the mail blames or states of the reported mail."""
    messages = list(complaint.reported_messages.all())
    stated = _stated(complaint)
    hops = [hop for message in messages for hop in message.hops if us.has_host(hop["by"])]
    return {
        "message_ids": _once(
            f"<{message.message_id.strip('<>')}>" for message in messages if message.message_id
        ),
        "source_ips": _once(ip for message in messages for ip in _sources(message, us))
        or stated.get("ip", []),
        "queue_ids": _once((*(hop["queue_id"] for hop in hops), *_in_message_ids(messages, us))),
        "urls": _once(url for message in messages for url in message.urls) or stated.get("url", []),
        "domains": stated.get("domain", []),
        "senders": stated.get("envelope-from")
        or _once(message.header_from or message.envelope_from for message in messages),
        "recipients": _once(
            (*(message.recipient for message in messages), *stated.get("envelope-to", []))
        ),
        "arrived_at": next(
            (message.arrived_at.isoformat() for message in messages if message.arrived_at), None
        ),
        "count": max(len(messages), 1),
    }


def _reported_nothing() -> dict[str, Any]:
    return {"message_ids": [], "source_ips": [], "queue_ids": [], "urls": []}


def _stated(complaint: Complaint) -> dict[str, list[str]]:
    """Values the reporter states, by kind."""
    found: dict[str, list[str]] = {}
    for observable in complaint.observables.all():
        if observable.origin == "reported" and observable.value not in found.get(
            observable.kind, []
        ):
            found.setdefault(observable.kind, []).append(observable.value)
    return found


def _sources(message: ReportedMessage, us: Ourselves) -> tuple[str, ...]:
    """Who handed the message to us, by our own Received line; else whom the report names."""
    hops = [Hop(**(hop | {"at": None})) for hop in message.hops]
    found = clients_of(hops, lambda hop: us.has_host(hop.by), us.has_host)
    return found or (message.source_ip,)


def _in_message_ids(messages: Iterable[ReportedMessage], us: Ourselves) -> Iterator[str]:
    """The queue IDs that hosts of ours wrote into Message-IDs of their making."""
    for message in messages:
        queue_id, host = queue_id_in(message.message_id)
        if queue_id and us.has_host(host):
            yield queue_id


def _relayed(link: Link) -> dict[str, Any]:
    message = link.message
    return {
        "host": message.host.name,
        "queue_id": message.queue_id,
        "message_id": f"<{message.message_id}>" if message.message_id else None,
        "score": round(link.score, 4),
        "reasons": [reason["fact"] for reason in link.reasons],
    }


def _once(values: Any) -> list[str]:
    return list(dict.fromkeys(value for value in values if value))
