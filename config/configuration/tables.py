"""Which tables a configuration holds, by which fields a row is known, and which ones travel.

Secrets never do: passwords, tokens, what they are encrypted to, and who is a superuser.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import Group, Permission, User
from django.db import models

from complaints import organisation
from complaints.models import LogSource, Mailbox, MailHost
from incidents.models import Acknowledging, Contact, ListZone, ReportReader


@dataclass(frozen=True, slots=True)
class Table:
    """One table.

    section  its name in the document
    known_by fields by which a row is found again
    fields   the others that travel, as they stand in the row
    normal   by field, what puts each of a list's values into its normal form, or raises ValueError
    """

    section: str
    model: type[models.Model]
    known_by: tuple[str, ...]
    fields: tuple[str, ...]
    normal: Mapping[str, Callable[[str], str]] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """Every name that a row may have in the document."""
        return (*self.known_by, *self.fields)


TABLES = (
    Table("roles", Group, ("name",), ("permissions",)),
    Table(
        "people",
        User,
        ("username",),
        ("first_name", "last_name", "email", "is_active", "is_staff", "groups"),
    ),
    Table(
        "mailboxes",
        Mailbox,
        ("name",),
        (
            "address",
            "host",
            "port",
            "security",
            "username",
            "password_variable",
            "sign_in",
            "oauth_client_id",
            "oauth_tenant",
            "oauth_token_url",
            "folders",
            "afterwards",
            "move_to",
            "paused",
        ),
    ),
    Table("log_sources", LogSource, ("path",), ("host", "dialect", "paused")),
    Table(
        "contacts",
        Contact,
        ("kind", "name"),
        ("email", "fax", "postal_address", "domains", "networks", "language"),
        {"domains": organisation.normal_domain, "networks": organisation.normal_prefix},
    ),
    Table("blocklists", ListZone, ("zone",), ("name", "removal", "every_minutes", "is_on")),
    Table("report_readers", ReportReader, ("email", "every"), ("name", "language", "since")),
    Table("acknowledging", Acknowledging, (), ("enabled", "hours_between", "most_an_hour")),
)


def value_of(row: models.Model, name: str) -> Any:
    """A field as it stands in the document; other rows are called by their names."""
    if name == "permissions":
        given = row.permissions.values_list("content_type__app_label", "codename")  # type: ignore[attr-defined]
        return sorted(f"{app}.{codename}" for app, codename in given)
    if name == "groups":
        return sorted(row.groups.values_list("name", flat=True))  # type: ignore[attr-defined]
    if isinstance(row, LogSource) and name == "host":
        return row.host.name
    value = getattr(row, name)
    return value.isoformat() if hasattr(value, "isoformat") else value


def permissions_named(names: Iterable[str]) -> list[Permission]:
    """These permissions; raises ValueError for one that there is not."""
    parts = [(name, *name.partition(".")) for name in names]
    wanted = {(app, codename): name for name, app, _dot, codename in parts}
    known = {
        (one.content_type.app_label, one.codename): one
        for one in Permission.objects.select_related("content_type")
    }
    if unknown := sorted(wanted[key] for key in wanted.keys() - known.keys()):
        raise ValueError(f"“{unknown[0][:100]}” is no permission.")
    return [known[key] for key in sorted(wanted)]


def groups_named(names: Iterable[str]) -> list[Group]:
    """These roles; raises ValueError for one that there is not."""
    names = list(names)
    known = {group.name: group for group in Group.objects.filter(name__in=names)}
    if unknown := [name for name in names if name not in known]:
        raise ValueError(f"“{unknown[0][:100]}” is no role.")
    return [known[name] for name in names]


def host_named(name: str) -> MailHost:
    """The mail host; raises ValueError if there is none."""
    found = MailHost.objects.filter(name=name).first()
    if found is None:
        raise ValueError(f"“{str(name)[:100]}” is no mail host of the organisation.")
    return found
