"""The report of one incident for a manager: what happened, how big, what we did, is it fixed."""

from collections.abc import Iterator
from datetime import datetime, tzinfo

from django.db.models import Count, Min, Q
from django.utils.translation import gettext as _
from django.utils.translation import override

from incidents.models import Incident, Letter, Listing, Notice, ProbeRun, Task
from incidents.reporting import figures, words
from incidents.reports.document import Bars, Block, Document, Figures, Heading, Rows, Text
from incidents.reports.made import made_words
from incidents.workflow import inforce
from incidents.workflow.planning import desk_zone

MOST_SOURCES = 10
MOST_THREATS = 50


def of_incident(incident: Incident, *, language: str, now: datetime) -> Document:
    """The report as things stand, in a language that the program speaks."""
    zone = desk_zone()
    with override(language):
        blocks = (
            *_headline(incident, zone),
            *_what_happened(incident, zone),
            *_what_we_did(incident, zone),
            *_is_it_fixed(incident, zone),
            *_who_refuses_us(incident, zone),
            *_who_was_told(incident, zone),
        )
        title = _("Incident %(reference)s: %(title)s") % {
            "reference": incident.reference,
            "title": incident.title,
        }
        return Document(title, made_words(now, zone), language, tuple(blocks))


def _headline(incident: Incident, zone: tzinfo) -> Iterator[Block]:
    times = figures.headline_times(incident, zone=zone)
    yield Figures(
        (
            (_("State"), str(incident.get_state_display())),
            (_("Kind"), _kind(incident)),
            (_("Discovery to notice"), words.days(times.to_notice)),
            (_("To a partial fix"), words.days(times.to_partial_fix)),
            (_("To the real fix"), words.days(times.to_fix)),
        )
    )


def _kind(incident: Incident) -> str:
    return inforce.names_of_kinds().get(incident.kind, incident.kind)


def _what_happened(incident: Incident, zone: tzinfo) -> Iterator[Block]:
    radius = figures.blast_radius(incident)
    yield Heading(_("What happened"))
    yield Text(
        _("Opened from %(origin)s on %(when)s: %(why)s")
        % {
            "origin": incident.get_origin_display(),
            "when": words.moment(incident.discovered_at, zone),
            "why": incident.why_opened,
        }
    )
    yield Figures(
        (
            (_("Messages relayed"), words.count(radius.messages)),
            (_("Recipients"), words.count(radius.recipients)),
            (_("Domains of recipients"), words.count(radius.recipient_domains)),
            (_("Sources"), words.count(radius.sources)),
            (_("Complaints"), words.count(radius.complaints)),
            (_("First seen"), words.moment(radius.first_at, zone)),
            (_("Last seen"), words.moment(radius.last_at, zone)),
        )
    )
    if sources := figures.sources(incident)[:MOST_SOURCES]:
        rows = [
            (row["client_ip"], row["client_name"] or words.NOTHING, words.count(row["count"]))
            for row in sources
        ]
        yield Rows((_("Source"), _("Name"), _("Messages")), rows)
    yield from _charts(incident, zone)


def _charts(incident: Incident, zone: tzinfo) -> Iterator[Block]:
    """What came in and what was refused by day, with the steps marked on their days."""
    steps = (
        (incident.notice_published_at, _("public notice")),
        (incident.partially_fixed_at, _("partial fix")),
        (incident.fixed_at, _("fix")),
    )
    marks = tuple((at.astimezone(zone).date(), step) for at, step in steps if at)
    charts = (
        (_("Messages relayed by day"), figures.relayed_per_day(incident, zone=zone)),
        (_("Complaints by day"), figures.complaints_per_day(incident, zone=zone)),
        (_("Refused attempts to relay by day"), figures.refused_per_day(incident, zone=zone)),
    )
    for title, days in charts:
        if days:
            yield Bars(title, days, marks)


def _what_we_did(incident: Incident, zone: tzinfo) -> Iterator[Block]:
    yield Heading(_("What we did, and when"))
    steps = sorted(_steps(incident), key=lambda step: step[0])
    rows = [(words.moment(at, zone), said) for at, said in steps]
    yield Rows((_("When"), _("What")), rows)
    done, still_open = Q(state=Task.State.DONE), Q(state=Task.State.OPEN)
    tasks = incident.tasks.aggregate(
        all=Count("pk"), done=Count("pk", filter=done), open=Count("pk", filter=still_open)
    )
    yield Text(
        _("Of %(all)s tasks %(done)s are done and %(open)s are open.")
        % {name: words.count(number) for name, number in tasks.items()}
    )


