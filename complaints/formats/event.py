"""Event: what a machine report states of one deed: who, when, what; and the Report of several."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from complaints.cleantext import clean_line, clean_text
from complaints.evidence.dates import StatedTime
from complaints.evidence.observables import (
    Kind,
    Observable,
    Origin,
    is_masked,
    normal_address,
    normal_ip,
    normal_message_id,
    normal_url,
    observable,
)
from complaints.formats import judge, original
from complaints.formats.opened import Opened, report
from complaints.formats.parts import Mail
from complaints.formats.report import Original, Report

MAX_EVENTS = 1000
MAX_ORIGINALS = 100
MAX_RECORD_CHARS = 4000


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that a report accuses somebody of.

    where   in words: "row 3 of scan_ntp.csv"
    record  all that the report states of it, to be read by a person
    copy    the reported mail, where the report shows one
    """

    where: str
    source_ip: str = ""
    at: StatedTime | None = None
    urls: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    message_id: str = ""
    subject: str = ""
    envelope_from: str = ""
    recipient: str = ""
    asn: str = ""
    file_hash: str = ""
    record: str = ""
    copy: Original | None = None


def report_of(
    opened: Opened,
    format_name: str,
    events: Iterable[Event],
    *,
    notes: tuple[str, ...] = (),
    text: str | None = None,
) -> Report:
    """Return the report of these events, each one a reported mail or deed.

    At most `MAX_EVENTS` are looked at; of these `MAX_ORIGINALS` become originals of their own.
    """
    kept = list(events)
    if len(kept) > MAX_ORIGINALS:
        notes = (*notes, f"The report lists {len(kept)} events; {MAX_ORIGINALS} are shown.")
    headers = opened.headers
    kind = judge.reporter_of(headers.from_address, headers.from_name, "", is_machine=True)
    found = report(
        opened,
        format_name,
        originals=tuple(original_of(event) for event in kept[:MAX_ORIGINALS]),
        observables=tuple(one for event in kept[:MAX_EVENTS] for one in observables_of(event)),
        notes=notes,
        text=text,
    )
    return replace(found, reporter_kind=kind)


def original_of(event: Event) -> Original:
    """Return the event as a reported mail; what is stated goes before what the copy shows."""
    base = event.copy or Original(where=event.where)
    urls = (clean_line(normal_url(url), original.MAX_LINK_CHARS) for url in event.urls)
    hashed = [clean_line(event.file_hash, 128).lower()] if event.file_hash else []
    return replace(
        base,
        where=event.where if not event.copy else base.where,
        source_ip=normal_ip(event.source_ip) or base.source_ip,
        arrived_at=event.at.at if event.at else base.arrived_at,
        zone_stated=event.at.zone_stated if event.at else base.zone_stated,
        clock_stated=event.at.clock_stated if event.at else base.clock_stated,
        urls=tuple(dict.fromkeys(urls))[: original.MAX_LINKS] or base.urls,
        message_id=normal_message_id(event.message_id) or base.message_id,
        subject=clean_line(event.subject, original.MAX_SUBJECT_CHARS) or base.subject,
        envelope_from=_unmasked(event.envelope_from) or base.envelope_from,
        recipient=_unmasked(event.recipient) or base.recipient,
        body_text=base.body_text or clean_text(event.record, MAX_RECORD_CHARS),
        files=tuple(dict.fromkeys([*hashed, *base.files])),
    )


def copy_of(mail: Mail) -> Original:
    """Return the reported mail that a report shows beside what it states."""
    return original.of_mail(mail, "attached message 1")


def observables_of(event: Event) -> Iterator[Observable | None]:
    """Yield what the report itself states of the event."""
    asn = event.asn.strip().upper().removeprefix("AS").strip()
    values = [
        (Kind.IP, event.source_ip),
        (Kind.DATE, event.at.at.isoformat() if event.at else ""),
        (Kind.MESSAGE_ID, event.message_id),
        (Kind.SUBJECT, event.subject),
        (Kind.ENVELOPE_FROM, event.envelope_from),
        (Kind.ENVELOPE_TO, event.recipient),
        (Kind.ASN, f"AS{asn}" if asn.isdigit() and int(asn[:20]) else ""),
        (Kind.FILE_HASH, event.file_hash),
        *((Kind.URL, url) for url in event.urls[: original.MAX_LINKS]),
        *((Kind.DOMAIN, domain) for domain in event.domains[: original.MAX_LINKS]),
    ]
    for kind, value in values:
        yield observable(kind, value, where=event.where, origin=Origin.REPORTED)


def _unmasked(value: str) -> str:
    address = normal_address(value)
    return "" if is_masked(address) else clean_line(address, 320)
