"""What happened on one day of the desk, counted by measure and value: what DayFigures hold.

A complaint counts on the day it arrived, whatever becomes of it later.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from itertools import chain

from complaints.models import AuditEntry, Complaint, Link, ReportedMessage
from incidents.models import Acknowledgement
from incidents.reporting.period import Period

# The stages in which a received mail is a complaint that counts: read, and no copy of another.
COMPLAINT = (
    Complaint.Stage.PARSED,
    Complaint.Stage.LINKED,
    Complaint.Stage.GROUPED,
    Complaint.Stage.OPEN,
)
# Every received mail by its stage; complaints alone by all others.
STAGE = "stage"
FIELDS = {
    "format": "format",
    "category": "category",
    "language": "language",
    "reporter": "reporter_kind",
}
FOUND = "found"
# Domains of reporters: of all their complaints, of those that were about mail of ours, and not.
FROM_DOMAIN, RIGHT, WRONG = "from-domain", "right", "wrong"
# Whole minutes from a complaint's arrival to the word that it was taken in.
ACKNOWLEDGED = "acknowledged"
# What people did, as `NAME<TAB>ACT` of the history, on the day they did it.
ACT = "act"
MEASURES = (STAGE, *FIELDS, FOUND, FROM_DOMAIN, RIGHT, WRONG, ACKNOWLEDGED, ACT)

Counts = Counter[tuple[str, str]]


def counts_of(day: Period) -> Counts:
    """(measure, value) to how often it occurred within a day; what did not occur is not there."""
    counts: Counts = Counter()
    arrived = Complaint.objects.filter(arrived_at__gte=day.start, arrived_at__lt=day.end)
    rows = arrived.values_list("pk", "stage", "sender", *FIELDS.values())
    domains = {}
    for key, stage, sender, *fields in rows.iterator():
        counts[STAGE, stage] += 1
        if stage in COMPLAINT:
            domains[key] = domain_of(sender)
            counts[FROM_DOMAIN, domains[key]] += 1
            counts.update(zip(FIELDS, fields, strict=True))
    for key, found in _found(day, domains).items():
        counts[FOUND, found] += 1
        if found == ReportedMessage.Verdict.LINKED:
            counts[RIGHT, domains[key]] += 1
        elif found == ReportedMessage.Verdict.NOT_OURS:
            counts[WRONG, domains[key]] += 1
    counts.update((ACKNOWLEDGED, str(minutes)) for minutes in _minutes_to_word(day))
    counts.update((ACT, f"{actor}\t{act}"[:200]) for actor, act in _acts(day))
    return counts


def domain_of(address: str) -> str:
    """The domain of a mail address in lower case; "" if it has none."""
    return address.rpartition("@")[2].lower()[:200] if "@" in address else ""


def _found(day: Period, complaints: Iterable[int]) -> dict[int, str]:
    """What the mail log had of each complaint: the strongest verdict on what it shows."""
    during = {"complaint__arrived_at__gte": day.start, "complaint__arrived_at__lt": day.end}
    shown = ReportedMessage.objects.filter(**during).exclude(verdict="")
    linked = Link.objects.filter(**during, state__in=Link.HOLDING)
    strength = {
        str(verdict): place for place, verdict in enumerate(ReportedMessage.STRONGEST_FIRST)
    }
    found = dict.fromkeys(complaints, ReportedMessage.NOTHING_SHOWN)
    verdicts = chain(
        shown.values_list("complaint_id", "verdict").iterator(),
        (
            (key, ReportedMessage.Verdict.LINKED)
            for key in linked.values_list("complaint_id", flat=True)
        ),
    )
    for key, verdict in verdicts:
        if key in found and strength[verdict] < strength.get(found[key], len(strength)):
            found[key] = verdict
    return found


def _minutes_to_word(day: Period) -> Iterable[int]:
    sent = Acknowledgement.objects.filter(
        state=Acknowledgement.State.SENT,
        complaint__stage__in=COMPLAINT,
        complaint__arrived_at__gte=day.start,
        complaint__arrived_at__lt=day.end,
    )
    for arrived_at, decided_at in sent.values_list("complaint__arrived_at", "decided_at"):
        yield minutes_between(arrived_at, decided_at)


def minutes_between(start: datetime, end: datetime) -> int:
    """Whole minutes, rounded down; none where clocks disagree about which came first."""
    return max(0, int((end - start).total_seconds() // 60))


def _acts(day: Period) -> Iterable[tuple[str, str]]:
    acts = AuditEntry.objects.filter(at__gte=day.start, at__lt=day.end, user__isnull=False)
    return acts.values_list("actor", "action")
