"""How often a link of 90 % was right, by what people decided; and what each fact weighs."""

from django.db.models import Count
from django.db.models.functions import Round
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from complaints.linking import calibration as measure
from complaints.linking import weighing
from complaints.linking.weights import NOTHING_FITS
from complaints.models import Link
from complaints.views.access import staff

MOST_DECISIONS = 5000


@staff("complaints.view_complaint")
def calibration(request: HttpRequest) -> HttpResponse:
    """The latest decisions by tenths of probability, and the table of weights in force."""
    decided = Link.objects.filter(state__in=(Link.State.CONFIRMED, Link.State.REJECTED))
    latest = decided.exclude(weighed_by="").order_by("-pk").values("pk")[:MOST_DECISIONS]
    # Counted by the database to a thousandth: as rows they would be most of the page's time.
    to_one = Round("score", precision=3)
    rows = Link.objects.filter(pk__in=latest).values_list(to_one, "state").annotate(Count("pk"))
    found = measure.steps_of(
        (score, state == Link.State.CONFIRMED, count) for score, state, count in rows.order_by()
    )
    table = weighing.in_force()
    facts = [(name, weight) for name, weight in table.weights.items() if name != NOTHING_FITS]
    context = {
        "nav": "complaints",
        "steps": found,
        "error": measure.error(found),
        "version": table.version,
        "facts": sorted(facts, key=lambda fact: -fact[1]),
    }
    return render(request, "complaints/calibration.html", context)
