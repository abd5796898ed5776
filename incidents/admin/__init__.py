"""Reporting and set-up in the admin: the dashboard, incidents, letters, contacts, programs."""

from incidents.admin import (
    blocklists,
    contacts,
    correspondence,
    incidents,
    owned,
    programs,
    readers,
)
from incidents.admin.dashboard import dashboard

__all__ = [
    "blocklists",
    "contacts",
    "correspondence",
    "dashboard",
    "incidents",
    "owned",
    "programs",
    "readers",
]
