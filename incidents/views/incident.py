"""One incident: how far it went, its tasks, complaints, letters, notice, verification, history."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from complaints import clock
from complaints.views.access import staff
from incidents.correspondence import compose
from incidents.forms import CompleteForm, FixForm, PriorityForm
from incidents.models import Incident
from incidents.notices import publish
from incidents.reporting import extent, figures
from incidents.verification import run
from incidents.verification.target import NotAllowed as ProbeNotAllowed
from incidents.views import tasks
from incidents.workflow import handling, moves
from incidents.workflow.moves import NotAllowed
from incidents.workflow.planning import desk_zone


@staff("incidents.view_incident")
def incident(request: HttpRequest, reference: str) -> HttpResponse:
    """Everything about one incident on one page."""
    found = get_object_or_404(
        Incident.objects.with_newer_playbook().select_related(
            "host", "merged_into", "playbook_version"
        ),
        reference=reference,
    )
    if found.merged_into is not None:
        return redirect("incidents:incident", found.merged_into.reference)
    finished = found.probe_runs.exclude(finished_at=None).select_related("fix")
    runs = list(finished.order_by("-started_at")[:20])
    zone = desk_zone()
    shown, has_more = tasks.shown_of(found)
    radius, counted_at = extent.radius_of(found)
    context = {
        "nav": "incidents",
        "incident": found,
        "radius": radius,
        "counted_at": counted_at,
        "times": figures.headline_times(found, zone=zone),
        "tasks": shown,
        "has_more_tasks": has_more,
        "colleagues": list(handling.colleagues()),
        "runs": runs,
        # Those that were verified; the history tells of one that waits for it.
        "fixes": list({run.fix.pk: run.fix for run in reversed(runs) if run.fix}.values()),
        "fix_form": FixForm(),
        "last_run": runs[0] if runs else None,
        "answers": list(runs[0].answers.all()) if runs else [],
        "refused": figures.refused_per_day(found, zone=zone),
        "refused_since_fix": figures.refused_since_fix(found) if found.fixed_at else 0,
        "form": CompleteForm(),
        "priority_form": PriorityForm(
            initial={"priority": found.priority if found.priority_by else PriorityForm.BY_FACTS}
        ),
    }
    return render(request, "incidents/incident.html", context)


@require_POST
@staff("incidents.add_letter")
def draft_answers(request: HttpRequest, reference: str) -> HttpResponse:
    """Write an answer for each reporter who has none yet."""
    found = get_object_or_404(Incident, reference=reference)
    try:
        drafted = compose.draft_answers(found, by=request.user, now=clock.now())
    except NotAllowed as refusal:
        messages.error(request, str(refusal), extra_tags="bad")
        return redirect("incidents:incident", reference)
    said = ngettext("%(count)s answer is drafted.", "%(count)s answers are drafted.", len(drafted))
    messages.success(request, said % {"count": len(drafted)})
    return redirect("incidents:incident", reference)


@require_POST
@staff("incidents.add_notice")
def draft_notice(request: HttpRequest, reference: str) -> HttpResponse:
    """Write a public notice from the incident's numbers, in the reader's language unless named."""
    found = get_object_or_404(Incident, reference=reference)
    wanted = request.POST.get("language") or get_language() or "en"
    language = "ja" if wanted.startswith("ja") else "en"
    try:
        if request.POST.get("language") == "both":
            publish.draft_pair(found, by=request.user, now=clock.now())
            return redirect("incidents:incident", reference)
        notice = publish.draft_notice(found, language=language, by=request.user, now=clock.now())
    except NotAllowed as refusal:
        messages.error(request, str(refusal), extra_tags="bad")
        return redirect("incidents:incident", reference)
    return redirect("incidents:notice", notice.reference)


@require_POST
@staff("incidents.add_proberun")
def verify_now(request: HttpRequest, reference: str) -> HttpResponse:
    """Have the host asked every probe by the next round of jobs."""
    found = get_object_or_404(Incident.objects.select_related("host"), reference=reference)
    try:
        run.ask_for(found, by=request.user, now=clock.now())
        words = _("It is verified within a minute; the verdict appears here.")
        messages.success(request, words, extra_tags="good")
    except ProbeNotAllowed as refusal:
        messages.error(request, str(refusal), extra_tags="bad")
    return redirect("incidents:incident", reference)


@require_POST
@staff("incidents.change_incident")
def close(request: HttpRequest, reference: str) -> HttpResponse:
    """Close an incident."""
    found = get_object_or_404(Incident, reference=reference)
    try:
        moves.close(found, by=request.user, now=clock.now())
    except NotAllowed as refusal:
        messages.error(request, str(refusal), extra_tags="bad")
    return redirect("incidents:incident", reference)
