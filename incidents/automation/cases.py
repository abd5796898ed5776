"""From entries of the history to Cases: what a rule may look at. Changes nothing.

However many entries there are, a fixed number of queries is asked.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from complaints.models import AuditEntry, Complaint
from incidents.automation.terms import LONGEST, Facts
from incidents.models import Incident, IncidentComplaint, Task, Threat
from incidents.workflow import planning, sla

MOST_JOINED = 50_000
KNOWN = (
    "reference", "reporter_kind", "threatens_block", "answer_by", "sender", "sender_name",
    "category", "format", "language", "subject",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Case:
    """One entry, the incident and the complaint that it is about, and the facts of that moment."""

    sequence: int
    incident: Incident
    complaint: Complaint | None
    facts: Facts


def gather(entries: Sequence[AuditEntry]) -> list[Case]:
    """The cases of these entries, in their order; what is about no incident is left out."""
    incidents = _incidents({entry.incident_reference for entry in entries})
    if not incidents:
        return []
    complaints = _complaints(entries)
    first, last = min(entry.at for entry in entries), max(entry.at for entry in entries)
    joined = _joined(incidents.values(), first, last)
    found, zone = [], planning.desk_zone()
    for entry in entries:
        incident = incidents.get(entry.incident_reference)
        if incident is None:
            continue
        complaint = complaints.get((entry.subject_kind, entry.subject_reference))
        is_open = sla.is_open(entry.at, zone=zone)
        facts = _facts(entry.at, incident, complaint, joined[incident.pk], is_open)
        found.append(Case(entry.sequence, incident, complaint, facts))
    return found


def _incidents(references: set[str]) -> dict[str, Incident]:
    """By reference; one that was merged stands for where it went."""
    rows = Incident.objects.filter(reference__in=references - {""})
    return {
        one.reference: one.merged_into or one
        for one in rows.select_related("merged_into", "playbook_version")
    }


def _complaints(entries: Iterable[AuditEntry]) -> dict[tuple[str, str], Complaint]:
    """The complaint of each subject: itself, or that of its task or threat."""
    named: dict[str, set[str]] = defaultdict(set)
    for entry in entries:
        named[entry.subject_kind].add(entry.subject_reference)
    found = {
        ("complaint", one.reference): one
        for one in Complaint.objects.filter(reference__in=named["complaint"]).only(*KNOWN)
    }
    models: tuple[tuple[str, Any], ...] = (("task", Task), ("threat", Threat))
    for kind, model in models:
        keys = [name.rpartition("-")[2] for name in named[kind]]
        rows = model.objects.filter(pk__in=[int(key) for key in keys if key.isdecimal()])
        for row in rows.exclude(complaint=None).select_related("complaint"):
            found[kind, f"{kind}-{row.pk}"] = row.complaint
    return found


def _joined(
    incidents: Iterable[Incident], first: datetime, last: datetime
) -> dict[int, list[datetime]]:
    """When complaints joined each incident, as far back as any rule looks; oldest first."""
    rows = IncidentComplaint.objects.filter(
        incident__in={one.pk for one in incidents}, joined_at__range=(first - LONGEST, last)
    ).order_by("joined_at")
    found: dict[int, list[datetime]] = defaultdict(list)
    for incident, moment in rows.values_list("incident_id", "joined_at")[:MOST_JOINED]:
        found[incident].append(moment)
    return found


def _facts(
    at: datetime,
    incident: Incident,
    complaint: Complaint | None,
    joined: list[datetime],
    is_open: bool,
) -> Facts:
    start, end = bisect_left(joined, at - LONGEST), bisect_right(joined, at)
    known = Facts(
        at=at,
        kind=incident.kind,
        priority=incident.priority,
        joined=tuple(joined[start:end]),
        is_open=is_open,
    )
    if complaint is None:
        return known
    return replace(
        known,
        category=complaint.category,
        format=complaint.format,
        language=complaint.language,
        sender=complaint.sender,
        subject=complaint.subject,
        reporter=complaint.reporter_kind,
        threatens=complaint.threatens_block,
        deadline=complaint.answer_by,
    )
