"""Write and approve a letter, and say what came of it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import slugify
from django.views.decorators.http import require_POST

from complaints import clock
from complaints.views.access import staff
from incidents.correspondence import outbox, pdf
from incidents.correspondence.reports import enclose
from incidents.forms import ArrivedForm, LetterForm, LetterOutcomeForm, PostedForm, ReadForm
from incidents.models import Enclosure, Letter, ReplyProposal
from incidents.views.replies import promise_form
from incidents.workflow.moves import NotAllowed


@staff("incidents.view_letter")
def letter(request: HttpRequest, letter_id: int) -> HttpResponse:
    """A letter and its fate; a draft can be changed here."""
    found = _letter(letter_id)
    form = LetterForm(request.POST or None, instance=found)
    if request.method == "POST" and request.user.has_perm("incidents.change_letter"):
        if form.is_valid():
            return _act(request, letter_id, outbox.edit, **form.cleaned_data)
        found = _letter(letter_id)
    context = {
        "nav": "incidents",
        "letter": found,
        "form": form,
        "outcome_form": LetterOutcomeForm(),
        "posted_form": PostedForm(),
        "arrived_form": ArrivedForm(),
        "proposals": found.proposals.filter(state=ReplyProposal.State.PROPOSED).select_related(
            "complaint"
        ),
        "enclosures": found.enclosures.exclude(kind=Enclosure.Kind.COPY).defer("content"),
        "copies": found.enclosures.filter(kind=Enclosure.Kind.COPY).defer("content"),
        "promises": found.promises.all(),
        "promise_form": promise_form(found, now=clock.now()),
        "needs_second_person": outbox.needs_second_person(found),
    }
    return render(request, "correspondence/letter.html", context)


@require_POST
@staff("incidents.approve_letter")
def approve(request: HttpRequest, letter_id: int) -> HttpResponse:
    """Let a letter go, in the text that was on the screen."""
    form = ReadForm(request.POST)
    if form.is_valid():
        return _act(request, letter_id, outbox.approve, **form.cleaned_data)
    return redirect("incidents:letter", letter_id)


@require_POST
@staff("incidents.change_letter")
def withdraw(request: HttpRequest, letter_id: int) -> HttpResponse:
    """Take back a letter that has not left."""
    return _act(request, letter_id, outbox.withdraw)


@require_POST
@staff("incidents.change_letter")
def write_again(request: HttpRequest, letter_id: int) -> HttpResponse:
    """Make a letter that failed, or perhaps was sent, a draft again."""
    return _act(request, letter_id, outbox.write_again)


@require_POST
@staff("incidents.change_letter")
def arrived(request: HttpRequest, letter_id: int) -> HttpResponse:
    """Say that a letter which was perhaps sent has arrived."""
    form = ArrivedForm(request.POST)
    if form.is_valid():
        return _act(request, letter_id, outbox.record_arrival, **form.cleaned_data)
    return redirect("incidents:letter", letter_id)


@require_POST
@staff("incidents.change_letter")
def posted(request: HttpRequest, letter_id: int) -> HttpResponse:
    """Say that it went by fax or post."""
    form = PostedForm(request.POST)
    if form.is_valid():
        return _act(request, letter_id, outbox.record_posted, **form.cleaned_data)
    return redirect("incidents:letter", letter_id)


@require_POST
@staff("incidents.change_letter")
def outcome(request: HttpRequest, letter_id: int) -> HttpResponse:
    """Say what came of it."""
    form = LetterOutcomeForm(request.POST)
    if form.is_valid():
        return _act(request, letter_id, outbox.record_outcome, **form.cleaned_data)
    return redirect("incidents:letter", letter_id)


@staff("incidents.view_letter")
def enclosure(request: HttpRequest, letter_id: int, enclosure_id: int) -> HttpResponse:
    """A file that goes with a letter, to be kept and looked at elsewhere."""
    found = get_object_or_404(Enclosure, pk=enclosure_id, letter=letter_id)
    response = HttpResponse(bytes(found.content), content_type="application/octet-stream")
    response.headers["Content-Disposition"] = f'attachment; filename="{found.name}"'
    return response


@require_POST
@staff("incidents.change_letter")
def take_off(request: HttpRequest, letter_id: int, enclosure_id: int) -> HttpResponse:
    """Let a letter go without this file."""
    known = Enclosure.objects.select_related("letter__incident")
    found = get_object_or_404(known, pk=enclosure_id, letter=letter_id)
    try:
        enclose.take_off(found, by=request.user, now=clock.now())
    except NotAllowed as refusal:
        messages.error(request, str(refusal), extra_tags="bad")
    return redirect("incidents:letter", letter_id)


@staff("incidents.view_letter")
def as_pdf(request: HttpRequest, letter_id: int) -> HttpResponse:
    """The letter on paper: the copy that is kept, once it has gone by fax or post."""
    found = _letter(letter_id)
    kept = found.enclosures.filter(kind=Enclosure.Kind.COPY, content_type="application/pdf").first()
    paper = bytes(kept.content) if kept else pdf.letter_pdf(found)
    response = HttpResponse(paper, content_type="application/pdf")
    name = f"{found.incident.reference}-{slugify(found.kind)}.pdf"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _letter(letter_id: int) -> Letter:
    letters = Letter.objects.select_related(
        "incident", "task", "answers", "approved_by", "contact"
    ).prefetch_related("replies__complaint")
    return get_object_or_404(letters, pk=letter_id)


def _act(request: HttpRequest, letter_id: int, move: Any, **said: Any) -> HttpResponse:
    try:
        move(_letter(letter_id), **said, by=request.user, now=clock.now())
    except NotAllowed as refusal:
        messages.error(request, str(refusal), extra_tags="bad")
    return redirect("incidents:letter", letter_id)
