"""notices export DIR: the public notices as files, for a web site outside."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from incidents.notices import pages


class Command(BaseCommand):
    """Writes files; reads no more than anybody may read."""

    help = (
        "Write the public notices as pages, feed and style sheet, for a web site outside; again "
        "whenever one changed. Example: ./manage.py notices export /srv/www/notices "
        "--address https://www.example.org/notices"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """export DIR."""
        parser.add_argument("what", choices=["export"])
        parser.add_argument("folder", type=Path, help="where to write; made if it is not there")
        parser.add_argument("--address", default="", help="where the folder will be on the web")
        parser.add_argument("--language", choices=["en", "ja"], default="en", help="of the list")

    def handle(self, *words: Any, **given: Any) -> None:
        """Write them and say how many."""
        address = (given["address"] or f"{settings.MEYASU_PUBLIC_URL}/notices").rstrip("/")
        try:
            written = pages.write(given["folder"], address=address, language=given["language"])
        except OSError as error:
            raise CommandError(f"{given['folder']} cannot be written: {error.strerror}") from None
        count = sum(name.startswith("N-") for name in written)
        self.stdout.write(f"{count} notices in {given['folder']}")
