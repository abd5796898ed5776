"""What a complaint lacks for us to act on it: facts by which the mail or the attack is found."""

from complaints.evidence.dates import stated_times
from complaints.formats.report import Original, Report

# Each fact that may be missing, in the order in which a letter asks for them.
HEADERS, ADDRESS, TIME, ZONE, RECIPIENT, LINK = (
    "headers", "address", "time", "zone", "recipient", "link",
)  # fmt: skip
ALL = (HEADERS, ADDRESS, TIME, ZONE, RECIPIENT, LINK)

_ATTACKS = ("login-attack", "port-scan")
_NOT_ASKED = ("follow-up",)  # the thread has the facts


def missing_in(report: Report) -> tuple[str, ...]:
    """Return the words of `ALL` for what is lacking; () where there is enough to look by.

    A mail is found by its Message-ID or by a Received line with a queue ID; else by who sent it
    and when, or by who got it and when. An attack or a copy is found by address and time, a page
    by its link.
    """
    if not report.is_complaint or report.format in _NOT_ASKED:
        return ()
    if report.category in _ATTACKS or report.category == "copyright":
        return _lacking_of_an_attack(report)
    originals = report.originals
    if not originals:
        return _of_statements(report)
    lacking = [_lacking_of_a_mail(original) for original in originals]
    return min(lacking, key=len)


def _lacking_of_a_mail(original: Original) -> tuple[str, ...]:
    if original.message_id or any(hop.queue_id for hop in original.hops):
        return ()
    has_time = original.arrived_at is not None
    if has_time and original.zone_stated and (original.source_ip or original.recipient):
        return ()
    if original.urls and not (original.subject or original.body_text):
        return ()
    facts = [HEADERS]
    if not has_time:
        facts.append(TIME)
    elif not original.zone_stated:
        facts.append(ZONE)
    if not original.recipient:
        facts.append(RECIPIENT)
    return tuple(facts)


def _lacking_of_an_attack(report: Report) -> tuple[str, ...]:
    kinds = {str(one.kind) for one in report.observables}
    facts = [] if "ip" in kinds or "url" in kinds else [ADDRESS]
    times = [one for one in report.originals if one.arrived_at]
    if not times and "date" not in kinds and not stated_times(report.text[:8000]):
        facts.append(TIME)
    elif times and not any(one.zone_stated for one in times):
        facts.append(ZONE)
    return tuple(facts)


def _of_statements(report: Report) -> tuple[str, ...]:
    kinds = {str(one.kind) for one in report.observables}
    if kinds & {"message-id", "queue-id", "url"}:
        return ()
    return (HEADERS, TIME) if "ip" not in kinds else (TIME,) if "date" not in kinds else ()
