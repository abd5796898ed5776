"""Runs a fix verification now and prints each probe, what the log says, and the verdict."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q

from complaints import clock
from complaints.models import MailHost
from incidents.models import Incident, ProbeRun
from incidents.verification import run
from incidents.verification.target import NotAllowed


class Command(BaseCommand):
    help = (
        "Run the fix verification of an incident or a mail host now. "
        "Example: ./manage.py verify --incident I-2026-0042"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--incident", metavar="REF", help="an incident, as I-2026-0042")
        which.add_argument("--host", metavar="NAME", help="a mail host of ours, by either name")
        parser.add_argument("--by", default="verify command", help="who asks for it")

    def handle(self, **options: Any) -> None:
        incident = _incident(options["incident"]) if options["incident"] else None
        host = incident.host if incident else _host(options["host"])
        try:
            done = run.run_verification(incident, host=host, by=options["by"], now=clock.now())
        except NotAllowed as refusal:
            raise CommandError(str(refusal)) from refusal
        probed = (*_probes(done), "", *_log(done.sightings), "") if done.host else ()
        for line in (*probed, *_verdict(done)):
            self.stdout.write(line)


def _incident(reference: str) -> Incident:
    found = Incident.objects.select_related("host").filter(reference=reference).first()
    if found is None:
        raise CommandError(f"There is no incident {reference}.")
    return found


def _host(name: str) -> MailHost:
    found = MailHost.objects.filter(Q(name=name) | Q(fqdn=name)).first()
    if found is None:
        known = ", ".join(MailHost.objects.values_list("name", flat=True)) or "none"
        raise CommandError(f"There is no mail host {name}. Those known are: {known}.")
    return found


def _probes(done: ProbeRun) -> list[str]:
    """One line a probe: its name, what was said, and to which sender and recipient."""
    lines = [f"Probes of {done.host} at {done.address}, {done.started_at:%Y-%m-%d %H:%M} UTC"]
    for answer in done.answers.all():
        said = {True: "accepted", False: "refused", None: "no answer"}[answer.accepted]
        said = said if answer.offered else "not there"
        fate = f", then {answer.fate}" if answer.fate else ""
        code = answer.code or "---"
        lines.append(
            f"  {answer.number:2} {answer.name:30} {said:9} {code} at {answer.stage:7} "
            f"<{answer.sender}> to <{answer.recipient}>{fate}"
        )
    return lines


def _log(seen: dict[str, Any]) -> list[str]:
    """What the log said since the fix."""
    relayed = seen["relayed_known"] + seen["relayed_other"]
    return [
        f"Mail log since {seen['since']}, read until {seen['log_read_until'] or 'nothing'}",
        f"  relayed for strangers: {relayed} messages from {seen['relayed_clients']} clients, "
        f"{seen['relayed_known']} of them from known senders",
        f"  refused as relaying or for their sender: {seen['refused_relaying']} attempts",
        *(f"    {row['day']} {row['reason']:12} {row['count']:6}" for row in seen["refused"]),
        f"    by the campaign's sources {seen['refused_campaign']}, by newcomers "
        f"{seen['refused_newcomers']}",
        f"  of strangers still in the queue: {seen['queued_now']}, where "
        f"{seen['queued_normal']} are normal",
        f"  mail of our own: {seen['own_since']} messages; before the fix "
        f"{seen['own_before']:.0f} a day",
    ]


def _verdict(done: ProbeRun) -> list[str]:
    return [
        f"Verdict: {done.get_verdict_display()} ({done.verdict})",
        f"  for who leads: {done.to_manager}",
        f"  for who mends: {done.to_vendor}",
        *(f"  - {words}" for words in done.sentences),
        *(f"  missing for “fixed”: {words}" for words in done.lacks),
    ]
