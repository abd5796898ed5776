"""The app of what came in."""

from django.apps import AppConfig


class ComplaintsConfig(AppConfig):
    """What came in, and which mail it is about."""

    name = "complaints"
    default_auto_field = "django.db.models.BigAutoField"
