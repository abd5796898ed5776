"""STAGE: claims a verification, runs it, records what was learned, and moves the incident."""

import time
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from complaints.audit import Actor
from complaints.models import MailHost
from incidents.models import Incident, ProbeRun
from incidents.verification import battery, checking, record, target, verdict, watch
from incidents.verification.asking import Asking
from incidents.verification.findings import Sightings
from incidents.verification.places import is_inside, places_for
from incidents.verification.target import NotAllowed
from incidents.workflow import fixed, moves

# One round of the job may begin a run until then; no run takes longer than Asking lets it.
BEGINS_NONE_AFTER_SECONDS = 20.0

# A fixed host's log is looked at each hour, and its door is tried again each week.
TRY_AGAIN_AFTER = timedelta(days=7)
LEASE = timedelta(minutes=10)


def run_verification(
    incident: Incident | None, *, host: MailHost | None, by: Actor, now: datetime
) -> ProbeRun:
    """Ask the host every probe of the battery, read its log since the fix, and judge.

    Where the incident is about something else than a relay, `checking` looks at that instead.

    incident  whose fix it is; None verifies the host alone and moves nothing
    host      which to probe; None only with an incident that is not about a relay
    by        who asked for it; None for the program by itself
    returns   the finished run with its answers; an incident is moved by its verdict
    raises    NotAllowed: probing is off or not set up, the host may not be probed, or it was
              asked within the last ten minutes. Nothing was sent then
    """
    if incident is not None and (host is None or not checking.is_about_relaying(incident)):
        return checking.run_checks(incident, by=by, now=now)
    assert host is not None, "without an incident there is a host"
    places = places_for(incident, host, now=now)
    pinned = target.allowed(host, **_way())
    doors = target.other_doors(host, loopback=settings.MEYASU_PROBE_LOOPBACK)
    fix = fixed.last_fix(incident, by_then=now)
    run = record.claim(incident, host, pinned, fix=fix, by=by, now=now)
    probes = battery.build(places, doors)
    asking = Asking(pinned, {door.name: door for door in doors}, places, now=now)
    began = time.monotonic()
    answers = asking.ask_all(probes)
    marked = asking.send_marked(probes, answers, host)
    source = pinned.source or target.source_towards(pinned.address, pinned.port)
    run.finished_at = now + timedelta(seconds=round(time.monotonic() - began))
    seen = look_since_fix(incident, host, now=now, probe_source=source)
    inside = is_inside(source)
    judged = verdict.judge(probes, answers, seen, marked=marked, from_inside=inside)
    if incident is not None:
        judged = checking.with_notes(judged, incident)
    record.save(run, probes, answers, marked, seen, judged, by=by, now=now)
    return run


def _way() -> dict[str, Any]:
    return {
        "loopback": settings.MEYASU_PROBE_LOOPBACK,
        "source": settings.MEYASU_PROBE_SOURCE,
    }


def ask_for(incident: Incident, *, by: Actor, now: datetime) -> None:
    """Have an incident verified by the next round of jobs: a slow host must not hold a screen.

    raises   NotAllowed if its host may not be probed, so that who asks is told at once
    """
    if incident.host is not None and checking.is_about_relaying(incident):
        places_for(incident, incident.host, now=now)
        target.allowed(incident.host, loopback=settings.MEYASU_PROBE_LOOPBACK)
    record.ask_for(incident, by=by, now=now)


def verify_due(now: datetime) -> int:
    """Run the verifications whose time has come, and watch what is fixed; returns how many.

    A host that may not be probed yet is asked again in an hour, and its incident's history
    says why once.
    """
    done = 0
    began = time.monotonic()
    for incident in Incident.objects.to_verify(now).select_related("host"):
        if time.monotonic() - began > BEGINS_NONE_AFTER_SECONDS:
            break  # the next round takes the rest: a job must end within its time
        if not _lease(incident, now=now):
            continue
        done += 1
        if watch_again(incident, now=now):
            continue
        try:
            run_verification(incident, host=incident.host, by=None, now=now)
        except NotAllowed as refusal:
            record.postpone(incident, str(refusal), now=now)
    return done


def watch_again(incident: Incident, *, now: datetime) -> bool:
    """Look at the log of a fixed incident; True if that is all there is to do today.

    Mail relayed for a stranger after the fix is a relapse: the incident is reopened, and its
    host is probed at once. An incident that is not fixed, or was not probed for a week, is
    not watched but verified.
    """
    if incident.state != Incident.State.FIXED:
        return False
    probed = incident.host is not None and checking.is_about_relaying(incident)
    if probed and incident.host is not None:
        seen = look_since_fix(incident, incident.host, now=now)
        if seen.relayed:
            _relapse(incident, seen, now=now)
            return False
    if incident.watched_until is not None and incident.watched_until <= now:
        record.schedule(incident, None)
        return True
    if not probed:
        return False
    last = incident.probe_runs.exclude(finished_at=None).order_by("-started_at").first()
    if last is None or last.started_at <= now - TRY_AGAIN_AFTER:
        return False
    record.schedule(incident, now + record.AGAIN_AFTER[ProbeRun.Verdict.FIXED])
    return True


def look_since_fix(
    incident: Incident | None, host: MailHost, *, now: datetime, probe_source: str = ""
) -> Sightings:
    """What the log says since the incident's last fix, or of the last day if there is none."""
    fixed_at = fixed.fixed_since(incident, by_then=now)
    before = fixed_at or now
    known = watch.campaign_senders(incident, host, before=before)
    return watch.look(
        host,
        since=fixed_at or now - timedelta(days=1),
        until=now,
        known_senders={sender.lower() for sender in known},
        known_sources=watch.campaign_sources(incident, before=before),
        normal_at=incident.discovered_at - timedelta(days=1) if incident else None,
        probe_source=probe_source,
    )


def _lease(incident: Incident, *, now: datetime) -> bool:
    """Take a due verification; the lease of a dead worker runs out by itself."""
    due = Incident.objects.filter(
        pk=incident.pk, next_verification_at=incident.next_verification_at
    )
    return bool(due.update(next_verification_at=now + LEASE))


def _relapse(incident: Incident, seen: Sightings, *, now: datetime) -> None:
    moves.relapse(
        incident,
        _("The log shows %(count)s messages relayed for strangers since the fix.")
        % {"count": seen.relayed},
        now=now,
    )
