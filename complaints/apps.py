"""The app of what came in."""

from django.apps import AppConfig


class ComplaintsConfig(AppConfig):
    """What came in, and which mail it is about."""

    name = "complaints"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the checks, which Django asks for by import."""
        from complaints import checks  # noqa: F401 (registers itself)
