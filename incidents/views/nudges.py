"""What was said to a person of the desk: put away once it is seen, and mailed to who wants it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from complaints import clock
from complaints.views.access import person, staff
from incidents.models import Nudge, NudgeWish
from incidents.workflow import nudges


@staff("incidents.view_incident")
def said_to_me(request: HttpRequest) -> HttpResponse:
    """All that is not put away: a page, or the part of the desk's first page."""
    template = "incidents/_nudges.html" if request.htmx else "incidents/nudges.html"  # type: ignore[attr-defined]
    user = person(request)
    context: dict[str, Any] = {"nudges": nudges.unseen(user)}
    if template == "incidents/nudges.html":
        context["wish"] = NudgeWish.objects.filter(user=user).first()
    return render(request, template, context)


@require_POST
@staff("incidents.view_incident")
def put_away(request: HttpRequest, nudge_id: int) -> HttpResponse:
    """Seen; one that is for somebody else stays."""
    found = get_object_or_404(Nudge, pk=nudge_id)
    nudges.put_away(found, person(request), now=clock.now())
    return redirect("incidents:nudges")


@require_POST
@staff("incidents.view_incident")
def wish(request: HttpRequest) -> HttpResponse:
    """Want them by mail from now on, or no more."""
    user, now = person(request), clock.now()
    if "on" not in request.POST:
        NudgeWish.objects.filter(user=user).delete()
    elif user.email:
        start = {"since": now, "language": (get_language() or "en")[:2]}
        NudgeWish.objects.get_or_create(user=user, defaults=start)
    return redirect("incidents:nudges")
