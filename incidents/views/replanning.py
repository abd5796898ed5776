"""An incident planned anew: another kind, or the newest version; what changes is shown before."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from complaints import clock
from complaints.views.access import staff
from incidents.models import Incident
from incidents.workflow import inforce, replan
from incidents.workflow.moves import NotAllowed


@staff("incidents.change_incident")
def plan_anew(request: HttpRequest, reference: str) -> HttpResponse:
    """What another kind or version would do to the tasks; by the button below, it is done."""
    found = get_object_or_404(
        Incident.objects.select_related("playbook_version"), reference=reference
    )
    asked = request.POST if request.method == "POST" else request.GET
    kind = asked.get("kind") or found.kind
    in_force = {version.kind: version for version in inforce.all_current()}
    version = in_force.get(kind)
    if request.method == "POST":
        return _follow(request, found, kind, seen=asked.get("version", ""))
    context = {
        "nav": "incidents",
        "incident": found,
        "kinds": inforce.names_of_kinds(),
        "kind": kind,
        "version": version,
        "is_same": version == found.playbook_version,
        "preview": replan.preview(found, version) if version else None,
    }
    return render(request, "incidents/plan.html", context)


def _follow(request: HttpRequest, found: Incident, kind: str, *, seen: str) -> HttpResponse:
    """Do it, if the version in force is still the one whose preview was seen."""
    try:
        version = inforce.current(kind)
        if version is not None and str(version.number) != seen:
            raise NotAllowed(_("The playbook has changed meanwhile: look again."))
        if kind == found.kind:
            replan.use_newest(found, by=request.user, now=clock.now())
        else:
            replan.change_kind(found, kind, by=request.user, now=clock.now())
    except NotAllowed as refusal:
        messages.error(request, str(refusal), extra_tags="bad")
    return redirect("incidents:incident", found.reference)
