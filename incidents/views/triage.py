"""What needs a person now: tasks, letters and complaints by urgency."""

from collections import Counter

from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from complaints import clock
from complaints.models import Complaint
from complaints.views.access import staff
from incidents.models import Incident, Task
from incidents.reporting import figures
from incidents.reporting.triage import COMPLAINTS, INCIDENTS, LETTERS, waiting

KINDS = (INCIDENTS, COMPLAINTS, LETTERS)
A_PAGE = 50


@staff("incidents.view_incident")
def triage(request: HttpRequest) -> HttpResponse:
    """The list that a day begins with."""
    items = waiting(clock.now())
    kind = request.GET.get("kind", "")
    shown = [item for item in items if item.kind == kind] if kind in KINDS else items
    counts = Counter(item.kind for item in items)
    context = {
        "nav": "triage",
        "items": shown,
        "kind": kind,
        "chips": [(name, counts[name]) for name in KINDS],
        "total": len(items),
        "counts": figures.counts(),
        "stages": Complaint.Stage,
    }
    return render(request, "incidents/triage.html", context)


@staff("incidents.view_incident")
def incidents(request: HttpRequest) -> HttpResponse:
    """Every incident, open ones first."""
    found = (
        Incident.objects.filter(merged_into=None)
        .annotate(
            complaint_count=Count("memberships", distinct=True),
            open_tasks=Count("tasks", filter=Q(tasks__state=Task.State.OPEN), distinct=True),
        )
        .order_by("closed_at", "priority", "-discovered_at")
    )
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    return render(request, "incidents/list.html", {"nav": "incidents", "page": page})
