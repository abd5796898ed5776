"""audit verify: walks the audit chain."""

from argparse import ArgumentTypeError
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
        parser.add_argument(
            "--head", metavar="NUMBER:HASH", type=_head, help="what an earlier run said"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit with 1 at the first entry that does not fit."""
        found = next(audit.verify(options["head"] or ""), None)
        if found is not None:
            raise CommandError(f"Entry {found.sequence} of the history: {found.why}.")
        self.stdout.write(f"{AuditEntry.objects.count()} entries, unbroken. Head: {audit.head()}")


def _head(value: str) -> str:
    number, colon, digest = value.partition(":")
    if not (colon and number.isascii() and number.isdigit() and len(digest) == 64):
        raise ArgumentTypeError("a number, a colon and 64 hexadecimal digits were expected")
    return value
