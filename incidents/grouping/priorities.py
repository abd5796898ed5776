"""Keeps the priority of open incidents as their facts have it; what a person said stays."""

from collections import Counter
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, Max, Q
from django.db.models.functions import Coalesce

from complaints import audit
from complaints.audit import Actor
from complaints.models import Complaint
from incidents.grouping.urgency import Facts, Weight, priority_of, weigh
from incidents.models import (
    Incident,
    IncidentComplaint,
    IncidentFigure,
    IncidentKey,
    Listing,
    Threat,
)
from incidents.workflow import inforce

MOST_SENDERS = 50
# So many complaints of a reporter that were grouped elsewhere show that he is often right.
PROVEN = 5
AT_ONCE = 500


def keep(*, now: datetime) -> int:
    """Weigh the facts of all open incidents; how many have another priority now."""
    numbers = list(Incident.objects.open().order_by("pk").values_list("pk", flat=True))
    changed = 0
    for start in range(0, len(numbers), AT_ONCE):
        changed += _keep(numbers[start : start + AT_ONCE], now=now)
    return changed


def by_facts(incident: Incident, *, by: Actor, now: datetime) -> None:
    """Let the facts decide again, whatever a person said before."""
    with transaction.atomic():
        Incident.objects.filter(pk=incident.pk).update(priority_by="")
        audit.record("priority-left-to-facts", incident, at=now, by=by, incident=incident.reference)
        _keep([incident.pk], now=now)


def _keep(numbers: list[int], *, now: datetime) -> int:
    """Read first, then write only what has changed, each in a short transaction."""
    told, earlier, blocked = _told_by(numbers), _earlier(numbers), _blocked(numbers)
    figures = IncidentFigure.objects.in_bulk(numbers)
    changed = 0
    for incident in Incident.objects.filter(pk__in=numbers).select_related("playbook_version"):
        figure = figures.get(incident.pk)
        counts = told.get(incident.pk, {})
        moments = [at for at in (incident.last_seen_at, counts.pop("last_at", None)) if at]
        facts = Facts(
            kind=inforce.playbook_of(incident).priority,
            is_fixed=incident.fixed_at is not None,
            last_at=max(moments, default=None),
            recipients=figure.recipients if figure else 0,
            earlier=earlier[incident.pk],
            proven=_proven(incident) if counts else 0,
            **counts | blocked[incident.pk],
        )
        changed += _write(incident, weigh(facts, now=now), now=now)
    return changed


def _told_by(numbers: list[int]) -> dict[int, dict[str, Any]]:
    """By incident, the fields of Facts that its complaints tell."""
    rows = IncidentComplaint.objects.filter(incident__in=numbers).order_by()

    def of(*kinds: str) -> Count:
        return Count("pk", filter=Q(complaint__reporter_kind__in=kinds))

    counted = rows.values("incident_id").annotate(
        complaints=Count("pk"),
        response_teams=of("csirt"),
        blocklists=of("blocklist"),
        providers=of("isp", "provider"),
        last_at=Max("complaint__arrived_at"),
    )
    found: dict[int, dict[str, Any]] = {}
    for row in counted:
        told: dict[str, Any] = dict(row)
        found[told.pop("incident_id")] = told
    return found


def _blocked(numbers: list[int]) -> dict[int, dict[str, int]]:
    """By incident, how many threats stand, and how many listings of its host."""
    found = {number: {"threats": 0, "listings": 0} for number in numbers}
    home = Coalesce("incident__merged_into", "incident")
    standing = Threat.objects.open().annotate(home=home).filter(home__in=numbers).order_by()
    for row in standing.values("home").annotate(count=Count("pk")):
        found[row["home"]]["threats"] = row["count"]
    listed = Listing.objects.still().filter(host__incident__in=numbers).order_by()
    counted = listed.values("host__incident").annotate(count=Count("zone", distinct=True))
    for one in counted:
        found[one["host__incident"]]["listings"] = one["count"]
    return found


def _earlier(numbers: list[int]) -> Counter[int]:
    """How many other incidents had the same customer, account, script or machine before."""
    found: Counter[int] = Counter()
    keys = IncidentKey.objects.filter(incident__in=numbers).exclude(kind="content")
    for key in keys.select_related("incident"):
        same = IncidentKey.objects.filter(kind=key.kind, value=key.value, incident__lt=key.incident)
        found[key.incident_id] += same.values("incident").distinct().count()
    return found


def _proven(incident: Incident) -> int:
    """How many of its latest reporters had complaints that were grouped elsewhere, often."""
    latest = incident.memberships.order_by("-pk").values_list("complaint__sender", flat=True)
    senders = {sender for sender in latest[:MOST_SENDERS] if sender}
    others = Complaint.objects.filter(sender__in=senders, stage=Complaint.Stage.GROUPED)
    often = others.exclude(incidents=incident).order_by().values("sender")
    return often.annotate(times=Count("pk")).filter(times__gte=PROVEN).count()


def _write(incident: Incident, found: list[Weight], *, now: datetime) -> bool:
    facts = [{"fact": one.fact, "count": one.count, "points": one.points} for one in found]
    before, after = incident.priority, priority_of(found)
    if facts == incident.priority_facts and (incident.priority_by or before == after):
        return False
    Incident.objects.filter(pk=incident.pk).update(priority_facts=facts)
    if before == after:
        return False
    with transaction.atomic():
        # Whoever set it meanwhile has said what counts.
        unchanged = Incident.objects.filter(pk=incident.pk, priority_by="", priority=before)
        if not unchanged.update(priority=after):
            return False
        audit.record(
            "priority-set",
            incident,
            at=now,
            incident=incident.reference,
            before=before,
            after=after,
        )
    return True