def _steps(incident: Incident) -> Iterator[tuple[datetime, str]]:
    """Each step that was taken, with its moment; in any order."""
    first = incident.complaints.aggregate(at=Min("arrived_at"))["at"]
    moments = (
        (incident.discovered_at, _("Discovered")),
        (first, _("First complaint")),
        (incident.notice_published_at, _("Public notice published")),
        (incident.partially_fixed_at, _("Partially fixed")),
        (incident.fixed_at, _("Fixed")),
        (incident.closed_at, _("Closed")),
    )
    yield from ((at, said) for at, said in moments if at)
    for letter in _sent(incident):
        if letter.sent_at and letter.answers_id is None:
            told = _("Letter to %(whom)s: %(subject)s")
            yield letter.sent_at, told % {"whom": _whom(letter), "subject": letter.subject}
    for run in _runs(incident):
        if run.finished_at:
            verdict = {"verdict": run.get_verdict_display()}
            yield run.finished_at, _("Verified: %(verdict)s") % verdict


def _is_it_fixed(incident: Incident, zone: tzinfo) -> Iterator[Block]:
    yield Heading(_("Is it fixed?"))
    last = _runs(incident)[-1:]
    if not last:
        yield Text(_("Nobody has verified it yet."))
        return
    run = last[0]
    said = {"verdict": run.get_verdict_display(), "when": words.moment(run.finished_at, zone)}
    yield Text(_("By the verification of %(when)s: %(verdict)s.") % said)
    for sentence in run.sentences:
        yield Text(sentence)
    if incident.fixed_at:
        refused = {"count": words.count(figures.refused_since_fix(incident))}
        yield Text(_("Attempts to relay that were refused since the fix: %(count)s.") % refused)


def _who_refuses_us(incident: Incident, zone: tzinfo) -> Iterator[Block]:
    """Threats and listings, if there were any; a reporter is not named here either."""
    threats = [
        (
            _("a reporter") if threat.complaint_id else threat.who,
            words.moment(threat.made_at, zone),
            words.moment(threat.deadline, zone),
            str(threat.get_state_display()),
        )
        for threat in incident.threats.order_by("pk")[:MOST_THREATS]
    ]
    listed = [
        (
            f"{listing.zone.name}: {listing.address}",
            words.moment(listing.listed_at, zone),
            words.moment(listing.cleared_at, zone),
        )
        for listing in _listings(incident)
    ]
    if threats or listed:
        yield Heading(_("Who refuses our mail"))
    if threats:
        yield Rows((_("Who threatens"), _("Since"), _("By when"), _("State")), threats)
    if listed:
        yield Rows((_("Blocklist"), _("listed since"), _("no longer listed since")), listed)


def _listings(incident: Incident) -> list[Listing]:
    if incident.host is None:
        return []
    found = Listing.objects.of(incident.host).since(incident.discovered_at)
    return list(found.select_related("zone").order_by("pk")[:MOST_THREATS])


def _who_was_told(incident: Incident, zone: tzinfo) -> Iterator[Block]:
    yield Heading(_("Who was told"))
    published = incident.notices.filter(state=Notice.State.PUBLISHED).order_by("published_at")
    for notice in published:
        said = {"reference": notice.reference, "when": words.moment(notice.published_at, zone)}
        yield Text(_("The public, by notice %(reference)s of %(when)s.") % said)
    letters = _sent(incident)
    reporters = sum(letter.answers_id is not None for letter in letters)
    if reporters:
        yield Text(_("Reporters who were answered: %(count)s.") % {"count": words.count(reporters)})
    rows = [
        (
            _whom(letter),
            words.moment(letter.sent_at, zone),
            str(letter.get_channel_display()),
            str(letter.get_outcome_display()),
        )
        for letter in letters
        if letter.answers_id is None
    ]
    if rows:
        yield Rows((_("To"), _("Sent"), _("By"), _("Outcome")), rows)
    if not (rows or reporters or published):
        yield Text(_("Nobody yet."))


def _whom(letter: Letter) -> str:
    return letter.to_name or letter.to_address


def _sent(incident: Incident) -> list[Letter]:
    return list(incident.letters.filter(state=Letter.State.SENT).order_by("sent_at"))


def _runs(incident: Incident) -> list[ProbeRun]:
    return list(incident.probe_runs.filter(finished_at__isnull=False).order_by("finished_at"))
