"""History: record() and record_all(), its only writers, and verify(), which walks the chain."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import connection, models, transaction

from complaints import rows
from complaints.cleantext import clean_text
from complaints.models import AuditEntry

GENESIS = "0" * 64
MACHINE = "Meyasu"
MOST_TEXT = 4000

Actor = AbstractBaseUser | AnonymousUser | str | None


@dataclass(frozen=True, slots=True)
class Break:
    """The place where the chain does not hold."""

    sequence: int
    why: str


@dataclass(frozen=True, slots=True)
class Act:
    """What one entry tells, beside when and by whom; the fields as in record()."""

    action: str
    subject: models.Model
    incident: str = ""
    details: dict[str, Any] = field(default_factory=dict)


def record(
    action: str,
    subject: models.Model,
    *,
    at: datetime,
    by: Actor = None,
    incident: str = "",
    **details: Any,
) -> AuditEntry:
    """Add one entry to the chain. Call it inside the transaction of the change it tells of.

    action    what was done, as a word of the code: "task-completed"
    subject   the row it was done to; its `reference`, else its str(), names it
    by        the user, or a name; None means that the program did it by itself
    incident  reference of the incident in whose timeline it belongs, "" for none
    details   what changed, as JSON values; no personal data beyond the row's own
    """
    return record_all([Act(action, subject, incident, details)], at=at, by=by)[0]


def record_all(acts: Sequence[Act], *, at: datetime, by: Actor = None) -> list[AuditEntry]:
    """Add entries to the chain, in this order, as record() adds one."""
    entries = [
        AuditEntry(
            at=at,
            actor=name_of(by),
            user_id=by.pk if isinstance(by, AbstractBaseUser) else None,
            action=act.action,
            subject_kind=act.subject._meta.model_name or "",
            subject_reference=reference_of(act.subject),
            incident_reference=act.incident,
            details=_storable(json.loads(json.dumps(act.details, default=str))),
        )
        for act in acts
    ]
    gathered = _gathered.get()
    if gathered is not None:
        gathered.extend(entries)
        return entries
    _chain(entries)
    return AuditEntry.objects.bulk_create(entries)


_gathered: ContextVar[list[AuditEntry] | None] = ContextVar("gathered", default=None)


@contextmanager
def together() -> Iterator[None]:
    """One transaction, whose entries are added to the chain at its end: two statements for all.

    Within another one it is a part that can fail by itself: its rows are taken back, and its
    entries are never written. An entry has its place in the chain, and its key, only afterwards.
    """
    outer = _gathered.get()
    entries: list[AuditEntry] = []
    token = _gathered.set(entries)
    try:
        with transaction.atomic():
            yield
            if outer is not None:
                outer.extend(entries)
            elif entries:
                _chain(entries)
                rows.insert(entries)
    finally:
        _gathered.reset(token)


def _chain(entries: Sequence[AuditEntry]) -> None:
    """Give each its place behind the newest one; nobody else adds any until we commit."""
    keep_others_waiting()
    newest = AuditEntry.objects.order_by("-sequence").values_list("sequence", "entry_hash")
    sequence, previous_hash = newest.first() or (0, GENESIS)
    for entry in entries:
        sequence += 1
        entry.sequence, entry.previous_hash = sequence, previous_hash
        entry.entry_hash = previous_hash = hash_of(entry)


def keep_others_waiting() -> None:
    """Keep every other writer of history waiting until this transaction ends.

    SQLite has one writer at a time by itself (transactions begin IMMEDIATE); on PostgreSQL
    an advisory lock of the transaction does it, as a row lock cannot guard an empty table.
    Whoever also locks a row locks that first, so that two never wait for each other.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('complaints.audit'))")


def entries_of(subject: models.Model) -> models.QuerySet[AuditEntry]:
    """The entries about one row, oldest first."""
    return AuditEntry.objects.filter(
        subject_kind=subject._meta.model_name or "", subject_reference=reference_of(subject)
    )


def reference_of(subject: models.Model) -> str:
    """How the history names a row: its reference, else its table and number."""
    named = getattr(subject, "reference", "")
    return str(named or f"{subject._meta.model_name}-{subject.pk}")[:60]


def head() -> str:
    """The newest entry as `SEQUENCE:HASH`: kept outside, it shows when the end was cut off."""
    newest = AuditEntry.objects.order_by("-sequence").first()
    return f"{newest.sequence}:{newest.entry_hash}" if newest else f"0:{GENESIS}"


def verify(known_head: str = "") -> Iterator[Break]:
    """Walk the whole chain and yield each place where it does not hold.

    known_head  what `head()` once said: that entry must still be there, unchanged
    """
    sequence, _, known_hash = known_head.partition(":")
    if known_head and sequence != "0":
        kept = AuditEntry.objects.filter(sequence=int(sequence), entry_hash=known_hash)
        if not kept.exists():
            yield Break(int(sequence), "it was there with another hash, or has been cut off")
    expected_sequence, expected_hash = 1, GENESIS
    for entry in AuditEntry.objects.order_by("sequence").iterator():
        if entry.sequence != expected_sequence:
            yield Break(entry.sequence, f"entry {expected_sequence} is missing")
        elif entry.previous_hash != expected_hash:
            yield Break(entry.sequence, "it does not follow from the entry before it")
        if hash_of(entry) != entry.entry_hash:
            yield Break(entry.sequence, "its content does not fit its hash")
        expected_sequence, expected_hash = entry.sequence + 1, entry.entry_hash


def hash_of(entry: AuditEntry) -> str:
    """SHA-256 over the entry's content in a canonical form and the hash before it."""
    content = [
        entry.sequence,
        entry.at.astimezone(UTC).isoformat(),
        entry.actor,
        entry.action,
        entry.subject_kind,
        entry.subject_reference,
        entry.incident_reference,
        entry.details,
        entry.previous_hash,
    ]
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()


def name_of(by: Actor) -> str:
    """The name under which an act stands in the history."""
    if by is None:
        return MACHINE
    return by if isinstance(by, str) else by.get_username()


def _storable(value: Any) -> Any:
    """The JSON value with every text in it clean: a database refuses NUL and lone surrogates."""
    match value:
        case str():
            return clean_text(value, MOST_TEXT)
        case list():
            return [_storable(one) for one in value]
        case dict():
            return {clean_text(name, 100): _storable(one) for name, one in value.items()}
        case _:
            return value
