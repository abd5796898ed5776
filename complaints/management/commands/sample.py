"""sample: a received mail as a test sample, with personal data masked."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from complaints import rawstore
from complaints.models import Complaint
from complaints.samples import sample_of


class Command(BaseCommand):
    """Write a masked mail and what is read in it."""

    help = (
        "Write the mail of a complaint as a test sample: NAME.eml with personal data masked, and "
        "NAME.json with what is read in it now. Look through both before you pass them on. "
        "Example: ./manage.py sample C-2026-000123 --to tests/data/complaints/xarf"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """REFERENCE --to FOLDER [--name NAME]."""
        parser.add_argument("reference", help="the complaint's reference: C-2026-000123")
        parser.add_argument("--to", type=Path, required=True, help="the folder to write into")
        parser.add_argument("--name", help="the name of the files; else the reference")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the two files, and say where they are."""
        complaint = Complaint.objects.filter(reference=options["reference"]).first()
        if complaint is None:
            raise CommandError(f"There is no complaint {options['reference']}.")
        folder: Path = options["to"]
        if not folder.is_dir():
            raise CommandError(f"{folder} is no folder. Make it first, or name another by --to.")
        try:
            sample = sample_of(complaint)
        except rawstore.RawMessageMissing as missing:
            raise CommandError(str(missing)) from missing
        mail = folder / f"{Path(options['name'] or complaint.reference).name}.eml"
        mail.write_bytes(sample.mail)
        mail.with_suffix(".json").write_text(sample.expected, encoding="utf-8")
        self.stdout.write(f"{mail} and its .json are written. {sample.problem}".strip())
