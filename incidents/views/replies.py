"""What comes back on a letter: a reply or none, a promise, a further letter in its thread."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from complaints import clock
from complaints.views.access import staff
from incidents.correspondence import compose, promises, replies
from incidents.forms import PromiseForm
from incidents.models import Letter, Promise, Reply, ReplyProposal
from incidents.workflow.moves import NotAllowed

WATCHED_FOR = timedelta(days=30)


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


@require_POST
@staff("incidents.change_letter")
def promise(request: HttpRequest, letter_id: int) -> HttpResponse:
    """Note what they promise; it is watched."""
    letter = get_object_or_404(Letter.objects.select_related("incident", "task"), pk=letter_id)
    form = PromiseForm(request.POST)
    if not form.is_valid():
        messages.error(request, form.errors.as_text(), extra_tags="bad")
        return redirect("incidents:letter", letter_id)
    try:
        reply = letter.replies.filter(kind=Reply.Kind.ANSWER).last()
        said = form.cleaned_data
        promises.record(letter, **said, reply=reply, by=request.user, now=clock.now())
    except NotAllowed as refusal:
        messages.error(request, str(refusal), extra_tags="bad")
    return redirect("incidents:letter", letter_id)


@require_POST
@staff("incidents.change_letter")
def withdraw_promise(request: HttpRequest, promise_id: int) -> HttpResponse:
    """Watch a promise no longer."""
    found = get_object_or_404(Promise.objects.select_related("letter__incident"), pk=promise_id)
    try:
        promises.withdraw(found, by=request.user, now=clock.now())
    except NotAllowed as refusal:
        messages.error(request, str(refusal), extra_tags="bad")
    return redirect("incidents:letter", found.letter_id)


def promise_form(letter: Letter, *, now: datetime) -> PromiseForm:
    """The form as it is offered: who they are, what is theirs, thirty days from now."""
    contact = letter.contact
    return PromiseForm(
        initial={
            "who": letter.to_name,
            "networks": "\n".join(contact.networks) if contact else "",
            "domains": "\n".join(contact.domains) if contact else "",
            "holds_from": now,
            "until": now + WATCHED_FOR,
        }
    )


def _decide(request: HttpRequest, proposal_id: int, decide: Any) -> HttpResponse:
    known = ReplyProposal.objects.select_related("complaint", "letter__incident", "letter__task")
    proposal = get_object_or_404(known, pk=proposal_id)
    try:
        decide(proposal, by=request.user, now=clock.now())
    except NotAllowed as refusal:
        messages.error(request, str(refusal), extra_tags="bad")
    return redirect("incidents:letter", proposal.letter_id)
