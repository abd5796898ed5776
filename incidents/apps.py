"""The app of what we do about it."""

from django.apps import AppConfig


class IncidentsConfig(AppConfig):
    """Incidents, their tasks, letters, notices and verifications."""

    name = "incidents"
    default_auto_field = "django.db.models.BigAutoField"
