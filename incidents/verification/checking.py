"""STAGE: verifies the fix of what is no relay: an account, a page, a customer, a promise."""

from dataclasses import replace
from datetime import datetime, timedelta

from complaints.audit import Actor
from incidents.models import Incident, ProbeRun
from incidents.verification import checks, held, record
from incidents.verification.quiet import QUIET_FOR
from incidents.verification.verdict import Outcome, Verdict
from incidents.workflow import fixed

CHECKED = ("account", "script", "customer", "own-client", "machine")
# A little later than the day of quiet, so that the log is read by then.
AFTER_THE_QUIET = timedelta(minutes=15)
AGAIN_AFTER = timedelta(days=1)


def is_about_relaying(incident: Incident) -> bool:
    """Whether probes tell if it is fixed: a host relayed, or nothing else is known of it."""
    if incident.kind == "relay_abuse":
        return True
    kinds = set(incident.keys.filter(is_active=True).values_list("kind", flat=True))
    return "relay-host" in kinds or not kinds.intersection(CHECKED)


def run_checks(incident: Incident, *, by: Actor, now: datetime) -> ProbeRun:
    """Look at all that fits the incident since its fix, or of the last day if there is none.

    returns   the finished run; the incident is moved by its verdict, and looked at again a day
              later, or as soon as a day of quiet has passed
    """
    since = fixed.fixed_since(incident, by_then=now) or now - timedelta(days=1)
    judged = held.judge(checks.findings(incident, since=since, now=now))
    quiet_at = since + QUIET_FOR + AFTER_THE_QUIET
    waits = judged.outcome is Outcome.UNKNOWN and now < quiet_at
    return record.save_checks(
        incident,
        judged,
        fix=fixed.last_fix(incident, by_then=now),
        again_at=quiet_at if waits else now + AGAIN_AFTER,
        by=by,
        now=now,
    )


def with_notes(judged: Verdict, incident: Incident) -> Verdict:
    """A verdict on a relay, with what is worth knowing beside it: listings, broken promises."""
    found = (*checks.of_lists(incident), *checks.of_promises(incident, decides=False))
    notes = tuple(one.reason for one in found if one.holds is held.Holds.NO)
    return replace(judged, reasons=(*judged.reasons, *notes))
