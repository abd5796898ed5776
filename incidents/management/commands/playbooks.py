"""playbooks: the playbooks in force as JSON, out and in."""

import sys
from argparse import RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from complaints import clock
from incidents.models import PlaybookVersion
from incidents.playbooks import document
from incidents.playbooks.playbook import Playbook
from incidents.workflow import inforce


class Command(BaseCommand):
    """Exports the playbooks in force; imports one, as a new version in force."""

    help = """The playbooks in force as JSON, out and in. An imported one is a new version: running
incidents keep theirs, and what cannot be followed is refused with every reason.

  ./manage.py playbooks export relay_abuse > relay_abuse.json
  ./manage.py playbooks import relay_abuse.json
  ./manage.py playbooks list
  ./manage.py playbooks use relay_abuse 1
"""

    def create_parser(self, *args: Any, **given: Any) -> CommandParser:
        """Keep the lines of the examples."""
        return super().create_parser(*args, formatter_class=RawDescriptionHelpFormatter, **given)

    def add_arguments(self, parser: CommandParser) -> None:
        """One act, and what it is about."""
        acts = parser.add_subparsers(dest="act", required=True)
        acts.add_parser("list", help="each version, and which is in force")
        out = acts.add_parser("export", help="to standard output")
        out.add_argument("kind", help="as relay_abuse")
        into = acts.add_parser("import", help="a new version, put in force")
        into.add_argument("file", help="a JSON file, or - for standard input")
        into.add_argument("--note", default="", help="what was changed")
        use = acts.add_parser("use", help="put another version in force")
        use.add_argument("kind")
        use.add_argument("number", type=int)

    def handle(self, *args: Any, **options: Any) -> None:
        """Do what was asked; refusals end with 1 and name everything that is wrong."""
        {"list": self._list, "export": self._export, "import": self._import, "use": self._use}[
            options["act"]
        ](options)

    def _list(self, _options: dict[str, Any]) -> None:
        for version in PlaybookVersion.objects.order_by("kind", "number"):
            state = _("in force") if version.is_current else ""
            self.stdout.write(f"{version.kind} {version.number} {version.made_by} {state}".rstrip())

    def _export(self, options: dict[str, Any]) -> None:
        version = PlaybookVersion.objects.filter(kind=options["kind"], is_current=True).first()
        if version is None:
            raise CommandError(_("There is no playbook for “%(kind)s”.") % options)
        self.stdout.write(document.dumps(version.content), ending="")

    def _import(self, options: dict[str, Any]) -> None:
        playbook = _read(options["file"])
        current = PlaybookVersion.objects.filter(kind=playbook.kind, is_current=True).first()
        try:
            version = inforce.save(
                playbook,
                based_on=current.number if current else None,
                note=options["note"],
                by="command",
                now=clock.now(),
            )
        except inforce.NotSaved as refusal:
            reasons = [_(fault.words) % fault.values for fault in refusal.faults]
            raise CommandError("\n".join(reasons) or str(refusal)) from None
        self.stdout.write(f"{version.kind} {version.number}")

    def _use(self, options: dict[str, Any]) -> None:
        versions = PlaybookVersion.objects.filter(kind=options["kind"], number=options["number"])
        version = versions.first()
        if version is None:
            raise CommandError(f"There is no version {options['number']} of {options['kind']}.")
        try:
            inforce.put_in_force(version, by="command", now=clock.now())
        except inforce.NotSaved as refusal:
            raise CommandError(str(refusal)) from None


def _read(name: str) -> Playbook:
    try:
        if name == "-":
            raw = sys.stdin.buffer.read(document.MOST_BYTES + 1)
        else:
            with Path(name).open("rb") as file:
                raw = file.read(document.MOST_BYTES + 1)
    except OSError as error:
        raise CommandError(f"{name}: {error.strerror or error}") from None
    try:
        return document.loads(raw)
    except document.Unreadable as fault:
        raise CommandError(f"{name}: {_(fault.words) % fault.values}") from None
