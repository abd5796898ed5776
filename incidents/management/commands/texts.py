"""texts: the owner's own texts of letters as JSON, out and in."""

import json
import sys
from argparse import RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from complaints import clock
from incidents.correspondence import texts
from incidents.workflow.moves import NotAllowed


class Command(BaseCommand):
    """Exports the owner's own texts; imports some, all of a file or none of it."""

    help = """The owner's own texts of letters as JSON. What is imported is put in force;
other texts stay as they are.

  ./manage.py texts export > texts.json
  ./manage.py texts import texts.json
"""

    def create_parser(self, *args: Any, **given: Any) -> CommandParser:
        """Keep the lines of the examples."""
        return super().create_parser(*args, formatter_class=RawDescriptionHelpFormatter, **given)

    def add_arguments(self, parser: CommandParser) -> None:
        """One act, and the file."""
        acts = parser.add_subparsers(dest="act", required=True)
        acts.add_parser("export", help="to standard output")
        into = acts.add_parser("import", help="put the texts of a file in force")
        into.add_argument("file", help="a JSON file, or - for standard input")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do what was asked; a refusal names the text."""
        if options["act"] == "export":
            self.stdout.write(json.dumps(texts.export(), indent=2, ensure_ascii=False))
            return
        try:
            count = texts.bring_in(_read(options["file"]), by="command", now=clock.now())
        except NotAllowed as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(f"{count}")


def _read(name: str) -> Any:
    try:
        if name == "-":
            raw = sys.stdin.buffer.read(texts.MOST_BYTES)
        else:
            with Path(name).open("rb") as file:
                raw = file.read(texts.MOST_BYTES)
        return json.loads(raw)
    except OSError as error:
        raise CommandError(f"{name}: {error.strerror or error}") from None
    except (ValueError, RecursionError) as error:
        raise CommandError(f"{name}: {error}") from None
