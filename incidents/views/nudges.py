"""What was said to a person of the desk, put away once it is seen."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from complaints import clock
from complaints.views.access import person, staff
from incidents.models import Nudge
from incidents.workflow import nudges


@staff("incidents.view_incident")
def said_to_me(request: HttpRequest) -> HttpResponse:
    """All that is not put away: a page, or the part of the desk's first page."""
    template = "incidents/_nudges.html" if request.htmx else "incidents/nudges.html"  # type: ignore[attr-defined]
    return render(request, template, {"nudges": nudges.unseen(person(request))})


@require_POST
@staff("incidents.view_incident")
def put_away(request: HttpRequest, nudge_id: int) -> HttpResponse:
    """Seen; one that is for somebody else stays."""
    found = get_object_or_404(Nudge, pk=nudge_id)
    nudges.put_away(found, person(request), now=clock.now())
    return redirect("incidents:nudges")
