"""One page with every component of the design system, for those who build screens."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from complaints import clock
from complaints.views.access import staff
from incidents.forms import CompleteForm, LetterForm
from incidents.reporting.history import HistoryLine

REASONS = [
    {"fact": "queue ID NAA24892 on mail at 04:04:49 UTC", "weight": 9.0},
    {"fact": "envelope sender differs", "weight": -3.0},
]


@staff("incidents.view_incident")
def design(request: HttpRequest) -> HttpResponse:
    """Every component, with made-up content."""
    now = clock.now()
    days = [((now + timedelta(days=day)).date(), (day * 7) % 23) for day in range(30)]
    context = {
        "tones": ["good", "warn", "bad", ""],
        "soon": now + timedelta(hours=3),
        "late": now - timedelta(days=2),
        "days": days,
        "mark": now + timedelta(days=12),
        "reasons": REASONS,
        "history": [HistoryLine(now, "lead", "Public notice N-2026-0001 approved.")],
        "form": LetterForm(),
        "task_form": CompleteForm(),
    }
    return render(request, "incidents/design.html", context)
