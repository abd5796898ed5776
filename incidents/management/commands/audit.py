"""audit verify: walks the audit chain."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from complaints import audit
from complaints.models import AuditEntry


class Command(BaseCommand):
    """Check that nobody changed the history."""

    help = "Walk the audit chain. Example: ./manage.py audit verify"

    def add_arguments(self, parser: CommandParser) -> None:
        """verify."""
        parser.add_argument("what", choices=["verify"])

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit with 1 at the first entry that does not fit."""
        found = next(audit.verify(), None)
        if found is not None:
            raise CommandError(f"Entry {found.sequence} of the history: {found.why}.")
        self.stdout.write(f"{AuditEntry.objects.count()} entries, unbroken.")
