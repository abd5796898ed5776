"""Tags of the screens: moments with their zone, due times in words, counts by day as bars."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django import template
from django.db.models import Q
from django.template.defaultfilters import date as format_date
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.timesince import timesince, timeuntil
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop
from django.utils.translation import ngettext

from complaints import clock
from complaints.evidence import marked
from complaints.models import Complaint
from incidents.correspondence import questions
from incidents.correspondence.draft import Draft
from incidents.grouping import belonging
from incidents.models import Correction, Incident, Task
from incidents.models.task import in_reader_language
from incidents.reporting.whyurgent import facts_in_words
from incidents.workflow import inforce

register = template.Library()

TONES = {
    "open": "warn",
    "partially-fixed": "warn",
    "fixed": "good",
    "closed": "",
    "done": "good",
    "sent": "good",
    "published": "good",
    "linked": "good",
    "confirmed": "good",
    "proposed": "warn",
    "rejected": "",
    "unsure": "bad",
    "failed": "bad",
    "quarantined": "bad",
    "withdrawn": "warn",
    "none": "bad",
    "partial": "warn",
    "approved": "good",
    "grouped": "good",
    "kept": "good",
    "broken": "bad",
    "lifted": "good",
    "carried-out": "bad",
}
# What grouping compares, by incidents.grouping.case.Trait, as a person reads it.
TRAITS = {
    "account": noop("account"),
    "script": noop("script on a host"),
    "program": noop("script of a web host"),
    "machine": noop("machine"),
    "url-domain": noop("links to"),
    "page": noop("page"),
    "file": noop("file"),
    "contact": noop("victims turn to"),
    "sender": noop("sender"),
    "network": noop("network"),
    "subject-word": noop("word of the subject"),
}
MOST_ACTS = 20
CHART_WIDTH, CHART_HEIGHT, FOOT = 720, 140, 18
FEWEST_DAYS = 14  # a chart of fewer has its bars in the middle, no wider than these would be


@register.filter
def trait(kind: str) -> str:
    """What a value is that cases share, in words."""
    return _(TRAITS[kind]) if kind in TRAITS else kind


@register.simple_tag
def put_elsewhere(complaint: Complaint) -> list[Correction]:
    """By which acts of people a complaint is kept out of incidents."""
    of_it = Q(complaint=complaint) | Q(complaints=complaint)
    acts = Correction.objects.filter(of_it, undone_at=None).distinct()
    return list(acts.select_related("incident", "into")[:MOST_ACTS])


@register.simple_tag
def moment(at: datetime | None) -> SafeString:
    """A time for people, with its zone, and for programs."""
    if at is None:
        return mark_safe("–")
    local = timezone.localtime(at)
    return format_html(
        '<time datetime="{}">{}</time>', local.isoformat(), format_date(local, _("j M Y, H:i T"))
    )


@register.simple_tag
def due(at: datetime | None) -> SafeString:
    """When something is due, in words that say how late it is."""
    if at is None:
        return format_html('<span class="soft">{}</span>', _("no date"))
    now = clock.now()
    words = (
        _("%(span)s late") % {"span": timesince(at, now, depth=1)}
        if at < now
        else _("in %(span)s") % {"span": timeuntil(at, now, depth=1)}
    )
    tone = "bad" if at < now else ("warn" if (at - now).days < 1 else "")
    return format_html(
        '<span class="badge badge-{}" title="{}">{}</span>',
        tone,
        format_date(timezone.localtime(at), _("j M Y, H:i T")),
        words,
    )


@register.simple_tag
def badge(value: Any, label: Any = "") -> SafeString:
    """A state in words, with the colour that fits it."""
    return format_html(
        '<span class="badge badge-{}">{}</span>', TONES.get(str(value), ""), label or value
    )


@register.filter
def is_late(at: datetime | None) -> bool:
    """Whether the time has passed."""
    return at is not None and at < clock.now()


@register.simple_tag
def either(english: str, japanese: str) -> str:
    """A text of a playbook in the reader's language, as a task shows it."""
    return in_reader_language(english, japanese)


