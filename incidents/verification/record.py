"""STAGE: the two writes of a verification: its claim on the host, and what was learned."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from complaints import audit
from complaints.audit import Actor
from complaints.models import AuditEntry, MailHost
from incidents.models import Fix, Incident, ProbeAnswer, ProbeRun
from incidents.verification import watch
from incidents.verification.findings import Answer, Marked, Sightings
from incidents.verification.target import NotAllowed, Target
from incidents.verification.trial import Kind, Probe
from incidents.verification.verdict import Verdict
from incidents.verification.wording import Reason
from incidents.workflow import moves

# One run a host and ten minutes; a run whose worker died holds the host for half an hour.
PAUSE = timedelta(minutes=10)
STALE = timedelta(minutes=30)

AGAIN_AFTER = {
    ProbeRun.Verdict.UNKNOWN: timedelta(hours=1),
    ProbeRun.Verdict.NONE: timedelta(days=1),
    ProbeRun.Verdict.PARTIAL: timedelta(days=1),
    ProbeRun.Verdict.FIXED: timedelta(hours=1),
}
# So long a verdict stands: a fixed host's door is tried again each week, its log looked at hourly.
STANDS_FOR = {
    ProbeRun.Verdict.UNKNOWN: timedelta(hours=1),
    ProbeRun.Verdict.NONE: timedelta(days=2),
    ProbeRun.Verdict.PARTIAL: timedelta(days=2),
    ProbeRun.Verdict.FIXED: timedelta(days=7),
}
NOT_POSSIBLE = "verification-not-possible"


def claim(
    incident: Incident | None,
    host: MailHost,
    pinned: Target,
    *,
    fix: Fix | None,
    by: Actor,
    now: datetime,
) -> ProbeRun:
    """A run of our own on this host; the host's row is the lock that keeps a second one out."""
    with transaction.atomic():
        MailHost.objects.select_for_update().get(pk=host.pk)
        recent = ProbeRun.objects.filter(host=host, started_at__lte=now)
        unfinished = recent.filter(finished_at=None, started_at__gt=now - STALE)
        if unfinished.exists() or recent.filter(started_at__gt=now - PAUSE).exists():
            raise NotAllowed(
                _("%(host)s is being probed, or was less than ten minutes ago. Try again later.")
                % {"host": host.fqdn}
            )
        run = ProbeRun.objects.create(
            incident=incident,
            host=host,
            fix=fix,
            address=f"{pinned.address} port {pinned.port}",
            started_at=now,
            started_by=audit.name_of(by),
        )
        audit.record(
            "verification-started",
            run,
            at=now,
            by=by,
            incident=incident.reference if incident else "",
            address=run.address,
        )
    return run


def save(
    run: ProbeRun,
    probes: tuple[Probe, ...],
    answers: tuple[Answer, ...],
    marked: tuple[Marked, ...],
    seen: Sightings,
    judged: Verdict,
    *,
    by: Actor,
    now: datetime,
) -> None:
    """Everything that was learned, its place in the history, and what follows from it."""
    _put(run, judged)
    run.sightings = watch.as_json(seen)
    rows = _rows(run, probes, answers, marked)
    with transaction.atomic():
        run.save()
        ProbeAnswer.objects.bulk_create(rows)
        audit.record(
            "verification-finished",
            run,
            at=now,
            by=by,
            incident=run.incident.reference if run.incident else "",
            verdict=run.verdict,
            **judged.figures,
        )
        if run.incident is not None:
            moves.record_verdict(run.incident, run, now=now)
            schedule(run.incident, now + AGAIN_AFTER[ProbeRun.Verdict(run.verdict)])


def save_checks(
    incident: Incident,
    judged: Verdict,
    *,
    fix: Fix | None,
    again_at: datetime,
    by: Actor,
    now: datetime,
) -> ProbeRun:
    """A verification without probes: what was found, its place in the history, what follows."""
    run = ProbeRun(
        incident=incident, fix=fix, started_at=now, finished_at=now, started_by=audit.name_of(by)
    )
    _put(run, judged)
    run.expires_at = again_at
    with transaction.atomic():
        run.save()
        audit.record(
            "verification-finished",
            run,
            at=now,
            by=by,
            incident=incident.reference,
            verdict=run.verdict,
            **judged.figures,
        )
        moves.record_verdict(incident, run, now=now)
        schedule(incident, again_at)
    return run


def _put(run: ProbeRun, judged: Verdict) -> None:
    """The verdict, its sentences, and until when it stands."""
    run.verdict = judged.outcome.value
    run.expires_at = run.started_at + STANDS_FOR[ProbeRun.Verdict(run.verdict)]
    run.reasons = [_as_json(why) for why in judged.reasons]
    run.missing = [_as_json(why) for why in judged.missing]
    run.for_manager = _as_json(judged.for_manager) if judged.for_manager else {}
    run.for_vendor = _as_json(judged.for_vendor) if judged.for_vendor else {}


def _as_json(why: Reason) -> dict[str, Any]:
    return {"words": why.words, "values": why.values, "evidence": list(why.evidence)}


def _rows(
    run: ProbeRun,
    probes: tuple[Probe, ...],
    answers: tuple[Answer, ...],
    marked: tuple[Marked, ...],
) -> list[ProbeAnswer]:
    """A row a probe that was asked, and a further one for each marked message."""
    by_name = {probe.name: probe for probe in probes}
    told = [(by_name[answer.probe], answer.probe, answer, "") for answer in answers]
    told += [
        (by_name[one.probe], f"marked {one.probe}", one.answer, one.fate.value) for one in marked
    ]
    return [
        _row(run, number, probe, name, answer, fate)
        for number, (probe, name, answer, fate) in enumerate(told, start=1)
    ]


def _row(
    run: ProbeRun, number: int, one: Probe, name: str, answer: Answer, fate: str
) -> ProbeAnswer:
    return ProbeAnswer(
        run=run,
        number=number,
        name=name[:60],
        tries=one.tries,
        sender=one.sender,
        recipient=one.recipient,
        is_own_mail=one.kind in (Kind.OWN_MAIL, Kind.OWN_USER),
        door=one.door,
        helo=one.helo,
        fate=fate,
        offered=answer.offered,
        stage=answer.stage.value,
        code=answer.code or None,
        text=answer.text[:500],
        accepted=answer.accepted if answer.code else None,
        transcript=list(answer.transcript),
    )


def schedule(incident: Incident, at: datetime | None) -> None:
    """When the incident is verified or watched next; None for never again."""
    Incident.objects.filter(pk=incident.pk).update(next_verification_at=at)
    incident.next_verification_at = at


def ask_for(incident: Incident, *, by: Actor, now: datetime) -> None:
    """A person wants a verification now; the history says who."""
    with transaction.atomic():
        schedule(incident, now)
        audit.record("verification-asked", incident, at=now, by=by, incident=incident.reference)


def postpone(incident: Incident, why: str, *, now: datetime) -> None:
    """Put off a verification that is not possible; the history says each reason once."""
    with transaction.atomic():
        schedule(incident, now + AGAIN_AFTER[ProbeRun.Verdict.UNKNOWN])
        told = AuditEntry.objects.filter(
            incident_reference=incident.reference, action=NOT_POSSIBLE
        ).order_by("-sequence")
        if not told or told[0].details.get("why") != why:
            audit.record(NOT_POSSIBLE, incident, at=now, incident=incident.reference, why=why)
