"""The chart of an incident: what was relayed, refused and complained of, with the fixes marked."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django import template
from django.utils import timezone
from django.utils.translation import gettext as _

from incidents.models import Incident

register = template.Library()

WIDTH, ROW, LABEL, FOOT = 1200, 62, 14, 18
MOST_DAYS = 400
Days = Sequence[tuple[date, int]]


@register.inclusion_tag("components/_flow.html")
def flow(counted: Mapping[str, Days], incident: Incident) -> dict[str, Any]:
    """Three rows of bars over the same days; lines where the notice and the fixes were.

    counted  (day, count) by `relayed`, `refused`, `complaints`
    """
    days = sorted({day for rows in counted.values() for day, _count in rows})
    if not days:
        return {"rows": []}
    last = days[-1]
    first = max(days[0], date.fromordinal(last.toordinal() - MOST_DAYS))
    words = {
        "relayed": _("Relayed"),
        "refused": _("Refused attempts"),
        "complaints": _("Complaints"),
    }
    step = WIDTH / ((last - first).days + 1)
    rows = [
        _row(name, word, counted[name], first, step, place)
        for place, (name, word) in enumerate(words.items())
    ]
    return {
        "rows": rows,
        "marks": _marks(incident, first, last, step),
        "first": first,
        "last": last,
        "width": WIDTH,
        "height": ROW * len(rows) + FOOT,
        "foot": ROW * len(rows),
    }


def _row(
    name: str, word: str, counted: Days, first: date, step: float, place: int
) -> dict[str, Any]:
    shown = [(day, count) for day, count in counted if day >= first]
    most = max((count for _day, count in shown), default=0)
    base, room = ROW * (place + 1), ROW - LABEL - 6
    bars = [
        {
            "day": day,
            "count": count,
            "x": round((day - first).days * step, 1),
            "width": round(max(step - 1, 1), 1),
            "y": round(base - max(room * count / most, 1), 1),
            "height": round(max(room * count / most, 1), 1),
        }
        for day, count in shown
    ]
    total = sum(count for _day, count in counted)
    return {
        "name": name,
        "word": word,
        "bars": bars,
        "most": most,
        "total": total,
        "base": base,
        "label": ROW * place + LABEL,
    }


def _marks(incident: Incident, first: date, last: date, step: float) -> list[dict[str, Any]]:
    """The notice and the fixes, each on its day, where that is within the chart."""
    moments = [
        (incident.notice_published_at, _("Public notice"), "info"),
        (incident.partially_fixed_at, _("Partial fix"), "warn"),
        (incident.fixed_at, _("Real fix"), "good"),
    ]
    found = []
    for at, word, tone in moments:
        day = at.astimezone(timezone.get_default_timezone()).date() if at else None
        if day is not None and first <= day <= last:
            x = round(((day - first).days + 0.5) * step, 1)
            found.append({"word": word, "tone": tone, "day": day, "x": x})
    return found
