"""The report of a month or a year: how many, how long, who, compared with the one before."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from complaints.models import Complaint, ReportedMessage
from incidents.models import Incident
from incidents.reporting import counting, figures, statistics, words
from incidents.reporting.period import Period
from incidents.reports.document import Bars, Block, Document, Figures, Heading, Rows, Text
from incidents.reports.made import made_words
from incidents.workflow import inforce

MOST_VALUES = 12
MOST_REPORTERS = 10
MOST_INCIDENTS = 200


def of_period(period: Period, *, language: str, now: datetime) -> Document:
    """The report of a period, in a language that the program speaks."""
    came, came_before = statistics.complaints(period), statistics.complaints(period.before)
    found, found_before = statistics.incidents(period), statistics.incidents(period.before)
    with override(language):
        blocks = (
            *_in_short(came, came_before, found, found_before),
            Bars(
                _("Complaints by day"),
                [(day, ours) for day, ours, _others in statistics.per_day(period)],
            ),
            *_times(came, came_before, found, found_before),
            *_of_complaints(came, came_before),
            *_of_incidents(period, found, found_before),
            *_reporters(period),
        )
        title = _("Abuse of our mail servers, %(period)s") % {"period": name_of(period)}
        return Document(title, made_words(now, period.zone), language, tuple(blocks))


def name_of(period: Period) -> str:
    """A year, a month, or its first and last day, in the language that is active."""
    first, last = period.first, period.last
    if (first.month, first.day, last.month, last.day) == (1, 1, 12, 31) and first.year == last.year:
        return date_format(first, _("Y"))
    if first.day == 1 and (first.year, first.month) == (last.year, last.month) and period.days > 27:
        return date_format(first, _("F Y"))
    return f"{date_format(first, _('j F Y'))} – {date_format(last, _('j F Y'))}"


def _in_short(
    came: statistics.Complaints,
    came_before: statistics.Complaints,
    found: statistics.Incidents,
    found_before: statistics.Incidents,
) -> Iterator[Block]:
    rows = (
        (_("Received mails"), came.received, came_before.received),
        (_("Complaints"), came.count, came_before.count),
        (_("New incidents"), found.count, found_before.count),
        (_("Incidents that came back"), found.relapsed, found_before.relapsed),
    )
    counted = [
        (what, f"{words.count(now)} ({words.change(now, before)})") for what, now, before in rows
    ]
    shares = (
        (_("Found in our logs"), came.linked_share, came_before.linked_share),
        (_("Tasks done in time"), found.kept_share, found_before.kept_share),
    )
    before = _("%(share)s before")
    counted += [
        (what, f"{words.share(now)} ({before % {'share': words.share(then)}})")
        for what, now, then in shares
    ]
    yield Figures(counted)


def _times(
    came: statistics.Complaints,
    came_before: statistics.Complaints,
    found: statistics.Incidents,
    found_before: statistics.Incidents,
) -> Iterator[Block]:
    labels = words.steps()
    spans = [(_("Acknowledgement"), came.acknowledged, came_before.acknowledged)]
    spans += [
        (labels[name], found.times[name], found_before.times[name]) for name in statistics.SPANS
    ]
    headers = [_("How long until"), _("Count"), _("Median"), _("Nine of ten within")]
    yield Heading(_("Times"))
    yield Rows(
        [*headers, _("Median before")],
        [
            (
                what,
                words.count(now.count),
                words.span(now.median),
                words.span(now.p90),
                words.span(before.median),
            )
            for what, now, before in spans
        ],
    )


def _of_complaints(came: statistics.Complaints, before: statistics.Complaints) -> Iterator[Block]:
    stages, verdicts = dict(Complaint.Stage.choices), dict(ReportedMessage.Verdict.choices)
    tables: tuple[tuple[str, str, Callable[[Any], str]], ...] = (
        (_("Received mail"), counting.STAGE, lambda stage: str(stages.get(stage, stage))),
        (
            _("What the log had"),
            counting.FOUND,
            lambda found: str(verdicts.get(found, _("no message shown"))),
        ),
        (_("By format"), "format", _named),
        (_("By category"), "category", _named),
        (_("By language"), "language", _named),
        (_("By kind of reporter"), "reporter", _named),
    )
    yield Heading(_("What came in"))
    for title, measure, label in tables:
        yield from _table(title, came.by[measure], before.by[measure], label)


def _of_incidents(
    period: Period, found: statistics.Incidents, before: statistics.Incidents
) -> Iterator[Block]:
    yield Heading(_("Incidents"))
    states = dict(Incident.State.choices)
    kinds = inforce.names_of_kinds()
    tables: tuple[tuple[str, str, Callable[[Any], str]], ...] = (
        (_("By playbook"), "by_kind", lambda kind: str(kinds.get(kind, kind))),
        (_("By state"), "by_state", lambda state: str(states.get(state, state))),
        (_("By network of the source"), "by_source", lambda source: f"AS{source[0]} {source[1]}"),
        (_("By country of the source"), "by_country", _named),
        (_("By customer"), "by_customer", _named),
    )
    for title, name, label in tables:
        yield from _table(title, getattr(found, name), getattr(before, name), label)
    yield from _each_incident(period)


def _each_incident(period: Period) -> Iterator[Block]:
    discovered = Incident.objects.filter(
        merged_into=None, discovered_at__gte=period.start, discovered_at__lt=period.end
    )
    rows = []
    for incident in discovered.order_by("discovered_at")[: MOST_INCIDENTS + 1]:
        times = figures.headline_times(incident, zone=period.zone)
        rows.append(
            (
                incident.reference,
                incident.title,
                date_format(incident.discovered_at.astimezone(period.zone), _("j F Y")),
                str(incident.get_state_display()),
                words.days(times.to_notice),
                words.days(times.to_partial_fix),
                words.days(times.to_fix),
            )
        )
    if not rows:
        yield Text(_("None was discovered."))
        return
    steps = [_("To notice"), _("To partial fix"), _("To fix")]
    headers = [_("Incident"), _("Title"), _("Discovered"), _("State"), *steps]
    yield Rows(headers, rows[:MOST_INCIDENTS])
    if len(rows) > MOST_INCIDENTS:
        yield Text(_("The first %(count)s are listed.") % {"count": words.count(MOST_INCIDENTS)})


def _reporters(period: Period) -> Iterator[Block]:
    rows = [
        (
            each.domain or _("no address"),
            *map(words.count, (each.complaints, each.right, each.wrong)),
        )
        for each in statistics.reporters(period, most=MOST_REPORTERS)
    ]
    if rows:
        yield Heading(_("Reporters"))
        headers = (_("Domain"), _("Complaints"), _("Found in our logs"), _("Not ours"))
        yield Rows(headers, rows)


def _table(
    title: str, now: Counter[Any], before: Counter[Any], label: Callable[[Any], str]
) -> Iterator[Block]:
    total = now.total()
    rows = [
        (label(value), words.count(count), words.share(count / total), words.count(before[value]))
        for value, count in statistics.most_first(now, MOST_VALUES)
    ]
    if rows:
        yield Rows((title, _("Count"), _("Share"), _("Before")), rows)


def _named(value: Any) -> str:
    return str(value) or _("not known")
