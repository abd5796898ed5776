"""Parts of an incident's page that come after it, and an incident that a person opens."""

from typing import Any

from django.contrib import messages
from django.db.models import Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from complaints import clock, paging
from complaints.cleantext import clean_line
from complaints.models import Link, RelayedMessage
from complaints.views.access import staff
from incidents.correspondence.threads import threads_of
from incidents.forms import RenameForm
from incidents.grouping import opening, related
from incidents.models import Correction, Incident
from incidents.reporting import extent as extents
from incidents.reporting import figures
from incidents.reporting.history import SOURCES, history_of
from incidents.workflow.moves import NotAllowed
from incidents.workflow.planning import desk_zone

MOST_COMPLAINTS = 20
LINES = 40
MOST_CHOSEN = 100


@staff("incidents.view_incident")
def extent(request: HttpRequest, reference: str) -> HttpResponse:
    """Day by day what was relayed, refused and complained of; campaigns, sources, complaints."""
    found = get_object_or_404(Incident.objects.select_related("host"), reference=reference)
    counted = extents.extent_of(found)
    context = {
        "incident": found,
        "counted_at": counted.counted_at,
        "flow": {
            "relayed": counted.relayed,
            "refused": figures.refused_per_day(found, zone=desk_zone()),
            "complaints": counted.complaints,
        },
        "sources": _with_shares(counted.sources),
        "campaigns": figures.campaigns(found),
        "page": _members(found, "", MOST_COMPLAINTS),
    }
    return as_part(request, "incidents/_extent.html", found, context)


@staff("incidents.view_incident")
def neighbours(request: HttpRequest, reference: str) -> HttpResponse:
    """The incidents that share facts with it or follow it, and what people put right."""
    found = get_object_or_404(Incident, reference=reference)
    context = {
        "incident": found,
        "related": related.related_to(found),
        "followed_by": list(found.followed_by.filter(merged_into=None).order_by("pk")[:5]),
        "corrections": _corrections(found),
        "rename_form": RenameForm(initial={"title": found.title}),
    }
    return as_part(request, "incidents/_neighbours.html", found, context)


@staff("incidents.view_incident")
def members(request: HttpRequest, reference: str) -> HttpResponse:
    """All complaints of an incident, the latest first, a page at a time."""
    found = get_object_or_404(Incident, reference=reference)
    page = _members(found, request.GET.get("after", ""), paging.A_PAGE)
    context = {"incident": found, "page": page, "is_all": True}
    return as_part(request, "incidents/_complaints.html", found, context)


@staff("incidents.view_incident")
def said(request: HttpRequest, reference: str) -> HttpResponse:
    """What we told others about it, and their answers in threads."""
    found = get_object_or_404(Incident, reference=reference)
    threads, older = threads_of(found)
    context = {
        "incident": found,
        "threads": threads,
        "older": older,
        "tellings": found.tellings.order_by("pk"),
        "notices": found.notices.order_by("pk"),
    }
    return as_part(request, "incidents/_said.html", found, context)


@staff("incidents.view_incident")
def timeline(request: HttpRequest, reference: str) -> HttpResponse:
    """One stream of what happened: mail, log, people, machine; or one of them."""
    found = get_object_or_404(Incident, reference=reference)
    before, source = request.GET.get("before", ""), request.GET.get("source", "")
    lines = history_of(
        found,
        source=source,
        before=int(before) if before.isdecimal() else None,
        most=LINES + 1,
    )
    words = {"mail": _("Mail"), "log": _("Log"), "people": _("People"), "machine": _("Machine")}
    context = {
        "incident": found,
        "source": source if source in SOURCES else "",
        "chips": list(words.items()),
        "history": lines[:LINES],
        "older": lines[LINES - 1].sequence if len(lines) > LINES else None,
    }
    return as_part(request, "incidents/_timeline_of.html", found, context)


@require_POST
@staff("incidents.add_incident")
def open_with(request: HttpRequest) -> HttpResponse:
    """Open an incident with messages that were chosen in the mail log."""
    keys = [int(key) for key in request.POST.getlist("message") if key.isdecimal()]
    chosen = RelayedMessage.objects.filter(pk__in=keys[:MOST_CHOSEN]).select_related("host")
    title = clean_line(request.POST.get("title", ""), 150) or _("Found in the mail log")
    try:
        opened = opening.open_with(list(chosen), title, by=request.user, now=clock.now())
    except NotAllowed as refusal:
        messages.error(request, str(refusal), extra_tags="bad")
        return redirect("complaints:maillog")
    return redirect("incidents:incident", opened.reference)


def _members(found: Incident, after: str, most: int) -> paging.Page:
    links = Link.objects.filter(state__in=Link.HOLDING).select_related("message")
    rows = (
        found.memberships.select_related("complaint")
        .defer("complaint__text", "complaint__reasons", "complaint__notes")
        .prefetch_related("campaigns", Prefetch("complaint__links", links))
    )
    return paging.page(rows, ("-pk",), after=after, most=most)


def as_part(
    request: HttpRequest, template: str, found: Incident, context: dict[str, Any]
) -> HttpResponse:
    """The part alone for htmx; else a page with nothing but the part."""
    if getattr(request, "htmx", False):
        return render(request, template, context)
    return render(request, "incidents/part.html", context | {"nav": "incidents", "part": template})


def _with_shares(sources: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each source with its share of all that are shown, from 0 to 1."""
    total = sum(one["count"] for one in sources) or 1
    return [one | {"share": one["count"] / total} for one in sources]


def _corrections(found: Incident) -> list[Correction]:
    """What people changed about what belongs to an incident, newest first."""
    about = Correction.objects.filter(Q(incident=found) | Q(into=found))
    return list(about.select_related("incident", "into", "complaint")[:50])
