"""The case as a table: everything in it is read from the database, nothing is typed in."""

from collections.abc import Iterator
from unicodedata import east_asian_width

from django.utils.dateparse import parse_datetime

from complaints import audit
from complaints.models import Complaint, Link, RelayedMessage
from incidents.correspondence.facts import when
from incidents.models import Incident, Notice, ProbeRun, Task
from incidents.reporting import figures


def lines() -> Iterator[str]:
    """The lines of the table, one incident after the other."""
    for incident in Incident.objects.filter(merged_into=None).order_by("pk"):
        yield from _incident(incident)


def _incident(incident: Incident) -> Iterator[str]:
    first = incident.complaints.order_by("arrived_at").first()
    radius = figures.blast_radius(incident)
    yield _row(incident.reference, incident.title)
    yield _row("state", str(incident.get_state_display()))
    yield _row("opened", f"{when(incident.discovered_at)}, from {incident.get_origin_display()}")
    yield _row("first complaint", when(first.arrived_at) if first else "-")
    yield _row(
        "blast radius",
        f"{radius.messages} messages, {radius.recipients} recipients at "
        f"{radius.recipient_domains} domains, {radius.sources} sources",
    )
    yield from _campaigns(incident)
    yield from _complaints(incident)
    yield from _acts(incident)
    yield from _verdicts(incident)
    yield _row("refused since the fix", f"{figures.refused_since_fix(incident)} attempts to relay")
    times = figures.headline_times(incident)
    yield _row("discovery to notice", _days(times.to_notice))
    yield _row("to a partial fix", _days(times.to_partial_fix))
    yield _row("to the real fix", _days(times.to_fix))


def _campaigns(incident: Incident) -> Iterator[str]:
    for campaign in incident.campaigns.filter(merged_into=None):
        senders = ", ".join(campaign.values_of("sender"))
        yield _row(f"campaign {campaign.number}", campaign.title)
        yield _row("", f"{campaign.messages.count()} messages, sent as {senders}")


def _complaints(incident: Incident) -> Iterator[str]:
    yield ""
    for membership in incident.memberships.select_related("complaint").order_by("complaint"):
        complaint: Complaint = membership.complaint
        numbers = ", ".join(str(campaign.number) for campaign in membership.campaigns.all())
        links = complaint.links.filter(state__in=Link.HOLDING).select_related("message")
        shown = "; ".join(_link(link) for link in links) or "no message, grouped by content"
        yield (
            f"{complaint.reference}  {_fit(complaint.sender_name or complaint.sender, 24)}  "
            f"{complaint.language:2}  {complaint.format:14}  campaign {numbers or '-':5}  {shown}"
        )
    yield ""


def _link(link: Link) -> str:
    message: RelayedMessage = link.message
    return f"{message.queue_id} ({link.score:.2f}: {link.reasons[0]['fact']})"


def _acts(incident: Incident) -> Iterator[str]:
    for notice in Notice.objects.filter(incident=incident):
        approved = notice.approved_by.get_username() if notice.approved_by else "-"
        written = notice.written_by.get_username() if notice.written_by else "-"
        yield _row(
            f"notice {notice.reference}",
            f"published {when(notice.published_at)}; written by {written}, approved by {approved}",
        )
    for task in incident.tasks.exclude(kind__in=["answer", "csirt-answer"]).order_by("number"):
        yield _row(f"task: {task.kind}", _task(task))
    answers = incident.tasks.filter(kind__in=["answer", "csirt-answer"])
    done = answers.filter(state=Task.State.DONE).count()
    yield _row("task: answers", f"{done} of {answers.count()} reporters answered")
    for letter in incident.letters.exclude(outcome="").order_by("pk"):
        yield _row(
            f"letter: {letter.kind}",
            f"{letter.to_name or letter.to_address}, {letter.get_channel_display()}, "
            f"sent {when(letter.sent_at)}: {letter.get_outcome_display()}. {letter.outcome_note}",
        )


def _task(task: Task) -> str:
    if task.is_open:
        return f"open, due {_deadline(task)}"
    note = f" ({task.outcome_note})" if task.outcome_note else ""
    return f"{task.outcome or task.state} on {when(task.finished_at)}{note}, due {_deadline(task)}"


def _deadline(task: Task) -> str:
    """When it was due at first: a task that was taken up again has a later date."""
    planned = audit.entries_of(task).filter(action="task-planned").first()
    return when(parse_datetime(planned.details["due_at"]) if planned else task.due_at)


def _verdicts(incident: Incident) -> Iterator[str]:
    """The first run of each verdict, in the order of time."""
    seen: set[str] = set()
    for run in incident.probe_runs.exclude(finished_at=None).order_by("started_at"):
        if run.verdict in seen:
            continue
        seen.add(run.verdict)
        accepted = run.answers.filter(is_own_mail=False, accepted=True).count()
        asked = run.answers.filter(is_own_mail=False).count()
        verdict = ProbeRun.Verdict(run.verdict)
        yield _row(
            f"verdict: {verdict.value}",
            f"{when(run.started_at)}: {accepted} of {asked} foreign probes accepted",
        )


def _days(days: int | None) -> str:
    return "-" if days is None else f"{days} days"


def _row(name: str, value: str) -> str:
    return f"{_fit(name, 24)}{value}"


def _fit(text: str, width: int) -> str:
    """Cut or pad to a width on the terminal, where East Asian characters take two places."""
    taken, shown = 0, ""
    for character in text:
        size = 2 if east_asian_width(character) in "WF" else 1
        if taken + size > width:
            break
        taken, shown = taken + size, shown + character
    return shown + " " * (width - taken)
