"""What needs a person now, most urgent first, with the reason in words."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from complaints.models import Complaint, Link
from incidents.models import Incident, Letter, Notice, ReplyProposal, Task

MOST_OF_A_KIND = 50
SOON = timedelta(hours=24)

INCIDENTS, COMPLAINTS, LETTERS = "incidents", "complaints", "letters"


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing that waits for a person.

    rank   1 is looked at first
    kind   incidents, complaints or letters: what the chips filter by
    """

    rank: int
    kind: str
    title: str
    why: str
    about: str
    address: str
    due_at: datetime | None = None
    since: datetime | None = None


def waiting(now: datetime, *, kind: str = "") -> list[Waiting]:
    """Everything that waits for a person, in the order in which one should look at it."""
    found = [
        *_tasks(now),
        *_letters(),
        *_possible_replies(),
        *_notices(),
        *_complaints(),
    ]
    wanted = [one for one in found if not kind or one.kind == kind]
    far = now + timedelta(days=36500)
    return sorted(wanted, key=lambda one: (one.rank, one.due_at or one.since or far))


def _tasks(now: datetime) -> Iterator[Waiting]:
    tasks = (
        Task.objects.ready()
        .filter(incident__merged_into=None)
        .exclude(incident__state=Incident.State.CLOSED)
        .select_related("incident", "complaint")
    )
    for task in tasks[:MOST_OF_A_KIND]:
        yield Waiting(
            rank=_rank(task, now),
            kind=INCIDENTS,
            title=_(task.title),
            why=_why(task),
            about=f"{task.incident.reference} · {task.incident.title}",
            address=reverse("incidents:incident", args=[task.incident.reference])
            + f"#task-{task.pk}",
            due_at=task.due_at,
        )


def _rank(task: Task, now: datetime) -> int:
    late = task.due_at is not None and task.due_at < now
    soon = task.due_at is not None and task.due_at < now + SOON
    if task.kind == "threat" or (late and task.incident.priority <= Incident.Priority.HIGH):
        return 1
    return 2 if late or soon else 4


def _why(task: Task) -> str:
    complaint = task.complaint
    if task.kind == "threat" and complaint is not None:
        return _("%(who)s threatens to refuse our mail.") % {
            "who": complaint.sender_name or complaint.sender
        }
    if complaint is not None:
        return _("%(who)s waits for an answer to %(complaint)s.") % {
            "who": complaint.sender_name or complaint.sender,
            "complaint": complaint.reference,
        }
    return _("Priority: %(priority)s.") % {"priority": task.incident.get_priority_display()}


def _letters() -> Iterator[Waiting]:
    reasons = {
        Letter.State.UNSURE: (1, _("Perhaps sent: look and say whether it was.")),
        Letter.State.FAILED: (2, _("It could not be delivered.")),
        Letter.State.DRAFT: (3, _("It waits for its approval.")),
    }
    letters = Letter.objects.filter(state__in=reasons).select_related("incident")
    for letter in letters.order_by("drafted_at")[:MOST_OF_A_KIND]:
        rank, why = reasons[Letter.State(letter.state)]
        yield Waiting(
            rank=rank,
            kind=LETTERS,
            title=letter.subject,
            why=why,
            about=f"{letter.incident.reference} · {letter.to_name or letter.to_address}",
            address=reverse("incidents:letter", args=[letter.pk]),
            since=letter.drafted_at,
        )


def _possible_replies() -> Iterator[Waiting]:
    asked = ReplyProposal.objects.filter(state=ReplyProposal.State.PROPOSED)
    asked = asked.select_related("complaint", "letter__incident")
    for proposal in asked.order_by("proposed_at")[:MOST_OF_A_KIND]:
        yield Waiting(
            rank=3,
            kind=LETTERS,
            title=proposal.letter.subject,
            why=_("A mail may answer this letter: say whether it does."),
            about=f"{proposal.letter.incident.reference} · {proposal.complaint.reference}",
            address=reverse("incidents:letter", args=[proposal.letter_id]) + "#replies",
            since=proposal.proposed_at,
        )


def _notices() -> Iterator[Waiting]:
    reasons = {
        Notice.State.DRAFT: _("It waits for a second person's approval."),
        Notice.State.APPROVED: _("It is approved and waits to be published."),
    }
    notices = Notice.objects.filter(state__in=reasons).select_related("incident")
    for notice in notices.order_by("written_at")[:MOST_OF_A_KIND]:
        yield Waiting(
            rank=2,
            kind=LETTERS,
            title=notice.title,
            why=reasons[Notice.State(notice.state)],
            about=f"{notice.incident.reference} · {notice.reference}",
            address=reverse("incidents:notice", args=[notice.reference]),
            since=notice.written_at,
        )


def _complaints() -> Iterator[Waiting]:
    stages = (Complaint.Stage.QUARANTINED, Complaint.Stage.OPEN)
    complaints = Complaint.objects.filter(stage__in=stages).order_by("-arrived_at")
    proposed = set(
        Link.objects.filter(
            state=Link.State.PROPOSED, complaint__stage=Complaint.Stage.OPEN
        ).values_list("complaint_id", flat=True)[:1000]
    )
    for complaint in complaints[:MOST_OF_A_KIND]:
        yield Waiting(
            rank=2 if complaint.stage == Complaint.Stage.QUARANTINED else 3,
            kind=COMPLAINTS,
            title=complaint.subject or _("(no subject)"),
            why=_why_complaint(complaint, has_proposals=complaint.pk in proposed),
            about=f"{complaint.reference} · {complaint.sender_name or complaint.sender}",
            address=reverse("complaints:complaint", args=[complaint.reference]),
            since=complaint.arrived_at,
        )


def _why_complaint(complaint: Complaint, *, has_proposals: bool) -> str:
    if complaint.stage == Complaint.Stage.QUARANTINED:
        return _("It could not be read: %(why)s") % {"why": complaint.problem[:200]}
    if complaint.waiting_for_log_since is not None:
        return _("It waits for the mail log of its time.")
    if has_proposals:
        return _("Messages are proposed: say which one is meant.")
    return _("Nothing ties it to a message or an incident.")
