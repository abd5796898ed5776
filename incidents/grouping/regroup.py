"""Today's linking and grouping rules on what is stored: for complaints that are in no incident.

A complaint that is in an incident stays there: its tasks and letters have begun. Where today's
rules tell another incident than the program chose, that is told, and a person decides.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db import transaction

from complaints import audit
from complaints.linking.link import link_complaint
from complaints.models import Complaint
from incidents.grouping.assign import group_complaint
from incidents.grouping.today import Assignment, decide_all
from incidents.models import Incident, IncidentComplaint

Links = set[tuple[int, str]]
# Complaints looked at together share what is read of campaigns.
AT_ONCE = 200


class Change(StrEnum):
    """What today's rules do with a complaint."""

    JOINS = "joins"
    OPENS = "opens"
    LINKS = "links"
    DIFFERS = "differs"


@dataclass(frozen=True, slots=True)
class Regrouped:
    """One complaint that today's rules see otherwise.

    complaint  its reference
    change     JOINS an incident, OPENS a new one, has other LINKS but no incident still; or
               DIFFERS: it stays in its incident, though the rules name another one today
    incident   the reference of the incident the rules name; "" for a new one and for none
    reasons    in words, strongest first
    today      the references of the incidents it is in
    """

    complaint: str
    change: Change
    incident: str
    reasons: tuple[str, ...]
    today: tuple[str, ...] = ()


def regroup(*, now: datetime, dry_run: bool) -> Iterator[Regrouped]:
    """Yield each change that today's rules make, after making it unless it is a dry run.

    What one complaint opens may draw in others, whichever came first: so it is gone through
    again until nobody moves. A dry run does the same, complaint by complaint, and takes it
    back: it tells of no complaint that only follows another one that moves.
    """
    while True:
        somebody_moved = False
        for changed in _pass(now=now, dry_run=dry_run):
            somebody_moved |= changed.change in (Change.JOINS, Change.OPENS)
            yield changed
        if dry_run or not somebody_moved:
            return


def differing() -> Iterator[Regrouped]:
    """Yield the complaints that today's rules would have put into another incident.

    Only where the program chose: what a person decided is not questioned. Changes nothing.
    """
    chosen = IncidentComplaint.objects.filter(joined_by=audit.MACHINE)
    grouped = Complaint.objects.filter(
        stage=Complaint.Stage.GROUPED, pk__in=chosen.values("complaint_id")
    )
    keys = list(grouped.order_by("arrived_at", "pk").values_list("pk", flat=True))
    for start in range(0, len(keys), AT_ONCE):
        rows = Complaint.objects.defer("text").in_bulk(keys[start : start + AT_ONCE])
        some = [rows[key] for key in keys[start : start + AT_ONCE] if key in rows]
        for complaint, assignment, homes in decide_all(some):
            if assignment is not None and not _is_in(homes, assignment):
                yield _differs(complaint, assignment)


def _differs(complaint: Complaint, assignment: Assignment) -> Regrouped:
    named = assignment.incident.reference if assignment.incident else ""
    homes = complaint.incidents.order_by("pk").values_list("reference", flat=True)
    return Regrouped(complaint.reference, Change.DIFFERS, named, assignment.reasons, tuple(homes))


def _pass(*, now: datetime, dry_run: bool) -> Iterator[Regrouped]:
    in_no_incident = Complaint.objects.filter(stage=Complaint.Stage.OPEN)
    # Keys first: the rows change while we walk, and hold the text of whole mails.
    for key in list(in_no_incident.order_by("arrived_at", "pk").values_list("pk", flat=True)):
        changed = _try_again(Complaint.objects.get(pk=key), now=now, dry_run=dry_run)
        if changed is not None:
            yield changed


def _try_again(complaint: Complaint, *, now: datetime, dry_run: bool) -> Regrouped | None:
    """Link and group one complaint as if it had just been read; None if nothing came of it.

    Then all is taken back, so that its history tells of no look that found nothing.
    """
    before = _links_of(complaint)
    with transaction.atomic():
        if not Complaint.objects.filter(stage=Complaint.Stage.OPEN).move(
            complaint, to=Complaint.Stage.PARSED
        ):
            return None  # a worker was quicker: the log it waited for has just come
        known = set(Incident.objects.values_list("pk", flat=True))
        link_complaint(complaint, now=now)
        group_complaint(complaint, now=now)
        changed = _told(complaint, known, has_other_links=before != _links_of(complaint))
        if dry_run or changed is None:
            transaction.set_rollback(True)
    return changed


def _told(complaint: Complaint, known: set[int], *, has_other_links: bool) -> Regrouped | None:
    """What became of it; `known` are the incidents there were before."""
    memberships = complaint.memberships.order_by("pk").select_related("incident")
    for membership in memberships:
        reasons = tuple(reason["fact"] for reason in membership.reasons)
        if membership.incident_id in known:
            named = membership.incident.reference
            return Regrouped(complaint.reference, Change.JOINS, named, reasons)
        return Regrouped(complaint.reference, Change.OPENS, "", reasons)
    if has_other_links:
        reasons = tuple(_words_of_links(complaint))
        return Regrouped(complaint.reference, Change.LINKS, "", reasons)
    return None


def _links_of(complaint: Complaint) -> Links:
    return set(complaint.links.values_list("message_id", "state"))


def _words_of_links(complaint: Complaint) -> Iterable[str]:
    for link in complaint.links.select_related("message").order_by("-score", "pk"):
        yield f"{link.get_state_display()}: message {link.message.queue_id} ({link.score:.2f})"


def _is_in(homes: set[int], assignment: Assignment) -> bool:
    """Whether the complaint is where the rules put it, or where that incident has gone."""
    if assignment.incident is None:
        return False
    return bool({assignment.incident.pk, assignment.incident.merged_into_id} & homes)
