"""Words to the reporters of an incident: written once, seen for each, approved by another."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from complaints import clock
from complaints.views.access import staff
from incidents.correspondence import telling as tellings
from incidents.correspondence.draft import Draft
from incidents.correspondence.facts import SLOTS
from incidents.forms import ReadForm, TextForm
from incidents.models import Incident, Telling
from incidents.workflow.moves import NotAllowed

MOST_SHOWN = 3


@staff("incidents.view_letter")
def telling(request: HttpRequest, telling_id: int) -> HttpResponse:
    """The texts, and what the first reporters would read."""
    found = _telling(telling_id)
    forms = {
        language: TextForm(request.POST or None, prefix=language, initial=words)
        for language, words in found.texts.items()
    }
    may_change = request.user.has_perm("incidents.change_letter")
    if request.method == "POST" and may_change and all(f.is_valid() for f in forms.values()):
        texts = {
            language: Draft(form.cleaned_data["subject"], form.cleaned_data["body"], language)
            for language, form in forms.items()
        }
        return _act(request, found, tellings.edit, texts_of=texts)
    told = tellings.told_by(found)
    context = {
        "nav": "incidents",
        "telling": found,
        "forms": forms.items(),
        "told": told,
        "shown": [(one, tellings.text_for(found, one)) for one in told[:MOST_SHOWN]],
        "slots": sorted(SLOTS),
        "letters": found.letters.order_by("pk")[:200],
        "is_own": found.written_by == request.user.get_username(),
    }
    return render(request, "correspondence/telling.html", context)


@require_POST
@staff("incidents.add_letter")
def draft(request: HttpRequest, reference: str) -> HttpResponse:
    """Begin a word to the reporters."""
    incident = get_object_or_404(Incident, reference=reference)
    occasion = request.POST.get("occasion", "")
    try:
        made = tellings.draft_telling(incident, occasion, by=request.user, now=clock.now())
    except NotAllowed as refusal:
        messages.error(request, str(refusal), extra_tags="bad")
        return redirect("incidents:incident", reference)
    return redirect("incidents:telling", made.pk)


@require_POST
@staff("incidents.approve_letter")
def approve(request: HttpRequest, telling_id: int) -> HttpResponse:
    """Let it go to each, in the text that was on the screen."""
    found = _telling(telling_id)
    form = ReadForm(request.POST)
    as_of = form.cleaned_data["as_of"] if form.is_valid() else None
    try:
        count = tellings.approve(found, by=request.user, now=clock.now(), as_of=as_of)
        said = ngettext(
            "%(count)s letter is on its way.", "%(count)s letters are on their way.", count
        )
        messages.success(request, said % {"count": count}, extra_tags="good")
    except NotAllowed as refusal:
        messages.error(request, str(refusal), extra_tags="bad")
    return redirect("incidents:telling", telling_id)


@require_POST
@staff("incidents.change_letter")
def withdraw(request: HttpRequest, telling_id: int) -> HttpResponse:
    """Tell nobody."""
    return _act(request, _telling(telling_id), tellings.withdraw)


def _telling(telling_id: int) -> Telling:
    known = Telling.objects.select_related("incident__host", "approved_by")
    return get_object_or_404(known, pk=telling_id)


def _act(request: HttpRequest, found: Telling, move: Any, **said: Any) -> HttpResponse:
    try:
        move(found, **said, by=request.user, now=clock.now())
    except NotAllowed as refusal:
        messages.error(request, str(refusal), extra_tags="bad")
    return redirect("incidents:telling", found.pk)
