"""Where things that wait come from: a query each, ordered by urgency, and a row in words."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import JSONObject
from django.urls import reverse
from django.utils.translation import gettext as _

from complaints.models import Complaint, Link
from incidents.desk.item import Filters, Waiting
from incidents.models import (
    Incident,
    IncidentComplaint,
    Letter,
    Notice,
    Reply,
    ReplyProposal,
    Task,
    Telling,
)
from incidents.reporting.whyurgent import in_words

SOON = timedelta(hours=24)
# The same refusal is read many times: the list shows how it begins.
MOST_PROBLEM = 200
MOST_FACTS = 2
SHOWN = (
    "reference", "stage", "arrived_at", "subject", "sender", "sender_name", "language", "problem",
    "threatens_block", "waiting_for_log_since",
)  # fmt: skip

Rows = Callable[[datetime, Filters], "QuerySet[Any]"]


@dataclass(frozen=True, slots=True)
class Source:
    """One kind of thing that waits.

    at      the field that orders rows of one rank
    ranks   of its rows, ascending
    beyond  rows above a rank that lies between its own ranks
    stored  whether the rows are annotated with their rank and ordered by it first
    """

    name: str
    at: str
    ranks: tuple[int, ...]
    rows: Rows
    shown: Callable[[Any, datetime], Waiting]
    beyond: Callable[[datetime], Q] | None = None
    stored: bool = False

    def in_order(self, now: datetime, filters: Filters) -> "QuerySet[Any]":
        """Its rows, most urgent first."""
        by = (F(self.at).asc(nulls_last=True), "pk")
        return self.rows(now, filters).order_by(*(("rank", *by) if self.stored else by))


def _tasks(filters: Filters, now: datetime) -> "QuerySet[Task]":
    tasks = Task.objects.ready().awake(now).filter(incident__merged_into=None).for_a_row()
    tasks = tasks.exclude(incident__state=Incident.State.CLOSED)
    return tasks if filters.who is None else tasks.filter(taken_by=filters.who)


def _is_urgent(now: datetime) -> Q:
    late = Q(due_at__lt=now, incident__priority__lte=Incident.Priority.HIGH)
    return Q(kind="threat") | late


def urgent_tasks(now: datetime, filters: Filters) -> "QuerySet[Task]":
    """Threats, and what is late in important incidents."""
    tasks = _tasks(filters, now)
    return tasks.filter(kind="threat") if filters.threats else tasks.filter(_is_urgent(now))


def other_tasks(now: datetime, filters: Filters) -> "QuerySet[Task]":
    """All other tasks that can be done now."""
    return _tasks(filters, now).exclude(_is_urgent(now))


def show_task(task: Task, now: datetime) -> Waiting:
    """A task in words."""
    soon = task.due_at is not None and task.due_at < now + SOON
    incident = reverse("incidents:incident", args=[task.incident.reference])
    late = task.due_at is not None and task.due_at < now
    is_urgent = task.kind == "threat" or (late and task.incident.priority <= 2)
    return Waiting(
        rank=1 if is_urgent else 2 if soon else 4,
        source="urgent" if is_urgent else "task",
        pk=task.pk,
        title=task.called,
        why=_why(task),
        about=f"{task.incident.reference} · {task.incident.title}",
        address=f"{incident}#task-{task.pk}",
        at=task.due_at,
        is_due=True,
        subject=task.incident.reference,
        taken_by=task.taken_by.get_username() if task.taken_by else "",
        handle=f"task-{task.pk}",
        acts=("take",),
    )


def _why(task: Task) -> str:
    complaint = task.complaint
    if complaint is None:
        return in_words(task.incident)
    who = complaint.sender_name or complaint.sender
    if task.kind == "threat":
        return _("%(who)s threatens to refuse our mail.") % {"who": who}
    named = {"who": who, "complaint": complaint.reference}
    return _("%(who)s waits for an answer to %(complaint)s.") % named


def letters(now: datetime, filters: Filters) -> "QuerySet[Letter]":
    """Letters that nobody but a person takes further."""
    ranks = {Letter.State.UNSURE: 1, Letter.State.FAILED: 2, Letter.State.DRAFT: 3}
    found = Letter.objects.filter(state__in=ranks).select_related("incident").defer("body")
    whens = [When(state=state, then=Value(rank)) for state, rank in ranks.items()]
    return found.annotate(rank=Case(*whens))


def show_letter(letter: Letter, now: datetime) -> Waiting:
    """A letter in words."""
    whys = {
        Letter.State.UNSURE: _("Perhaps sent: look and say whether it was."),
        Letter.State.FAILED: _("It could not be delivered."),
        Letter.State.DRAFT: _("It waits for its approval."),
    }
    return Waiting(
        rank=letter.rank,  # type: ignore[attr-defined]
        source="letter",
        pk=letter.pk,
        title=letter.subject,
        why=whys[Letter.State(letter.state)],
        about=_about(letter.incident.reference, letter.to_name or letter.to_address),
        address=reverse("incidents:letter", args=[letter.pk]),
        at=letter.drafted_at,
        subject=letter.incident.reference,
        language=letter.language,
    )


def notices(now: datetime, filters: Filters) -> "QuerySet[Notice]":
    """Notices that wait for approval, or to be published."""
    waiting = (Notice.State.DRAFT, Notice.State.APPROVED)
    return Notice.objects.filter(state__in=waiting).select_related("incident")


def show_notice(notice: Notice, now: datetime) -> Waiting:
    """A notice in words."""
    is_draft = notice.state == Notice.State.DRAFT
    return Waiting(
        rank=2,
        source="notice",
        pk=notice.pk,
        title=notice.title,
        why=_("It waits for a second person's approval.")
        if is_draft
        else _("It is approved and waits to be published."),
        about=f"{notice.incident.reference} · {notice.reference}",
        address=reverse("incidents:notice", args=[notice.reference]),
        at=notice.written_at,
        subject=notice.incident.reference,
        language=notice.language,
    )


def replies(now: datetime, filters: Filters) -> "QuerySet[Reply]":
    """Answers to letters of ours of which nobody has said what they come to."""
    answers = Reply.objects.filter(kind=Reply.Kind.ANSWER, letter__outcome="")
    return answers.select_related("letter__incident", "complaint").defer(
        "text", "letter__body", "complaint__text"
    )


def show_reply(reply: Reply, now: datetime) -> Waiting:
    """An answer in words."""
    incident = reply.letter.incident
    return Waiting(
        rank=2,
        source="reply",
        pk=reply.pk,
        title=reply.complaint.subject or _("(no subject)"),
        why=_("%(who)s answered a letter of ours: say what came of it.")
        % {"who": reply.complaint.sender_name or reply.complaint.sender},
        about=f"{incident.reference} · {incident.title}",
        address=reverse("incidents:letter", args=[reply.letter_id]),
        at=reply.received_at,
        subject=incident.reference,
    )


def proposals(now: datetime, filters: Filters) -> "QuerySet[ReplyProposal]":
    """Mails that may answer a letter of ours, of which nobody has said whether they do."""
    asked = ReplyProposal.objects.filter(state=ReplyProposal.State.PROPOSED)
    return asked.select_related("letter__incident", "complaint").defer(
        "letter__body", "complaint__text"
    )


def show_proposal(proposal: ReplyProposal, now: datetime) -> Waiting:
    """A mail that may be a reply, in words."""
    incident = proposal.letter.incident
    return Waiting(
        rank=3,
        source="proposal",
        pk=proposal.pk,
        title=proposal.complaint.subject or _("(no subject)"),
        why=_("A mail may answer this letter: say whether it does."),
        about=_about(incident.reference, proposal.complaint.reference, proposal.letter.subject),
        address=reverse("incidents:letter", args=[proposal.letter_id]) + "#replies",
        at=proposal.proposed_at,
        subject=incident.reference,
    )


def tellings(now: datetime, filters: Filters) -> "QuerySet[Telling]":
    """Words to reporters that wait for approval."""
    return Telling.objects.filter(state=Telling.State.DRAFT).select_related("incident")


def show_telling(telling: Telling, now: datetime) -> Waiting:
    """A word to reporters, in words."""
    return Waiting(
        rank=3,
        source="telling",
        pk=telling.pk,
        title=_("Word to the reporters"),
        why=_("It waits for a second person's approval."),
        about=_about(telling.incident.reference, telling.get_occasion_display()),
        address=reverse("incidents:telling", args=[telling.pk]),
        at=telling.written_at,
        subject=telling.incident.reference,
    )


def _complaints(stage: str, filters: Filters) -> "QuerySet[Complaint]":
    """Complaints of a stage that nobody has looked at, each with what the machine made of it."""
    found = Complaint.objects.to_review(stage).only(*SHOWN)
    if filters.threats:
        found = found.filter(threatens_block=True)
    if filters.language:
        found = found.filter(language=filters.language)
    if filters.category:
        found = found.filter(category=filters.category)
    return found


def quarantined(now: datetime, filters: Filters) -> "QuerySet[Complaint]":
    """Mail that could not be read."""
    return _complaints(Complaint.Stage.QUARANTINED, filters)


def of_no_incident(now: datetime, filters: Filters) -> "QuerySet[Complaint]":
    """Complaints that are in no incident, with the best message that is proposed."""
    return _with_link(_complaints(Complaint.Stage.OPEN, filters))


def placed(now: datetime, filters: Filters) -> "QuerySet[Complaint]":
    """Complaints that the machine put into an incident, with where and why."""
    members = IncidentComplaint.objects.filter(complaint=OuterRef("pk")).order_by("pk")
    told = JSONObject(reference="incident__reference", title="incident__title", reasons="reasons")
    found = _with_link(_complaints(Complaint.Stage.GROUPED, filters))
    return found.annotate(home=Subquery(members.values(told=told)[:1]))


def _with_link(found: "QuerySet[Complaint]") -> "QuerySet[Complaint]":
    links = Link.objects.filter(complaint=OuterRef("pk")).exclude(state=Link.State.REJECTED)
    told = JSONObject(state="state", score="score", queue_id="message__queue_id", reasons="reasons")
    return found.annotate(link=Subquery(links.order_by("-score").values(told=told)[:1]))


def show_quarantined(complaint: Complaint, now: datetime) -> Waiting:
    """A mail that could not be read, in words."""
    return _shown(
        complaint,
        rank=2,
        source="quarantine",
        why=_("It could not be read: %(why)s") % {"why": complaint.problem[:MOST_PROBLEM]},
        accept=_("Read it again"),
    )


def show_of_no_incident(complaint: Any, now: datetime) -> Waiting:
    """A complaint without incident, in words."""
    link = complaint.link
    if complaint.waiting_for_log_since is not None:
        why = _("It waits for the mail log of its time.")
    elif link and link["state"] == Link.State.PROPOSED:
        why = _("A message is proposed: say whether it is meant.")
    else:
        why = _("Nothing ties it to a message or an incident.")
    is_proposed = bool(link) and link["state"] == Link.State.PROPOSED
    return _shown(
        complaint,
        rank=3,
        source="open",
        why=why,
        findings=_findings(link, None),
        accept=_("It is %(queue_id)s") % {"queue_id": link["queue_id"]} if is_proposed else "",
        refuse=_("No complaint"),
    )


def show_placed(complaint: Any, now: datetime) -> Waiting:
    """A complaint that the machine put into an incident, in words."""
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
    read = json.loads(reasons) if isinstance(reasons, str) else reasons
    facts = [(str(reason["fact"]), reason.get("weight", 0) < 0) for reason in read[:MOST_FACTS]]
    return "; ".join(f"− {fact}" if is_against else fact for fact, is_against in facts)


def _shown(complaint: Complaint, *, rank: int, source: str, why: str, **said: Any) -> Waiting:
    if complaint.threatens_block:
        who = complaint.sender_name or complaint.sender
        why = f"{_('%(who)s threatens to refuse our mail.') % {'who': who}} {why}"
    acts = [name for name in ("accept", "refuse") if said.get(name)]
    return Waiting(
        rank=rank,
        source=source,
        pk=complaint.pk,
        title=complaint.subject or _("(no subject)"),
        why=why,
        about=_about(complaint.reference, complaint.sender_name or complaint.sender),
        address=reverse("complaints:complaint", args=[complaint.reference]),
        at=complaint.arrived_at,
        subject=complaint.reference,
        language=complaint.language,
        handle=f"complaint-{complaint.pk}",
        acts=(*acts, "leave"),
        **said,
    )


def _about(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def _later_tasks(now: datetime) -> Q:
    return Q(due_at__gte=now + SOON) | Q(due_at=None)


ALL = (
    Source("urgent", "due_at", (1,), urgent_tasks, show_task),
    Source("letter", "drafted_at", (1, 2, 3), letters, show_letter, stored=True),
    Source("notice", "written_at", (2,), notices, show_notice),
    Source("reply", "received_at", (2,), replies, show_reply),
    Source("proposal", "proposed_at", (3,), proposals, show_proposal),
    Source("telling", "written_at", (3,), tellings, show_telling),
    Source("quarantine", "arrived_at", (2,), quarantined, show_quarantined),
    Source("task", "due_at", (2, 4), other_tasks, show_task, beyond=_later_tasks),
    Source("open", "arrived_at", (3,), of_no_incident, show_of_no_incident),
    Source("new", "arrived_at", (5,), placed, show_placed),
)
