"""The admin, found when addresses or checks ask for it: commands that need none start faster."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.contrib import admin
from django.contrib.admin.apps import SimpleAdminConfig
from django.contrib.admin.checks import check_admin_app, check_dependencies
from django.core import checks


class LateAdminConfig(SimpleAdminConfig):
    """Django's admin without the import of every admin module at start-up."""

    def ready(self) -> None:
        """Register the checks, which look at the admin modules."""
        checks.register(check_dependencies, checks.Tags.admin)
        checks.register(_check_all, checks.Tags.admin)


def _check_all(
    app_configs: Sequence[AppConfig] | None = None, **given: Any
) -> list[checks.CheckMessage]:
    """Django's check of the admin, once its modules are there."""
    admin.autodiscover()
    found: list[checks.CheckMessage] = check_admin_app(app_configs, **given)
    return found
