"""The app of what we do about it."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class IncidentsConfig(AppConfig):
    """Incidents, their tasks, letters, notices and verifications."""

    name = "incidents"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have roles, playbooks and rules made when the tables exist, which Django alone knows."""
        from incidents import checks, roles  # noqa: F401 (the checks register themselves)

        post_migrate.connect(roles.make_roles, sender=self)
        post_migrate.connect(_install_what_is_shipped, sender=self)


def _install_what_is_shipped(**_signal: Any) -> None:
    from complaints import clock
    from incidents.automation import examples
    from incidents.workflow import inforce

    inforce.install_shipped(now=clock.now())
    examples.install(now=clock.now())
