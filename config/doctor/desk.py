"""The desk itself: who we are, mail that waits, whether fixes can be verified."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings

from complaints.models import Complaint, MailHost, Organisation
from config.doctor.finding import Finding, advice, good, wrong
from incidents.models import RollupState
from incidents.verification import target
from incidents.verification.places import places_for
from incidents.verification.target import NotAllowed

OVERDUE = timedelta(minutes=15)


def organisation() -> Iterator[Finding]:
    """Whether we know who we are: what is relayed for a stranger follows from it."""
    known = Organisation.objects.first()
    if known is None or not known.domains:
        remedy = "Run ./manage.py organisation import org.json (docs/operate.md)."
        yield wrong("organisation", "Nobody has said who we are.", remedy)
        return
    hosts = MailHost.objects.count()
    said = f"{known.name}: {len(known.domains)} domains, {hosts} mail hosts."
    if hosts:
        yield good("organisation", said)
    else:
        yield wrong("organisation", said, "Add our mail hosts: logs are read by their host.")


def waiting(now: datetime) -> Iterator[Finding]:
    """Whether received mail walks on, and what only a person can take further."""
    stuck = Complaint.objects.due(now).filter(recorded_at__lt=now - OVERDUE)
    if count := stuck.count():
        said = f"{count} mails have waited for a quarter of an hour and are due."
        yield wrong("waiting mail", said, "Is a worker running (make run)?")
    else:
        yield good("waiting mail", "None waits for a worker.")
    if count := Complaint.objects.filter(stage=Complaint.Stage.QUARANTINED).count():
        remedy = "Look at each on the triage page: it says why, and has a button to try again."
        yield advice("waiting mail", f"{count} mails are quarantined.", remedy)


def probing(now: datetime) -> Iterator[Finding]:
    """Whether a fix could be verified by probes now. Nothing is sent."""
    if not settings.MEYASU_PROBE:
        remedy = "Set MEYASU_PROBE to yes; until then only the log verifies."
        yield advice("probing", "It is switched off.", remedy)
        return
    for host in MailHost.objects.order_by("name"):
        try:
            places_for(None, host, now=now)
            target.allowed(host, loopback=settings.MEYASU_PROBE_LOOPBACK)
        except NotAllowed as refusal:
            yield advice("probing", f"{host.name}: {refusal}", "See docs/verification.md.")
        else:
            yield good("probing", f"{host.name} may be probed.")


def figures() -> Iterator[Finding]:
    """Whether the figures of the reports are right, by the last nightly check."""
    state = RollupState.objects.first()
    if state is None or state.checked_at is None:
        remedy = "They are checked every night; ./manage.py rollups check does it now."
        yield advice("figures", "Nobody has checked the figures of the reports yet.", remedy)
    elif state.differences:
        said = f"{len(state.differences)} figures differ from a plain count."
        remedy = "./manage.py rollups check names them, ./manage.py rollups rebuild mends them."
        yield wrong("figures", said, remedy)
    else:
        yield good("figures", f"They say what a plain count said at {state.checked_at:%F %R} UTC.")
