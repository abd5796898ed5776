"""export cases: what became of each received mail, as JSON lines."""

import json
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from incidents.reporting import export


class Command(BaseCommand):
    """Print cases as JSON lines."""

    help = "Print cases as JSON lines. Example: ./manage.py export cases --since 2026-01-01T00:00"

    def add_arguments(self, parser: CommandParser) -> None:
        """cases [--since T]."""
        parser.add_argument("what", choices=["cases"])
        parser.add_argument("--since", help="only mail that arrived from this time on")

    def handle(self, *args: Any, **options: Any) -> None:
        """One line a received mail."""
        since = _moment(options["since"]) if options["since"] else None
        for case in export.cases(since=since):
            self.stdout.write(json.dumps(case, ensure_ascii=False))


def _moment(text: str) -> datetime:
    """A time in ISO 8601, in UTC where it names no zone."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as problem:
        raise CommandError(f"{text} is not a time, as 2026-01-31T12:00 is.") from problem
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
