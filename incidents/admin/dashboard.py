"""The admin's front page: how many, how long, who, in a period compared with the one before."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _

from complaints import clock
from complaints.models import Complaint, ReportedMessage
from incidents.admin import periods, rows
from incidents.admin.tables import Card, Table, breakdown, link
from incidents.models import Incident, ProbeRun
from incidents.reporting import counting, standing, statistics
from incidents.reporting.period import Period, day_of, of_month, of_year
from incidents.reporting.spread import Spread
from incidents.reporting.words import change, count, share, span, steps
from incidents.reports.periodic import name_of
from incidents.workflow import inforce
from incidents.workflow.planning import desk_zone

MOST_REPORTERS = 15
COMPLAINT_COLOUR, OTHER_COLOUR = "var(--color-primary-600)", "var(--color-base-400)"


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add the dashboard to the admin's front page (unfold's callback)."""
    if not request.user.has_perm("incidents.view_incident"):
        return context
    now = clock.now()
    asked = periods.asked_for(request.GET, now=now, zone=desk_zone())
    period, before = asked.period, asked.period.before
    came, came_before = statistics.complaints(period), statistics.complaints(before)
    found, found_before = statistics.incidents(period), statistics.incidents(before)
    context["asked"] = asked
    context["before"] = before
    context["reports"] = _reports(now)
    context["cards"] = [
        *_cards_now(standing.standing(now)),
        *_cards_of(period, came, came_before, found, found_before),
    ]
    context["per_day"] = _chart(period)
    tables = [
        _times(period, came, came_before, found, found_before),
        _reporters(period),
        _people(period),
        _loads(standing.loads(now)),
        *_of_complaints(period, came, came_before),
        *_of_incidents(period, found, found_before),
    ]
    context["tables"] = [table for table in tables if table.rows]
    context["empty_tables"] = [table.title for table in tables if not table.rows]
    return context


def _reports(now: datetime) -> list[tuple[str, str]]:
    """(name of a period in addresses, its title): this month and the last, this year."""
    zone = desk_zone()
    today = day_of(now, zone)
    month = of_month(today.year, today.month, zone)
    months = [(f"{each.first:%Y-%m}", name_of(each)) for each in (month, month.before)]
    return [*months, (f"{today:%Y}", name_of(of_year(today.year, zone)))]


def _cards_now(stands: standing.Standing) -> Iterator[Card]:
    yield Card(
        _("Open incidents"),
        count(stands.open_incidents),
        rows.now("incident", state__in="open,partially-fixed,fixed", merged_into__isnull="True"),
        _("%(count)s of them urgent") % {"count": stands.urgent_incidents},
    )
    yield Card(
        _("Tasks overdue"),
        count(stands.tasks_overdue),
        rows.now("task", overdue="yes"),
        _("%(count)s letters came back or were perhaps sent") % {"count": stands.letters_to_judge},
    )


def _cards_of(
    period: Period,
    came: statistics.Complaints,
    came_before: statistics.Complaints,
    found: statistics.Incidents,
    found_before: statistics.Incidents,
) -> Iterator[Card]:
    yield Card(
        _("Complaints"),
        count(came.count),
        rows.counted(period),
        change(came.count, came_before.count),
    )
    yield Card(
        _("Found in our logs"),
        share(came.linked_share),
        rows.counted(period, found=ReportedMessage.Verdict.LINKED.value),
        _("%(share)s before") % {"share": share(came_before.linked_share)},
    )
    yield Card(
        _("New incidents"),
        count(found.count),
        rows.incidents(period),
        change(found.count, found_before.count),
    )
    yield Card(
        _("Tasks done in time"),
        share(found.kept_share),
        rows.tasks(period, in_time="yes"),
        _("%(share)s before") % {"share": share(found_before.kept_share)},
    )


def _chart(period: Period) -> str:
    """Complaints and other mail a day, as the theme's charts want them."""
    days = statistics.per_day(period)
    sets = (
        (_("Complaints"), COMPLAINT_COLOUR, [ours for _day, ours, _others in days]),
        (_("Other mail"), OTHER_COLOUR, [others for _day, _ours, others in days]),
    )
    return json.dumps(
        {
            "labels": [f"{day:%m-%d}" for day, _ours, _others in days],
            "datasets": [
                {"label": label, "backgroundColor": colour, "data": data}
                for label, colour, data in sets
            ],
        }
    )


def _times(
    period: Period,
    came: statistics.Complaints,
    came_before: statistics.Complaints,
    found: statistics.Incidents,
    found_before: statistics.Incidents,
) -> Table:
    """How long it took: to the word to a reporter, and from discovery to each step."""
    labels = steps()
    words = rows.acknowledged(period)
    lines = [_time(_("Acknowledgement"), came.acknowledged, came_before.acknowledged, words)]
    for name, column in statistics.SPANS.items():
        reached = rows.incidents(period, **{f"{column}__isnull": "False"})
        lines.append(_time(labels[name], found.times[name], found_before.times[name], reached))
    headers = [_("How long until"), _("Count"), _("Median"), _("Nine of ten within")]
    return Table(_("Times"), [*headers, _("Median before")], lines)


def _time(label: str, now: Spread, before: Spread, href: str) -> list[Any]:
    return [
        label,
        link(count(now.count), href),
        span(now.median),
        span(now.p90),
        span(before.median),
    ]


