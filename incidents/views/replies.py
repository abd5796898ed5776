"""What may be a reply to a letter, said to be one or none; a further letter in its thread."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from complaints import clock
from complaints.views.access import staff
from incidents.correspondence import compose, replies
from incidents.models import Letter, ReplyProposal
from incidents.workflow.moves import NotAllowed


@require_POST
@staff("incidents.change_letter")
def accept(request: HttpRequest, proposal_id: int) -> HttpResponse:
    """It is a reply."""
    return _decide(request, proposal_id, replies.accept)


@require_POST
@staff("incidents.change_letter")
def refuse(request: HttpRequest, proposal_id: int) -> HttpResponse:
    """It is none."""
    return _decide(request, proposal_id, replies.refuse)


@require_POST
@staff("incidents.add_letter")
def follow_up(request: HttpRequest, letter_id: int) -> HttpResponse:
    """Write on to whom this letter went."""
    letter = get_object_or_404(Letter.objects.select_related("incident", "contact"), pk=letter_id)
    try:
        further = compose.draft_follow_up(letter, by=request.user, now=clock.now())
    except NotAllowed as refusal:
        messages.error(request, str(refusal), extra_tags="bad")
        return redirect("incidents:letter", letter_id)
    return redirect("incidents:letter", further.pk)


def _decide(request: HttpRequest, proposal_id: int, decide: Any) -> HttpResponse:
    known = ReplyProposal.objects.select_related("complaint", "letter__incident", "letter__task")
    proposal = get_object_or_404(known, pk=proposal_id)
    try:
        decide(proposal, by=request.user, now=clock.now())
    except NotAllowed as refusal:
        messages.error(request, str(refusal), extra_tags="bad")
    return redirect("incidents:letter", proposal.letter_id)
