"""Incidents that may be one: the program proposes to merge them, a person decides."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from incidents.desk.item import Filters, Moments, Waiting
from incidents.desk.source import about, address_of, facts_of
from incidents.grouping import oneness
from incidents.models import Campaign

SHOWN = (
    "pk", "title", "resembles_why", "incident__reference", "incident__title",
    "incident__discovered_at", "into_reference", "into_title",
)  # fmt: skip


def merges(at: Moments, filters: Filters) -> "QuerySet[Campaign]":
    """Campaigns whose incident may be one with another."""
    return oneness.proposed()


def show_merge(row: Any, at: Moments) -> Waiting:
    """A proposal to merge in words; the row has the fields of SHOWN."""
    named = {"incident": row.into_reference, "title": row.into_title}
    address = address_of("incidents:merge", row.incident__reference)
    return Waiting(
        rank=3,
        source="merge",
        pk=row.pk,
        title=row.incident__title,
        why=_("It may be one with %(incident)s: %(title)s.") % named,
        about=about(row.incident__reference, row.title),
        address=f"{address}?into={row.into_reference}",
        at=row.incident__discovered_at,
        subject=row.incident__reference,
        findings=tuple(filter(None, [facts_of(row.resembles_why)])),
        accept=_("Merge into %(incident)s") % named,
        refuse=_("They are two"),
        handle=f"merge-{row.pk}",
    )
