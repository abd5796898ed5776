"""Which evidence goes with which letter, made when the letter is drafted; taken off by a person."""

import hashlib
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from complaints import audit
from complaints.audit import Actor
from incidents.correspondence.reports import arf, iodef, iodefrules, xarf
from incidents.correspondence.reports.evidence import Evidence
from incidents.correspondence.reports.gather import gather
from incidents.models import Enclosure, Letter
from incidents.workflow.moves import NotAllowed
from incidents.workflow.planning import desk_zone

Kind = Enclosure.Kind
WITH = {
    "upstream": (Kind.ARF, Kind.XARF, Kind.LOG),
    "csirt": (Kind.IODEF, Kind.XARF, Kind.LOG),
    "protest": (Kind.LOG,),
    "customer": (Kind.LOG,),
}
ON_PAPER = (Kind.LOG,)  # what people can read
MOST_LOG_BYTES = 512 * 1024


def enclose(letter: Letter, *, now: datetime) -> list[Enclosure]:
    """Make what goes with this letter, on paper the log alone; nothing where the log has none."""
    kinds = WITH.get(letter.kind, ())
    if letter.channel != Letter.Channel.MAIL:
        kinds = tuple(kind for kind in kinds if kind in ON_PAPER)
    evidence = gather(letter.incident, letter.contact) if kinds else None
    if evidence is None:
        return []
    return [_make(letter, kind, evidence, now=now) for kind in kinds]


def take_off(enclosure: Enclosure, *, by: Actor, now: datetime) -> None:
    """A person does not want it to go; an approval of the letter is void, since it has changed."""
    letter = enclosure.letter
    if letter.state not in (Letter.State.DRAFT, Letter.State.APPROVED):
        raise NotAllowed(_("The letter has left already."))
    changed = {"drafted_at": now, "drafted_by": audit.name_of(by)}
    void = {"approved_at": None, "approved_by": None}
    with transaction.atomic():
        if not Letter.objects.move(letter, to=Letter.State.DRAFT, **changed, **void):
            raise NotAllowed(_("Somebody else has just changed this letter: read it again."))
        audit.record(
            "enclosure-taken-off",
            letter,
            at=now,
            by=by,
            incident=letter.incident.reference,
            name=enclosure.name,
        )
        enclosure.delete()


def must_be_valid(letter: Letter) -> None:
    """Refuse a letter whose report for programs would not be read by them.

    raises   NotAllowed, naming what is wrong and what to do
    """
    for enclosure in letter.enclosures.filter(kind=Kind.IODEF):
        found = iodefrules.faults(bytes(enclosure.content))
        if found:
            fault = found[0]
            said = _(
                "%(file)s would not be valid: %(where)s %(words)s (RFC 7970, %(section)s)."
            ) % {
                "file": enclosure.name,
                "where": fault.where,
                "words": _(fault.words) % {"what": fault.what},
                "section": fault.section,
            }
            remedy = _(
                "Set the organisation right and write the letter anew, or take the file off."
            )
            raise NotAllowed(f"{said} {remedy}")


def keep_copy(letter: Letter, content: bytes, *, name: str, kind: str, now: datetime) -> Enclosure:
    """Keep what was sent, as it was."""
    return _keep(letter, Kind.COPY, name, kind, content, 0, now)


def _make(letter: Letter, kind: str, evidence: Evidence, *, now: datetime) -> Enclosure:
    name, content_type, content = _content(kind, evidence, letter, now=now)
    return _keep(letter, kind, name, content_type, content, evidence.redacted, now)


def _content(
    kind: str, evidence: Evidence, letter: Letter, *, now: datetime
) -> tuple[str, str, bytes]:
    reference = evidence.incident
    if kind == Kind.ARF:
        return f"{reference}.arf", arf.content_type(evidence), arf.report(evidence).encode()
    if kind == Kind.XARF:
        return f"{reference}.xarf.json", "application/json", xarf.report(evidence).encode()
    if kind == Kind.IODEF:
        at = now.astimezone(desk_zone())
        document = iodef.report(evidence, at=at, language=letter.language)
        return f"{reference}.iodef.xml", "application/xml", document
    head = (
        f"# {reference}: {evidence.host}, times UTC{evidence.utc_offset}. "
        "Addresses of third persons are tokens (RFC 6590).\n"
    )
    log = (head + evidence.log + "\n").encode()
    if len(log) > MOST_LOG_BYTES:
        log = log[:MOST_LOG_BYTES].rpartition(b"\n")[0] + b"\n# Cut here: the rest on request.\n"
    return f"{reference}.log.txt", "text/plain; charset=utf-8", log


def _keep(
    letter: Letter,
    kind: str,
    name: str,
    content_type: str,
    content: bytes,
    redacted: int,
    now: datetime,
) -> Enclosure:
    return Enclosure.objects.create(
        letter=letter,
        kind=kind,
        name=name,
        content_type=content_type,
        content=content,
        size_bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        redacted=redacted,
        made_at=now,
    )
