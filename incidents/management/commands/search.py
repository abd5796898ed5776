"""search rebuild: the index of the search, made anew from what is stored."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from incidents.finding import index


class Command(BaseCommand):
    """Keep the index of the search."""

    help = (
        "`rebuild` makes the index of the search anew, as after a restored backup or a new "
        "version; searching goes on meanwhile. Example: ./manage.py search rebuild"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """One act."""
        parser.add_argument("act", choices=["rebuild"], help="rebuild: index everything anew")

    def handle(self, *args: Any, **options: Any) -> None:
        """Say how much was indexed."""
        total = index.rebuild(self._tell)
        self.stdout.write(f"{total} things can be found.")

    def _tell(self, kind: str, total: int) -> None:
        if self.stdout.isatty():
            self.stdout.write(f"{kind}: {total}\r", ending="")
