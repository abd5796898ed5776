"""Threats to refuse our mail and listings of our hosts, on the page of their incident."""

from collections import defaultdict
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from complaints import clock
from complaints.views.access import staff
from incidents.correspondence import compose, contacts
from incidents.models import Incident, Letter, Listing, ListZone, Threat
from incidents.threat_forms import ConditionForm, EndForm, ProofForm, ThreatForm
from incidents.views.incident_parts import as_part
from incidents.workflow import threats

MOST = 100


@staff("incidents.view_incident")
def blocking(request: HttpRequest, reference: str) -> HttpResponse:
    """Who will refuse our mail or does, and which blocklists have the host."""
    found = get_object_or_404(Incident.objects.select_related("host"), reference=reference)
    here = Q(incident=found) | Q(incident__merged_into=found)
    known = Threat.objects.filter(here).select_related("complaint", "lifted_by__complaint")
    listings = Listing.objects.none()
    if found.host is not None:
        listings = Listing.objects.of(found.host).since(found.discovered_at)
    rows = list(listings.select_related("zone").order_by("-pk")[:MOST])
    context = {
        "incident": found,
        "is_listed": any(row.cleared_at is None for row in rows),
        "threats": _with_letters(list(known.order_by("-pk")[:MOST])),
        "listings": rows,
        "zones": ListZone.objects.filter(is_on=True).order_by("name"),
        "threat_form": ThreatForm(auto_id="threat_%s"),
    }
    return as_part(request, "incidents/_blocking.html", found, context)


@require_POST
@staff("incidents.change_task")
def record(request: HttpRequest, reference: str) -> HttpResponse:
    """Write down a threat that came in no complaint."""
    found = get_object_or_404(Incident, reference=reference)
    form = ThreatForm(request.POST)
    if form.is_valid():
        threats.record(found, **form.cleaned_data, by=request.user, now=clock.now())
    else:
        messages.error(request, form.errors.as_text(), extra_tags="bad")
    return _back(found)


@require_POST
@staff("incidents.change_task")
def change(request: HttpRequest, threat_id: int) -> HttpResponse:
    """Say on which condition and by when."""
    return _with_form(request, threat_id, ConditionForm(request.POST), threats.change)


@require_POST
@staff("incidents.change_task")
def note_proof(request: HttpRequest, threat_id: int) -> HttpResponse:
    """Note the proof that was sent."""
    return _with_form(request, threat_id, ProofForm(request.POST), threats.note_proof)


@require_POST
@staff("incidents.change_task")
def end(request: HttpRequest, threat_id: int) -> HttpResponse:
    """Say what came of it."""
    return _with_form(request, threat_id, EndForm(request.POST), threats.end)


@require_POST
@staff("incidents.change_task")
def reopen(request: HttpRequest, threat_id: int) -> HttpResponse:
    """It stands again."""
    return _with_form(request, threat_id, forms.Form(request.POST), threats.reopen)


@require_POST
@staff("incidents.add_letter")
def ask_for_removal(request: HttpRequest, reference: str) -> HttpResponse:
    """Draft a letter to each operator of a list that has the host; without one, for a person to
    address."""
    found = get_object_or_404(Incident.objects.select_related("host"), reference=reference)
    by, now = request.user, clock.now()
    if contacts.suggest(found, "delisting"):
        drafted = compose.draft_to_each(found, "delisting", task=None, by=by, now=now)
    else:
        drafted = [compose.draft_letter(found, "delisting", by=by, now=now)]
    if len(drafted) == 1:
        return redirect("incidents:letter", drafted[0].pk)
    words = ngettext("%(count)s letter is drafted.", "%(count)s letters are drafted.", len(drafted))
    messages.success(request, words % {"count": len(drafted)}, extra_tags="good")
    return _back(found)


def _with_letters(
    known: list[Threat],
) -> list[tuple[Threat, dict[str, forms.Form], list[Letter]]]:
    """Each threat with its forms, and the letters that left to answer it; one query for all."""
    complaints = [threat.complaint_id for threat in known if threat.complaint_id]
    letters: dict[int, list[Letter]] = defaultdict(list)
    sent = Letter.objects.that_left().filter(task__kind="threat", task__complaint__in=complaints)
    for letter in sent.select_related("task").defer("body").order_by("pk"):
        if letter.task is not None and letter.task.complaint_id is not None:
            letters[letter.task.complaint_id].append(letter)
    return [
        (threat, _forms_of(threat), letters.get(threat.complaint_id or 0, [])) for threat in known
    ]


def _with_form(request: HttpRequest, threat_id: int, form: forms.Form, act: Any) -> HttpResponse:
    threat = get_object_or_404(Threat.objects.select_related("incident"), pk=threat_id)
    if not form.is_valid():
        messages.error(request, form.errors.as_text(), extra_tags="bad")
    elif act(threat, **form.cleaned_data, by=request.user, now=clock.now()) is False:
        messages.error(request, _("It has ended already."), extra_tags="bad")
    return _back(threat.incident)


def _forms_of(threat: Threat) -> dict[str, forms.Form]:
    """The forms of one threat; their fields have ids of their own."""
    start = {"condition": threat.condition, "deadline": threat.deadline}
    return {
        "condition": ConditionForm(initial=start, auto_id=f"threat-{threat.pk}_%s"),
        "proof": ProofForm(auto_id=f"threat-{threat.pk}_%s"),
        "end": EndForm(auto_id=f"threat-{threat.pk}_%s"),
    }


def _back(found: Incident) -> HttpResponse:
    answer = redirect("incidents:incident", found.reference)
    answer["Location"] += "#blocking"
    return answer
