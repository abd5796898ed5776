"""Letters, notices, answers to them and words to reporters that wait for a person."""

from datetime import datetime

from django.db.models import Case, F, Q, QuerySet, Value, When
from django.urls import reverse
from django.utils.translation import gettext as _

from complaints.evidence.marked import plainly
from incidents.desk.item import Filters, Waiting
from incidents.desk.source import about
from incidents.models import Letter, Notice, Reply, ReplyProposal, Telling


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
        about=about(letter.incident.reference, letter.to_name or letter.to_address),
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
    """Answers to letters of ours of which nobody has said what they come to.

    Filing an answer notes that the letter is answered, at the time when the answer came: whoever
    says what it comes to does so later, and so does whoever finishes its task.
    """
    unsaid = Q(letter__outcome="") | Q(letter__outcome_at__lte=F("received_at"))
    unfinished = Q(letter__task__finished_at=None) | Q(
        letter__task__finished_at__lte=F("received_at")
    )
    answers = Reply.objects.filter(unsaid, unfinished, kind=Reply.Kind.ANSWER)
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
        title=plainly(reply.complaint.subject) or _("(no subject)"),
        why=_("%(who)s answered a letter of ours: say what came of it.")
        % {"who": plainly(reply.complaint.sender_name or reply.complaint.sender)},
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
        title=plainly(proposal.complaint.subject) or _("(no subject)"),
        why=_("A mail may answer this letter: say whether it does."),
        about=about(incident.reference, proposal.complaint.reference, proposal.letter.subject),
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
        about=about(telling.incident.reference, telling.get_occasion_display()),
        address=reverse("incidents:telling", args=[telling.pk]),
        at=telling.written_at,
        subject=telling.incident.reference,
    )
