"""organisation import FILE, organisation export: who we are, as JSON."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from complaints import clock, organisation


class Command(BaseCommand):
    """Read or print who we are."""

    help = "Read or print who we are, as JSON. Example: ./manage.py organisation import org.json"

    def add_arguments(self, parser: CommandParser) -> None:
        """import FILE, or export."""
        acts = parser.add_subparsers(dest="act", required=True)
        acts.add_parser("import", help="from a JSON file").add_argument("file", type=Path)
        acts.add_parser("export", help="to standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, or say in one sentence why not."""
        try:
            if options["act"] == "export":
                data = organisation.export_organisation()
                self.stdout.write(json.dumps(data, indent=1, ensure_ascii=False))
            else:
                data = json.loads(options["file"].read_text(encoding="utf-8"))
                organisation.import_organisation(data, now=clock.now())
        except json.JSONDecodeError as problem:
            raise CommandError(f"{options['file']} is no JSON: {problem}") from problem
        except (OSError, ValueError) as problem:
            raise CommandError(str(problem)) from problem