@register.simple_tag
def span(length: timedelta, in_working_hours: bool) -> str:
    """How long something has, in hours or days, and of which."""
    number = length.total_seconds() / 3600
    day = 8 if in_working_hours else 24
    if number >= day and not number % day:
        count = round(number / day)
        if in_working_hours:
            return ngettext("%(count)s working day", "%(count)s working days", count) % {
                "count": count
            }
        return ngettext("%(count)s day", "%(count)s days", count) % {"count": count}
    words = _("%(count)s h of the desk") if in_working_hours else _("%(count)s h")
    return words % {"count": f"{number:g}"}


@register.filter
def proof_of(task: Task) -> str:
    """What proves a task done, by its incident's playbook, in the reader's language."""
    plan = inforce.playbook_of(task.incident).plan(task.kind)
    return in_reader_language(plan.proof, plan.proof_ja) if plan else ""


@register.filter
def letter_of(task: Task) -> str:
    """The letter that the task is done with, "" for none."""
    plan = inforce.playbook_of(task.incident).plan(task.kind)
    return plan.letter if plan else ""


@register.simple_tag
def letter_asking(complaint: Complaint) -> Draft | None:
    """The letter that asks the reporter for what the complaint lacks."""
    return questions.letter_asking(complaint)


@register.simple_tag
def may_belong(complaint: Complaint) -> belonging.Proposal | None:
    """The incident that a complaint may belong to beside those it is in."""
    return belonging.proposal_for(complaint)


@register.filter
def plainly(text: str) -> str:
    """A stranger's line with the characters that turn its direction made visible."""
    return marked.plainly(text)


@register.filter
def get_item(found: dict[str, Any], name: str) -> Any:
    """What a dictionary has by a name that stands in a variable; None for nothing."""
    return found.get(name)


@register.filter
def percent(share: float) -> str:
    """0.973 as 97 %."""
    return f"{share:.0%}".replace("%", " %")


@register.filter
def percent_of_few(share: float) -> str:
    """0.0073 as 0.73 %: two digits that tell something, however small the share."""
    return f"{share * 100:.2g} %" if share < 1 else f"{share * 100:.0f} %"


@register.inclusion_tag("components/_bars.html")
def bars(days: Sequence[tuple[date, int]], caption: str, mark: datetime | None = None) -> Any:
    """Counts by day as bars; days at or after `mark` are coloured as after the fix."""
    most = max((count for _day, count in days), default=0)
    if not most:
        return {"bars": [], "caption": caption}
    first, last = days[0][0], days[-1][0]
    span = (last - first).days + 1
    width = CHART_WIDTH / max(span, FEWEST_DAYS)
    left = (CHART_WIDTH - span * width) / 2
    # The days of a chart are those of the desk, whoever reads it.
    desk = timezone.get_default_timezone()
    marked = mark.astimezone(desk).date() if mark else None
    drawn = [
        {
            "day": day,
            "count": count,
            "x": round(left + (day - first).days * width, 1),
            "y": round((CHART_HEIGHT - FOOT) * (1 - count / most), 1),
            "width": round(max(width - 1.5, 1), 1),
            "height": round((CHART_HEIGHT - FOOT) * count / most, 1),
            "is_after": marked is not None and day >= marked,
        }
        for day, count in days
    ]
    return {
        "bars": drawn,
        "caption": caption,
        "first": first,
        "last": last,
        "most": most,
        "total": sum(count for _day, count in days),
        "width": CHART_WIDTH,
        "height": CHART_HEIGHT,
        "base": CHART_HEIGHT - 4,
    }


@register.simple_tag
def priority_facts(incident: Incident) -> list[dict[str, Any]]:
    """Why it is as urgent as it is: rows {words, points}."""
    return facts_in_words(incident)
