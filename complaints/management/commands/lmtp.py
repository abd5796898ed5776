"""lmtp: listen for mail that the mail server beside us hands over."""

import asyncio
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from complaints.intake import lmtp


class Command(BaseCommand):
    """Take mail in by LMTP until told to end."""

    help = "Take mail in by LMTP. Example: ./manage.py lmtp --listen 127.0.0.1:2424"

    def add_arguments(self, parser: CommandParser) -> None:
        """--listen PLACE."""
        parser.add_argument(
            "--listen",
            metavar="PLACE",
            default=settings.MEYASU_LMTP,
            help="the path of a socket, or ADDRESS:PORT (default: MEYASU_LMTP)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Listen."""
        if not options["listen"]:
            raise CommandError("Where to listen is not said: --listen, or set MEYASU_LMTP.")
        try:
            asyncio.run(lmtp.serve(options["listen"]))
        except lmtp.Unusable as problem:
            raise CommandError(str(problem)) from problem
