"""Putting grouping right: move, keep apart, merge, split, rename; each can be undone."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from complaints import clock
from complaints.models import Complaint
from complaints.views.access import staff
from incidents.forms import MergeForm, MoveForm, PriorityForm, RenameForm, SplitForm
from incidents.grouping import corrections, priorities
from incidents.grouping.splitting import MOST_CHOSEN
from incidents.models import Correction, Incident
from incidents.workflow import moves
from incidents.workflow.moves import NotAllowed


@staff("incidents.change_incident")
def move_complaint(request: HttpRequest, reference: str, complaint: str) -> HttpResponse:
    """One complaint of an incident: what goes along, and where it belongs."""
    found = get_object_or_404(Incident, reference=reference, merged_into=None)
    member = get_object_or_404(Complaint, reference=complaint, incidents=found)
    form = MoveForm(request.POST or None)
    if request.method == "POST" and form.is_valid():

        def act(**by: Any) -> None:
            if form.cleaned_data["into"]:
                into = _incident(form.cleaned_data["into"])
                corrections.move(member, found, into, **by)
            else:
                corrections.keep_apart(member, found, **by)

        return _done(request, found, act)
    return _page(request, found, form, complaint=member)


@staff("incidents.change_incident")
def merge(request: HttpRequest, reference: str) -> HttpResponse:
    """A whole incident: what goes along, and which one takes it in."""
    found = get_object_or_404(Incident, reference=reference, merged_into=None)
    form = MergeForm(request.POST or None, initial={"into": request.GET.get("into", "")[:20]})
    if request.method == "POST" and form.is_valid():
        name = form.cleaned_data["into"]
        return _done(request, found, lambda **by: corrections.merge(found, _incident(name), **by))
    return _page(request, found, form, complaint=None)


@staff("incidents.change_incident")
def split(request: HttpRequest, reference: str) -> HttpResponse:
    """Chosen complaints, or one campaign: what goes along, and how the new incident is called."""
    found = get_object_or_404(Incident, reference=reference, merged_into=None)
    asked = request.POST if request.method == "POST" else request.GET
    campaign = None
    if (number := asked.get("campaign", "")).isdecimal():
        campaign = get_object_or_404(found.campaigns, number=number, merged_into=None)
    names = [] if campaign else asked.getlist("complaint")[:MOST_CHOSEN]
    chosen = list(Complaint.objects.filter(reference__in=names, incidents=found).order_by("pk"))
    if not chosen and campaign is None:
        messages.error(request, _("Choose the complaints first."), extra_tags="bad")
        return redirect("incidents:incident", found.reference)
    first = campaign.title if campaign else chosen[0].subject
    form = SplitForm(request.POST or None, initial={"title": first[:200] or found.title})
    if request.method == "POST" and form.is_valid():
        parts: dict[str, Any] = {"complaints": chosen, "campaign": campaign}

        def act(**by: Any) -> None:
            corrections.split(found, **parts, title=form.cleaned_data["title"], **by)

        return _done(request, found, act)
    context = {
        "nav": "incidents",
        "incident": found,
        "campaign": campaign,
        "chosen": chosen,
        "form": form,
        "preview": corrections.preview(found, chosen, campaign),
    }
    return render(request, "incidents/split.html", context)


@require_POST
@staff("incidents.change_incident")
def keep_apart(request: HttpRequest, reference: str, other: str) -> HttpResponse:
    """Say that two incidents are two, though they share facts."""
    found = get_object_or_404(Incident, reference=reference, merged_into=None)
    return _done(
        request,
        found,
        lambda **by: corrections.keep_incidents_apart(found, _incident(other), **by),
    )


@require_POST
@staff("incidents.change_incident")
def rename(request: HttpRequest, reference: str) -> HttpResponse:
    """Give an incident another title."""
    found = get_object_or_404(Incident, reference=reference)
    form = RenameForm(request.POST)
    title = form.cleaned_data["title"] if form.is_valid() else ""
    return _done(request, found, lambda **by: corrections.rename(found, title, **by))


@require_POST
@staff("incidents.change_incident")
def set_priority(request: HttpRequest, reference: str) -> HttpResponse:
    """Say how urgent an incident is, or let the facts decide again."""
    found = get_object_or_404(Incident, reference=reference, merged_into=None)
    form = PriorityForm(request.POST)
    if not form.is_valid():
        messages.error(request, form.errors.as_text(), extra_tags="bad")
        return redirect("incidents:incident", found.reference)
    try:
        if form.cleaned_data["priority"] == PriorityForm.BY_FACTS:
            priorities.by_facts(found, by=request.user, now=clock.now())
        else:
            moves.set_priority(
                found, form.cleaned_data["priority"], by=request.user, now=clock.now()
            )
        messages.success(request, _("Done."), extra_tags="good")
    except NotAllowed as refusal:
        messages.error(request, str(refusal), extra_tags="bad")
    return redirect("incidents:incident", found.reference)


@require_POST
@staff("incidents.change_incident")
def undo(request: HttpRequest, correction_id: int) -> HttpResponse:
    """Take a correction back."""
    found = get_object_or_404(
        Correction.objects.select_related("incident", "into", "complaint"), pk=correction_id
    )
    return _done(request, found.incident, lambda **by: corrections.undo(found, **by))


def _page(
    request: HttpRequest, found: Incident, form: forms.Form, *, complaint: Complaint | None
) -> HttpResponse:
    context = {
        "nav": "incidents",
        "incident": found,
        "complaint": complaint,
        "form": form,
        "preview": corrections.preview(found, [complaint] if complaint else ()),
    }
    return render(request, "incidents/correct.html", context)


def _done(request: HttpRequest, found: Incident, act: Callable[..., object]) -> HttpResponse:
    """Do it, say so, and show the incident again."""
    try:
        act(by=request.user, now=clock.now())
        messages.success(
            request, _("Done. It can be undone at any time, below."), extra_tags="good"
        )
    except NotAllowed as refusal:
        messages.error(request, str(refusal), extra_tags="bad")
    return redirect("incidents:incident", found.reference)


def _incident(reference: str) -> Incident:
    try:
        return get_object_or_404(Incident, reference=reference.strip().upper())
    except Http404 as unknown:
        raise NotAllowed(
            _("There is no incident %(reference)s.") % {"reference": reference}
        ) from unknown
