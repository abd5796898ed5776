"""Search across all: complaints, incidents, letters; a reference leads straight to its page."""

import re

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from complaints.models import Complaint
from complaints.views.access import staff
from incidents.finding import look, terms
from incidents.models import Incident, Notice

REFERENCE = re.compile(r"([CIN])-\d{4}-\d+", re.IGNORECASE)


@staff("incidents.view_incident")
def search(request: HttpRequest) -> HttpResponse:
    """What was asked for, and what has it."""
    asked = request.GET.get("q", "").strip()[:200]
    page = _page_of(asked)
    if page is not None:
        return page
    wanted = terms.asked(asked)
    context = {
        "asked": asked,
        "page": look.look(wanted, after=request.GET.get("after", "")),
        "kinds": terms.KINDS,
    }
    return render(request, "incidents/search.html", context)


def _page_of(asked: str) -> HttpResponse | None:
    """Where a reference leads, if it is one."""
    if not (named := REFERENCE.fullmatch(asked)):
        return None
    reference = asked.upper()
    kind = named[1].upper()
    if kind == "C" and Complaint.objects.filter(reference=reference).exists():
        return redirect("complaints:complaint", reference)
    if kind == "I" and Incident.objects.filter(reference=reference).exists():
        return redirect("incidents:incident", reference)
    if kind == "N" and Notice.objects.filter(reference=reference).exists():
        return redirect("incidents:notice", reference)
    return None