def _of_complaints(
    period: Period, came: statistics.Complaints, before: statistics.Complaints
) -> Iterator[Table]:
    stages, verdicts = dict(Complaint.Stage.choices), dict(ReportedMessage.Verdict.choices)
    yield breakdown(
        _("Received mail"),
        came.by[counting.STAGE],
        before.by[counting.STAGE],
        label=lambda stage: str(stages.get(stage, stage)),
        href=lambda stage: rows.complaints(period, stage__exact=stage),
    )
    yield breakdown(
        _("What the log had"),
        came.by[counting.FOUND],
        before.by[counting.FOUND],
        label=lambda verdict: str(verdicts.get(verdict, _("no message shown"))),
        href=lambda verdict: rows.counted(period, found=verdict),
    )
    titles = {
        "format": _("By format"),
        "category": _("By category"),
        "language": _("By language"),
        "reporter": _("By kind of reporter"),
    }
    for measure, column in counting.FIELDS.items():
        yield breakdown(
            titles[measure],
            came.by[measure],
            before.by[measure],
            label=_language if measure == "language" else _named,
            href=_exactly(rows.counted, period, column),
        )


def _of_incidents(
    period: Period, found: statistics.Incidents, before: statistics.Incidents
) -> Iterator[Table]:
    states, verdicts = dict(Incident.State.choices), dict(ProbeRun.Verdict.choices)
    kinds = inforce.names_of_kinds()
    described = (
        (_("Incidents by state"), "by_state", "state", lambda each: str(states.get(each, each))),
        (_("By playbook"), "by_kind", "kind", lambda kind: str(kinds.get(kind, kind))),
        (_("By last verdict"), "by_verdict", "figure__verdict", lambda v: str(verdicts.get(v, v))),
        (_("By country of the source"), "by_country", "figure__country", _named),
        (_("By customer"), "by_customer", "figure__customer__name", _named),
        (_("By host"), "by_host", "host__name", _named),
    )
    for title, name, column, label in described:
        yield breakdown(
            title,
            getattr(found, name),
            getattr(before, name),
            label=label,
            href=_exactly(rows.incidents, period, column),
        )
    yield breakdown(
        _("By network of the source"),
        found.by_source,
        before.by_source,
        label=lambda source: f"AS{source[0]} {source[1]}",
        href=lambda source: rows.incidents(period, figure__as_number__exact=source[0]),
    )
    relapsed = link(count(found.relapsed), rows.incidents(period, figure__relapses__gte=1))
    yield Table(
        _("Relapses"),
        [_("Value"), _("Count"), _("Before")],
        [[_("Incidents that came back"), relapsed, count(before.relapsed)]] if found.count else [],
    )


def _reporters(period: Period) -> Table:
    lines = [
        [
            each.domain or _("no address"),
            link(count(each.complaints), rows.counted(period, **_from(each.domain))),
            link(count(each.right), rows.counted(period, found="linked", **_from(each.domain))),
            link(count(each.wrong), rows.counted(period, found="not-ours", **_from(each.domain))),
            share(each.right / (each.right + each.wrong) if each.right + each.wrong else None),
        ]
        for each in statistics.reporters(period, most=MOST_REPORTERS)
    ]
    headers = [_("Domain"), _("Complaints"), _("Found in our logs"), _("Not ours"), _("Right")]
    return Table(_("Reporters"), headers, lines)


def _from(domain: str) -> dict[str, str]:
    return {"sender__iendswith": f"@{domain}"} if domain else {"sender__exact": ""}


def _people(period: Period) -> Table:
    """What each person did, in groups of acts."""
    lines = []
    for person in statistics.people(period):
        done = {
            act: person.acts[act] for act in ("task-done", "letter-approved", "notice-published")
        }
        numbers = [
            link(count(number), rows.acts(period, actor__exact=person.name, action__exact=act))
            for act, number in done.items()
        ]
        every = link(count(person.acts.total()), rows.acts(period, actor__exact=person.name))
        lines.append([person.name, *numbers, every])
    headers = [_("Person"), _("Tasks done"), _("Letters approved"), _("Notices published")]
    return Table(_("Who did what"), [*headers, _("All acts")], lines)


def _loads(loads: list[standing.Load]) -> Table:
    lines = [
        [
            load.name or _("nobody yet"),
            link(count(load.tasks), _open_tasks(load)),
            count(load.overdue),
        ]
        for load in loads
    ]
    return Table(_("Open tasks by person, now"), [_("Person"), _("Open"), _("Overdue")], lines)


def _open_tasks(load: standing.Load) -> str:
    nobody = {"taken_by__isnull": "True"}
    whose = {"taken_by__id__exact": load.user_id} if load.user_id else nobody
    return rows.now("task", state__exact="open", of_open_incidents="yes", **whose)


def _exactly(of: Callable[..., str], period: Period, column: str) -> Callable[[Any], str]:
    """Where the rows of a period are that have a value in this column."""
    return lambda value: of(period, **{f"{column}__exact": value})


def _named(value: Any) -> str:
    return str(value) or _("not known")


def _language(code: str) -> str:
    """The name of a language in that of the reader, or its code where nobody named it."""
    try:
        return str(get_language_info(code)["name_translated"])
    except KeyError:
        return code or _("not known")
