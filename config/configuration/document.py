"""The whole configuration out as a document, and in again: all of it or none.

Rows that the document does not name stay. A mailbox that comes in without a password is paused, and
so is a log that cannot be read here; somebody new signs in once a password is set in the admin.
"""

from datetime import datetime
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import models, transaction

from complaints import audit, organisation
from complaints.admin.forms import PLACE_OF_PASSWORD, PLACE_OF_TOKEN
from complaints.audit import Actor
from complaints.models import LogSource, Mailbox, Organisation
from config.configuration import tables, works
from config.configuration.tables import TABLES, Table
from incidents.models import Acknowledging

FORMAT = "configuration 1"
MOST_ROWS = 10_000
MOST_BYTES = 20 * 1024 * 1024
ORGANISATION = "organisation"


class NotTaken(ValueError):
    """The document was not taken in; says where it is wrong."""


def export() -> dict[str, Any]:
    """All that the desk has set up, as JSON values, without any secret."""
    document: dict[str, Any] = {"meyasu": FORMAT}
    if Organisation.objects.exists():
        document[ORGANISATION] = organisation.export_organisation()
    for table in TABLES:
        rows = table.model._default_manager.order_by("pk")
        document[table.section] = [
            {name: tables.value_of(row, name) for name in table.names} for row in rows
        ]
    return document | works.export()


def take_in(document: Any, *, by: Actor, now: datetime) -> dict[str, int]:
    """Put a document in force, all or none; how many rows of each section were new or changed.

    raises   NotTaken, worded for the person who brought it
    """
    known = {ORGANISATION, "meyasu", *works.SECTIONS, *(table.section for table in TABLES)}
    if not isinstance(document, dict) or document.get("meyasu") != FORMAT:
        raise NotTaken(f"This is no configuration: its “meyasu” is not “{FORMAT}”.")
    if unknown := sorted(str(name) for name in document.keys() - known):
        raise NotTaken(f"Unknown in the configuration: {', '.join(unknown)[:200]}.")
    try:
        with transaction.atomic():
            changed = {}
            if ORGANISATION in document:
                changed[ORGANISATION] = _take_organisation(document[ORGANISATION], now=now)
            for table in TABLES:
                rows = document.get(table.section, [])
                changed[table.section] = _take_rows(table, rows, by=by, now=now)
            changed |= works.take_in(document, by=by, now=now)
    except NotTaken:
        raise
    except ValueError as problem:
        raise NotTaken(str(problem)) from None
    return changed


def _take_organisation(said: Any, *, now: datetime) -> int:
    if Organisation.objects.exists() and said == organisation.export_organisation():
        return 0
    organisation.import_organisation(said, now=now)
    return 1


def _take_rows(table: Table, rows: Any, *, by: Actor, now: datetime) -> int:
    if not isinstance(rows, list) or len(rows) > MOST_ROWS:
        raise NotTaken(f"{table.section}: a list of at most {MOST_ROWS} rows was expected.")
    changed = 0
    for number, row in enumerate(rows, start=1):
        where = f"{table.section}, row {number}"
        if not isinstance(row, dict) or not set(table.known_by) <= set(row) <= set(table.names):
            raise NotTaken(f"{where}: it has to have {', '.join(table.names)} and nothing else.")
        try:
            changed += _take_row(table, row, by=by, now=now)
        except ValidationError as problem:
            raise NotTaken(f"{where}: {_in_words(problem)}") from None
        except (ValueError, TypeError, AttributeError) as problem:
            raise NotTaken(f"{where}: {problem}") from None
    return changed


def _take_row(table: Table, said: dict[str, Any], *, by: Actor, now: datetime) -> bool:
    """One row, added or changed; False if it stands so already."""
    named = {name: said[name] for name in table.known_by}
    row = table.model._default_manager.filter(**named).order_by("pk").first()
    is_new = row is None
    row = row or table.model(**named)
    before = {} if is_new else {name: tables.value_of(row, name) for name in table.names}
    many = {}
    for name in table.fields:
        if name not in said:
            continue
        if name in ("permissions", "groups"):
            find: Any = tables.permissions_named if name == "permissions" else tables.groups_named
            many[name] = find(said[name])
            continue
        value: Any = tables.host_named(said[name]) if _is_host(row, name) else said[name]
        if name in table.normal:
            value = [table.normal[name](one) for one in value]
        setattr(row, name, value)
    _make_safe(row, before, is_new=is_new, now=now)
    row.full_clean(exclude=["password"])
    row.save()
    for name, rows in many.items():
        getattr(row, name).set(rows)
    row.refresh_from_db()
    after = {name: tables.value_of(row, name) for name in table.names}
    changes = {
        name: {"before": before.get(name, ""), "after": value}
        for name, value in after.items()
        if is_new or value != before.get(name)
    }
    if not changes:
        return False
    action = f"{row._meta.model_name}-{'added' if is_new else 'changed'}"
    fields = sorted(changes)
    audit.record(action, row, at=now, by=by, named=str(row), fields=fields, changes=changes)
    return True


def _is_host(row: models.Model, name: str) -> bool:
    return isinstance(row, LogSource) and name == "host"


def _make_safe(row: models.Model, before: dict[str, Any], *, is_new: bool, now: datetime) -> None:
    """No secret goes to another server, and nothing begins that cannot work."""
    if isinstance(row, Mailbox):
        place = PLACE_OF_PASSWORD | PLACE_OF_TOKEN
        if any(before.get(name) != getattr(row, name) for name in place):
            row.password_encrypted = row.oauth_secret_encrypted = row.oauth_refresh_encrypted = b""
        has_secret = row.password_encrypted or row.oauth_refresh_encrypted or row.password_variable
        row.paused = row.paused or not has_secret
    elif isinstance(row, LogSource):
        row.paused = row.paused or not _can_be_read(row.path)
    elif isinstance(row, User) and is_new:
        row.set_unusable_password()
    elif isinstance(row, Acknowledging):
        row.pk = 1
        row.enabled_at = (row.enabled_at or now) if row.enabled else None


def _can_be_read(path: str) -> bool:
    try:
        with Path(path).open("rb"):
            return True
    except OSError:
        return False


def _in_words(problem: ValidationError) -> str:
    if not hasattr(problem, "error_dict"):
        return " ".join(problem.messages)
    said = problem.message_dict
    return "; ".join(f"{name}: {' '.join(words)}" for name, words in said.items())
