"""configuration export, configuration import FILE: all that a desk has set up, as JSON."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from complaints import clock
from config.configuration import document


class Command(BaseCommand):
    """Print or take in what the desk has set up."""

    help = (
        "Print or take in what the desk has set up, without secrets. "
        "Example: ./manage.py configuration export > desk.json"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """import FILE, or export."""
        acts = parser.add_subparsers(dest="act", required=True)
        acts.add_parser("import", help="from a JSON file").add_argument("file", type=Path)
        acts.add_parser("export", help="to standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, or say in one sentence why not."""
        if options["act"] == "export":
            words = json.dumps(document.export(), indent=1, ensure_ascii=False)
            self.stdout.write(words)
            return
        try:
            given = json.loads(options["file"].read_text(encoding="utf-8"))
            changed = document.take_in(given, by="command", now=clock.now())
        except (json.JSONDecodeError, RecursionError) as problem:
            raise CommandError(f"{options['file']} is no JSON: {problem}") from problem
        except (OSError, ValueError) as problem:
            raise CommandError(str(problem)) from problem
        for section, count in changed.items():
            self.stdout.write(f"{section}: {count}")
