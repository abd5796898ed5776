"""Keeps the index: whatever the history tells of is read anew. It may be made anew at any time."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db import transaction

from complaints.models import AuditEntry, Complaint
from incidents.finding import table
from incidents.finding.terms import FROM, IP, words
from incidents.models import Incident, Letter, Notice, SearchDocument, SearchMark

AT_ONCE = 500
MOST_VALUES = 200
MOST_SHOWN = 5

Thing = tuple[int, str, datetime, list[str]]  # key, reference, when, its words


def follow(*, most: int = AT_ONCE) -> int:
    """Index what the history tells of since last time; how many entries were followed.

    The history has one writer at a time, so what has a higher number came later.
    """
    mark, _made = SearchMark.objects.get_or_create(pk=1)
    entries = list(
        AuditEntry.objects.filter(sequence__gt=mark.sequence).order_by("sequence")[:most]
    )
    if not entries:
        return 0
    changed = {name: set[Any]() for name in READERS}
    for entry in entries:
        kind, reference = entry.subject_kind, entry.subject_reference
        if kind in ("complaint", "incident", "notice"):
            changed[kind].add(reference)
        elif kind == "letter" and reference.startswith("letter-"):
            changed["letter"].add(int(reference.removeprefix("letter-")))
        if entry.incident_reference:
            changed["incident"].add(entry.incident_reference)
    for kind, names in changed.items():
        field = "pk" if kind == "letter" else "reference"
        _index(kind, READERS[kind]({f"{field}__in": names}))
    SearchMark.objects.filter(pk=1).update(sequence=entries[-1].sequence)
    return len(entries)


def rebuild(progress: Callable[[str, int], None]) -> int:
    """Index everything anew; how many things there are."""
    newest = AuditEntry.objects.order_by("-sequence").values_list("sequence", flat=True).first()
    SearchMark.objects.update_or_create(pk=1, defaults={"sequence": newest or 0})
    total = 0
    for kind, reader in READERS.items():
        last = 0
        while things := list(reader({"pk__gt": last}, most=AT_ONCE)):
            _index(kind, things)
            last = max(thing[0] for thing in things)
            total += len(things)
            progress(kind, total)
    return total


def _index(kind: str, things: Iterable[Thing]) -> None:
    for thing in things:
        key, reference, at, found = thing
        with transaction.atomic():
            document, _made = SearchDocument.objects.update_or_create(
                kind=kind, key=key, defaults={"reference": reference, "at": at}
            )
            table.write([(document.pk, found)])


def _complaints(wanted: dict[str, Any], most: int = AT_ONCE) -> Iterator[Thing]:
    found = Complaint.objects.filter(**wanted).exclude(stage=Complaint.Stage.RECEIVED)
    for one in found.order_by("pk").prefetch_related("observables", "reported_messages")[:most]:
        observables = list(one.observables.all()[:MOST_VALUES])
        shown = list(one.reported_messages.all()[:MOST_SHOWN])
        texts = [one.reference, one.subject, one.sender_name, one.sender, one.text]
        texts += [observable.value for observable in observables]
        texts += [f"{mail.subject} {mail.header_from} {mail.body_text}" for mail in shown]
        ips = " . ".join(seen.value for seen in observables if seen.kind == "ip")
        told = words("\n".join(texts)) + words(f"{one.sender_name} {one.sender}", FROM)
        yield one.pk, one.reference, one.arrived_at, told + words(ips, IP)


def _incidents(wanted: dict[str, Any], most: int = AT_ONCE) -> Iterator[Thing]:
    found = Incident.objects.filter(**wanted).order_by("pk").prefetch_related("tasks", "keys")
    for one in found[:most]:
        texts = [one.reference, one.title, one.why_opened]
        texts += [task.outcome_note for task in one.tasks.all() if task.outcome_note]
        texts += [key.value for key in one.keys.all()]
        yield one.pk, one.reference, one.discovered_at, words("\n".join(texts))


def _letters(wanted: dict[str, Any], most: int = AT_ONCE) -> Iterator[Thing]:
    found = Letter.objects.filter(**wanted).order_by("pk").select_related("incident")
    for one in found.prefetch_related("replies")[:most]:
        texts = [one.subject, one.to_name, one.to_address, one.body, one.outcome_note]
        texts += [reply.text for reply in one.replies.all()]
        told = words("\n".join([one.incident.reference, *texts]))
        yield one.pk, f"{one.incident.reference}", one.drafted_at, told


def _notices(wanted: dict[str, Any], most: int = AT_ONCE) -> Iterator[Thing]:
    for one in Notice.objects.filter(**wanted).order_by("pk")[:most]:
        told = words("\n".join([one.reference, one.title, one.body]))
        yield one.pk, one.reference, one.written_at, told


READERS: dict[str, Callable[..., Iterator[Thing]]] = {
    "complaint": _complaints,
    "incident": _incidents,
    "letter": _letters,
    "notice": _notices,
}
