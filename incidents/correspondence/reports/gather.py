"""From an incident to Evidence: the mail log and what reporters showed, redacted."""

import hashlib
import re
from collections import Counter

from django.conf import settings

from complaints import organisation
from complaints.cleantext import clean_line
from complaints.models import Complaint, Link, Organisation, ReportedMessage
from complaints.querysets import RelayedMessageQuerySet
from incidents.correspondence.address import own_address
from incidents.correspondence.facts import ahead_seconds, messages_for
from incidents.correspondence.reports.evidence import Evidence, Source
from incidents.correspondence.reports.redaction import Redactor
from incidents.models import Consent, Contact, Incident
from incidents.reporting import figures

MOST_SOURCES = 50
MOST_MESSAGES = 200
MOST_SENDERS = 1000


def gather(incident: Incident, contact: Contact | None) -> Evidence | None:
    """What there is to report; None if the log knows no message of the incident."""
    seen = messages_for(incident, contact)
    sources = _sources(seen)
    extent = seen.extent()
    if not sources or extent["first_at"] is None:
        return None
    redactor = _redactor(incident, seen)
    of_first = seen.filter(client_ip=sources[0].address)
    first = of_first.order_by("queued_at", "pk")[0]
    shown = _shown(incident, of_first)
    headers = _headers(shown, redactor) if shown else ()
    log = redactor.text(_log(seen))
    us = Organisation.objects.first()
    address = own_address()
    host = incident.host
    return Evidence(
        incident=incident.reference,
        organisation=us.name if us else address,
        contact=address,
        domain=address.rpartition("@")[2],
        host=host.fqdn if host else "",
        host_address=host.addresses[0] if host and host.addresses else "",
        utc_offset=host.log_utc_offset if host else "+00:00",
        clock=ahead_seconds(incident),
        messages=extent["messages"],
        recipients=extent["recipients"],
        first_at=extent["first_at"],
        last_at=extent["last_at"],
        discovered_at=incident.discovered_at,
        fixed_at=incident.fixed_at,
        sources=sources,
        port=_port(first.log_text, sources[0].address),
        sender=first.sender,
        message_id=first.message_id,
        subject=redactor.text(shown.subject if shown else first.subject),
        headers=headers,
        log=log,
        redacted=redactor.count,
    )


def _sources(seen: RelayedMessageQuerySet) -> tuple[Source, ...]:
    """The clients by address, most mail first; a name of each, where it has one."""
    counts: Counter[str] = Counter()
    names: dict[str, str] = {}
    for row in figures.sources_in(seen):
        counts[row["client_ip"]] += row["count"]
        names[row["client_ip"]] = names.get(row["client_ip"]) or row["client_name"]
    counts.pop("", None)
    ranked = counts.most_common(MOST_SOURCES)
    return tuple(Source(address, names[address], count) for address, count in ranked)


def _redactor(incident: Incident, seen: RelayedMessageQuerySet) -> Redactor:
    """Ours and those of the mail's senders may be seen; a reporter's only if he agreed."""
    senders = seen.values_list("sender", flat=True).distinct().order_by()[:MOST_SENDERS]
    agreed = Consent.objects.filter(complaint__incidents=incident)
    hidden = Complaint.objects.filter(incidents=incident).exclude(pk__in=agreed.values("complaint"))
    shown = ReportedMessage.objects.filter(complaint__in=hidden).exclude(recipient="")
    private = [*hidden.values_list("sender", flat=True), *shown.values_list("recipient", flat=True)]
    return Redactor(
        hashlib.sha256(f"redaction {settings.SECRET_KEY}".encode()).digest(),
        domains=organisation.ourselves().domains,
        seen=[*filter(None, senders), *agreed.values_list("complaint__sender", flat=True)],
        hidden=private,
        names=list(hidden.exclude(sender_name="").values_list("sender_name", flat=True)),
    )


def _shown(incident: Incident, seen: RelayedMessageQuerySet) -> ReportedMessage | None:
    """A reported message that is one of these, the one that shows most of its way."""
    linked = Link.objects.filter(message__in=seen.values("pk"), state__in=Link.HOLDING)
    reported = ReportedMessage.objects.filter(
        complaint__incidents=incident, complaint__links__in=linked
    ).order_by("pk")[:20]
    return max(reported, key=lambda one: len(one.hops), default=None)


def _headers(shown: ReportedMessage, redactor: Redactor) -> tuple[tuple[str, str], ...]:
    """Its head, from the line that our own server wrote downwards: what is above leads to its
    reporter, and is shown if he agreed."""
    hops = list(shown.hops)
    if not Consent.objects.filter(complaint=shown.complaint_id).exists():
        us = organisation.ourselves()
        ours = [place for place, hop in enumerate(hops) if us.has_host(str(hop.get("by", "")))]
        hops = hops[ours[0] :] if ours else []
    fields = [("Received", str(hop.get("raw", ""))) for hop in hops]
    fields += [
        ("From", shown.header_from),
        ("Subject", shown.subject),
        ("Date", shown.date.strftime("%a, %d %b %Y %H:%M:%S +0000") if shown.date else ""),
    ]
    told = [(name, redactor.text(value)) for name, value in fields if value]
    if shown.message_id:
        told.append(("Message-ID", f"<{shown.message_id.strip('<>')}>"))
    return tuple((name, clean_line(value, 900)) for name, value in told)


def _log(seen: RelayedMessageQuerySet) -> str:
    rows = seen.order_by("queued_at", "pk").prefetch_related("log_block")[:MOST_MESSAGES]
    told = (row.log_text.rstrip("\n") for row in rows)
    return "\n".join(lines for lines in told if lines)


def _port(lines: str, address: str) -> int | None:
    """The client's port, where the log has it (Postfix: smtpd_client_port_logging)."""
    found = re.search(rf"\[{re.escape(address)}\]:(\d{{1,5}})\b", lines)
    return int(found[1]) if found and 0 < int(found[1]) < 65536 else None
