"""All incidents: the open ones, most urgent first, or those that are closed, latest first."""

from django.db.models import OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from complaints import paging
from complaints.views.access import staff
from incidents.models import Incident, IncidentComplaint, Task

URGENT = ("priority", "-discovered_at", "-pk")
LATEST = ("-closed_at", "-pk")


@staff("incidents.view_incident")
def incidents(request: HttpRequest) -> HttpResponse:
    """Incidents with how many complaints and open tasks each has, counted up to a bound."""
    is_closed = request.GET.get("state") == Incident.State.CLOSED
    standing = Incident.objects.filter(merged_into=None)
    closed = standing.filter(state=Incident.State.CLOSED).exclude(closed_at=None)
    found = closed if is_closed else standing.exclude(state=Incident.State.CLOSED)
    members = IncidentComplaint.objects.filter(incident=OuterRef("pk"))
    tasks = Task.objects.open().filter(incident=OuterRef("pk"))
    found = found.annotate(
        complaint_count=paging.Counted.up_to(paging.MOST_COUNTED, members),
        open_tasks=paging.Counted.up_to(paging.MOST_COUNTED, tasks),
    )
    by = LATEST if is_closed else URGENT
    context = {
        "nav": "incidents",
        "page": paging.page(found, by, after=request.GET.get("after", "")),
        "most": paging.MOST_COUNTED,
        "is_closed": is_closed,
        "chips": [("", _("Open")), ("closed", _("Closed"))],
    }
    return render(request, "incidents/list.html", context)
