"""Letters, notices, answers to them and words to reporters that wait for a person."""

from typing import Any

from django.db.models import Case, F, Q, QuerySet, Value, When
from django.urls import reverse
from django.utils.translation import gettext as _

from complaints.evidence.marked import plainly
from incidents.desk.item import Filters, Moments, Waiting
from incidents.desk.source import about, address_of
from incidents.models import Letter, Notice, Reply, ReplyProposal, Telling

OF_A_LETTER = (
    "pk", "rank", "subject", "state", "to_name", "to_address", "drafted_at", "language",
    "incident__reference",
)  # fmt: skip
OF_A_NOTICE = ("pk", "state", "title", "reference", "written_at", "language", "incident__reference")
OF_A_REPLY = (
    "pk", "received_at", "letter_id", "letter__incident__reference", "letter__incident__title",
    "complaint__subject", "complaint__sender_name", "complaint__sender",
)  # fmt: skip
OF_A_PROPOSAL = (
    "pk", "proposed_at", "letter_id", "letter__subject", "letter__incident__reference",
    "complaint__reference", "complaint__subject",
)  # fmt: skip
OF_A_TELLING = ("pk", "occasion", "written_at", "incident__reference")


def letters(at: Moments, filters: Filters) -> "QuerySet[Letter]":
    """Letters that nobody but a person takes further."""
    ranks = {Letter.State.UNSURE: 1, Letter.State.FAILED: 2, Letter.State.DRAFT: 3}
    found = Letter.objects.filter(state__in=ranks)
    whens = [When(state=state, then=Value(rank)) for state, rank in ranks.items()]
    return found.annotate(rank=Case(*whens))


def show_letter(letter: Any, at: Moments) -> Waiting:
    """A letter in words; the row has the fields of OF_A_LETTER."""
    whys = {
        Letter.State.UNSURE: _("Perhaps sent: look and say whether it was."),
        Letter.State.FAILED: _("It could not be delivered."),
        Letter.State.DRAFT: _("It waits for its approval."),
    }
    return Waiting(
        rank=letter.rank,
        source="letter",
        pk=letter.pk,
        title=letter.subject,
        why=whys[Letter.State(letter.state)],
        about=about(letter.incident__reference, letter.to_name or letter.to_address),
        address=reverse("incidents:letter", args=[letter.pk]),
        at=letter.drafted_at,
        subject=letter.incident__reference,
        language=letter.language,
    )


def notices(at: Moments, filters: Filters) -> "QuerySet[Notice]":
    """Notices that wait for approval, or to be published."""
    waiting = (Notice.State.DRAFT, Notice.State.APPROVED)
    return Notice.objects.filter(state__in=waiting)


def show_notice(notice: Any, at: Moments) -> Waiting:
    """A notice in words; the row has the fields of OF_A_NOTICE."""
    is_draft = notice.state == Notice.State.DRAFT
    return Waiting(
        rank=2,
        source="notice",
        pk=notice.pk,
        title=notice.title,
        why=_("It waits for a second person's approval.")
        if is_draft
        else _("It is approved and waits to be published."),
        about=f"{notice.incident__reference} · {notice.reference}",
        address=address_of("incidents:notice", notice.reference),
        at=notice.written_at,
        subject=notice.incident__reference,
        language=notice.language,
    )


def replies(at: Moments, filters: Filters) -> "QuerySet[Reply]":
    """Answers to letters of ours of which nobody has said what they come to.

    Filing an answer notes that the letter is answered, at the time when the answer came: whoever
    says what it comes to does so later, and so does whoever finishes its task.
    """
    unsaid = Q(letter__outcome="") | Q(letter__outcome_at__lte=F("received_at"))
    unfinished = Q(letter__task__finished_at=None) | Q(
        letter__task__finished_at__lte=F("received_at")
    )
    return Reply.objects.filter(unsaid, unfinished, kind=Reply.Kind.ANSWER)


def show_reply(reply: Any, at: Moments) -> Waiting:
    """An answer in words; the row has the fields of OF_A_REPLY."""
    return Waiting(
        rank=2,
        source="reply",
        pk=reply.pk,
        title=plainly(reply.complaint__subject) or _("(no subject)"),
        why=_("%(who)s answered a letter of ours: say what came of it.")
        % {"who": plainly(reply.complaint__sender_name or reply.complaint__sender)},
        about=about(reply.letter__incident__reference, reply.letter__incident__title),
        address=reverse("incidents:letter", args=[reply.letter_id]),
        at=reply.received_at,
        subject=reply.letter__incident__reference,
    )


def proposals(at: Moments, filters: Filters) -> "QuerySet[ReplyProposal]":
    """Mails that may answer a letter of ours, of which nobody has said whether they do."""
    return ReplyProposal.objects.filter(state=ReplyProposal.State.PROPOSED)


def show_proposal(proposal: Any, at: Moments) -> Waiting:
    """A mail that may be a reply in words; the row has the fields of OF_A_PROPOSAL."""
    return Waiting(
        rank=3,
        source="proposal",
        pk=proposal.pk,
        title=plainly(proposal.complaint__subject) or _("(no subject)"),
        why=_("A mail may answer this letter: say whether it does."),
        about=about(
            proposal.letter__incident__reference,
            proposal.complaint__reference,
            proposal.letter__subject,
        ),
        address=reverse("incidents:letter", args=[proposal.letter_id]) + "#replies",
        at=proposal.proposed_at,
        subject=proposal.letter__incident__reference,
    )


def tellings(at: Moments, filters: Filters) -> "QuerySet[Telling]":
    """Words to reporters that wait for approval."""
    return Telling.objects.filter(state=Telling.State.DRAFT)


def show_telling(telling: Any, at: Moments) -> Waiting:
    """A word to reporters in words; the row has the fields of OF_A_TELLING."""
    return Waiting(
        rank=3,
        source="telling",
        pk=telling.pk,
        title=_("Word to the reporters"),
        why=_("It waits for a second person's approval."),
        about=about(telling.incident__reference, str(Telling.Occasion(telling.occasion).label)),
        address=reverse("incidents:telling", args=[telling.pk]),
        at=telling.written_at,
        subject=telling.incident__reference,
    )
