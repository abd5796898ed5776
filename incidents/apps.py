"""The app of what we do about it."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class IncidentsConfig(AppConfig):
    """Incidents, their tasks, letters, notices and verifications."""

    name = "incidents"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have the roles made when the permissions exist, which Django alone knows."""
        from incidents import checks, roles  # noqa: F401 (the checks register themselves)

        post_migrate.connect(roles.make_roles, sender=self)
