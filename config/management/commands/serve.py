"""serve: the whole system in the foreground, until Ctrl-C."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from config import supervisor


class Command(BaseCommand):
    """Run web, worker, scheduler, poller and, where needed, Redis. Example: ./manage.py serve"""

    help = "Run the whole system in the foreground. Example: ./manage.py serve"

    def handle(self, *args: Any, **options: Any) -> None:
        """Say where the site will be, then become the supervisor."""
        logs = settings.MEYASU_DATA_DIR / "logs"
        self.stderr.write(
            f"Meyasu on http://{settings.MEYASU_BIND}/ (logs in {logs}; Ctrl-C stops)"
        )
        supervisor.become()
