"""export cases: what became of each received mail, as JSON lines."""

import json
from datetime import UTC
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.dateparse import parse_datetime

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
        since = None
        if options["since"]:
            since = parse_datetime(options["since"])
            if since is None:
                raise CommandError(f"{options['since']} is not a time, as 2026-01-31T12:00 is.")
            since = since if since.tzinfo else since.replace(tzinfo=UTC)
        for case in export.cases(since=since):
            self.stdout.write(json.dumps(case, ensure_ascii=False))
