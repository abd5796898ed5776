"""Coverage: how well we read what comes in, and which mails no reader of ours knows yet."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import ngettext

from complaints import clock, coverage
from complaints.views.access import staff

SPANS = (7, 30, 365)  # days


@staff("complaints.view_complaint")
def read_coverage(request: HttpRequest) -> HttpResponse:
    """By sender and format what was read and what failed; then the shapes that nobody reads."""
    wanted = request.GET.get("days", "")
    days = int(wanted) if wanted in map(str, SPANS) else SPANS[1]
    since = clock.now() - timedelta(days=days)
    context = {
        "nav": "complaints",
        "days": days,
        "spans": [(span, ngettext("%d day", "%d days", span) % span) for span in SPANS],
        "senders": coverage.by_sender(since),
        "shapes": coverage.unknown_shapes(since),
        "most_senders": coverage.MOST_SENDERS,
        "most_counted": coverage.MOST_COUNTED,
    }
    return render(request, "complaints/coverage.html", context)
