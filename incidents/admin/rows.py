"""Addresses of the admin's lists: the rows that stand behind a number."""

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from incidents.reporting import counting
from incidents.reporting.period import Period


def complaints(period: Period, **lookups: Any) -> str:
    """Received mail that arrived within a period."""
    return _rows("complaints_complaint", _within("arrived_at", period), lookups)


def counted(period: Period, **lookups: Any) -> str:
    """Of these, the complaints that count."""
    return complaints(period, stage__in=",".join(counting.COMPLAINT), **lookups)


def incidents(period: Period, **lookups: Any) -> str:
    """Incidents discovered within a period."""
    return _rows("incidents_incident", _within("discovered_at", period), _standing(lookups))


def tasks(period: Period, **lookups: Any) -> str:
    """Tasks of incidents discovered within a period."""
    within = _within("incident__discovered_at", period)
    return _rows("incidents_task", within, {"incident__merged_into__isnull": "True", **lookups})


def acknowledged(period: Period) -> str:
    """The words that went out to those who complained within a period."""
    counts = {"complaint__stage__in": ",".join(counting.COMPLAINT), "state__exact": "sent"}
    return _rows("incidents_acknowledgement", _within("complaint__arrived_at", period), counts)


def acts(period: Period, **lookups: Any) -> str:
    """What people did within a period, in the history."""
    by_people = {"user__isnull": "False", **lookups}
    return _rows("complaints_auditentry", _within("at", period), by_people)


def now(table: str, **lookups: Any) -> str:
    """Rows of a table of incidents, whenever they were made."""
    return _rows(f"incidents_{table}", {}, lookups)


def _standing(lookups: dict[str, Any]) -> dict[str, Any]:
    return {"merged_into__isnull": "True", **lookups}


def _within(name: str, period: Period) -> dict[str, str]:
    return {f"{name}__gte": period.start.isoformat(), f"{name}__lt": period.end.isoformat()}


def _rows(table: str, *lookups: dict[str, Any]) -> str:
    asked = {name: value for each in lookups for name, value in each.items()}
    return f"{reverse(f'admin:{table}_changelist')}?{urlencode(asked)}"
