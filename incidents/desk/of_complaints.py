"""Complaints that wait: those in no incident, in quarantine, or placed by the machine."""

import json
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.utils.translation import gettext as _

from complaints.evidence.marked import plainly
from complaints.models import Complaint, Link
from incidents.desk.item import Filters, Moments, Waiting
from incidents.desk.source import about, address_of, facts_of
from incidents.grouping import belonging
from incidents.models import IncidentComplaint

# The same refusal is read many times: the list shows how it begins.
MOST_PROBLEM = 200
SHOWN = (
    "pk", "reference", "arrived_at", "subject", "sender", "sender_name", "language", "problem",
    "threatens_block", "waiting_for_log_since",
)  # fmt: skip


def _complaints(stage: str, filters: Filters) -> "QuerySet[Complaint]":
    """Complaints of a stage that nobody has looked at, each with what the machine made of it."""
    found = Complaint.objects.to_review(stage)
    if filters.threats:
        found = found.filter(threatens_block=True)
    if filters.language:
        found = found.filter(language=filters.language)
    if filters.category:
        found = found.filter(category=filters.category)
    return found


def quarantined(at: Moments, filters: Filters) -> "QuerySet[Complaint]":
    """Mail that could not be read."""
    return _complaints(Complaint.Stage.QUARANTINED, filters)


def of_no_incident(at: Moments, filters: Filters) -> "QuerySet[Complaint]":
    """Complaints that are in no incident, with the best message and incident that are proposed."""
    return _with_link(_complaints(Complaint.Stage.OPEN, filters)).annotate(
        meant=belonging.as_told()
    )


def placed(at: Moments, filters: Filters) -> "QuerySet[Complaint]":
    """Complaints that the machine put into an incident, with where and why."""
    members = IncidentComplaint.objects.filter(complaint=OuterRef("pk")).order_by("pk")
    told = JSONObject(reference="incident__reference", title="incident__title", reasons="reasons")
    found = _with_link(_complaints(Complaint.Stage.GROUPED, filters))
    return found.annotate(home=Subquery(members.values(told=told)[:1]))


def _with_link(found: "QuerySet[Complaint]") -> "QuerySet[Complaint]":
    links = Link.objects.filter(complaint=OuterRef("pk")).exclude(state=Link.State.REJECTED)
    told = JSONObject(state="state", score="score", queue_id="message__queue_id", reasons="reasons")
    return found.annotate(link=Subquery(links.order_by("-score").values(told=told)[:1]))


def show_quarantined(complaint: Any, at: Moments) -> Waiting:
    """A mail that could not be read, in words; the row has the fields of SHOWN."""
    return _shown(
        complaint,
        rank=2,
        source="quarantine",
        why=_("It could not be read: %(why)s") % {"why": complaint.problem[:MOST_PROBLEM]},
        accept=_("Read it again"),
    )


def show_of_no_incident(complaint: Any, at: Moments) -> Waiting:
    """A complaint without incident, in words; the row has `link` and `meant` as well."""
    link, meant = complaint.link, complaint.meant
    is_proposed = bool(link) and link["state"] == Link.State.PROPOSED
    accept = _("It is %(queue_id)s") % {"queue_id": link["queue_id"]} if is_proposed else ""
    if meant and not is_proposed:
        accept = _("It belongs to %(incident)s") % {"incident": meant["reference"]}
    if complaint.waiting_for_log_since is not None:
        why = _("It waits for the mail log of its time.")
    elif is_proposed:
        why = _("A message is proposed: say whether it is meant.")
    elif meant:
        why = _("It may belong to %(incident)s: %(title)s.") % {
            "incident": meant["reference"],
            "title": meant["title"],
        }
    else:
        why = _("Nothing ties it to a message or an incident.")
    return _shown(
        complaint,
        rank=3,
        source="open",
        why=why,
        findings=_findings(link, meant),
        accept=accept,
        refuse=_("No complaint"),
    )


def show_placed(complaint: Any, at: Moments) -> Waiting:
    """A complaint that the machine put into an incident, in words; with `link` and `home`."""
    home = complaint.home
    if home:
        why = _("Put into %(incident)s: %(title)s.") % {
            "incident": home["reference"],
            "title": home["title"],
        }
    else:
        why = _("Put into an incident.")
    return _shown(
        complaint,
        rank=5,
        source="new",
        why=why,
        findings=_findings(complaint.link, home),
        accept=_("That is right"),
        refuse=_("Not there") if home else "",
    )


def _findings(link: Any, home: Any) -> tuple[str, ...]:
    """The message and the reasons that the machine found, a line each."""
    found = []
    if link:
        share = f"{link['score']:.0%}".replace("%", " %")
        found.append(
            ": ".join(part for part in (f"{link['queue_id']}, {share}", _facts(link)) if part)
        )
    if home and (facts := _facts(home)):
        found.append(facts)
    return tuple(found)


def _facts(told: Any) -> str:
    """The strongest reasons. SQLite hands JSON within JSON over as its text."""
    reasons = told["reasons"]
    return facts_of(json.loads(reasons) if isinstance(reasons, str) else reasons)


def _shown(complaint: Any, *, rank: int, source: str, why: str, **said: Any) -> Waiting:
    who = plainly(complaint.sender_name or complaint.sender)
    if complaint.threatens_block:
        why = f"{_('%(who)s threatens to refuse our mail.') % {'who': who}} {why}"
    return Waiting(
        rank=rank,
        source=source,
        pk=complaint.pk,
        title=plainly(complaint.subject) or _("(no subject)"),
        why=why,
        about=about(complaint.reference, who),
        address=address_of("complaints:complaint", complaint.reference),
        at=complaint.arrived_at,
        subject=complaint.reference,
        language=complaint.language,
        handle=f"complaint-{complaint.pk}",
        can_leave=True,
        **said,
    )
