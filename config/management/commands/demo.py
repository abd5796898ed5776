"""demo: the founding case of 1998, played through the real path."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from complaints.models import Complaint, Organisation
from config import supervisor
from incidents.demo import cast, director, summary, theatre


class Command(BaseCommand):
    """Play the case of 1998 and leave the site running."""

    requires_system_checks: list[str] = []  # they would warn of the played clock
    help = "Play the case of 1998 through the real path. Example: ./manage.py demo --once"

    def add_arguments(self, parser: CommandParser) -> None:
        """--once."""
        parser.add_argument("--once", action="store_true", help="print the case and end")

    def handle(self, *args: Any, **options: Any) -> None:
        """Start the whole system, play the case into it, print it, and stay unless --once."""
        if os.environ.get(theatre.MARK) != "yes":
            self._refuse_a_strange_house()
            theatre.begin_again(theatre.environment(once=options["once"]))
        for stop in (signal.SIGINT, signal.SIGTERM):
            signal.signal(stop, signal.default_int_handler)  # either one ends all of it
        with theatre.servers(self._say) as stage, self._system() as system:
            if theatre.was_played():
                stage.relay.behave("relay-denied")  # where the case left it
            else:
                director.play(stage)
                theatre.note_played()
            self.stdout.write("")
            for line in summary.lines():
                self.stdout.write(line)
            if not options["once"]:
                self._invite()
                system.wait()

    def _refuse_a_strange_house(self) -> None:
        """Never play into somebody's own data, nor into half a case."""
        organisation = Organisation.objects.first()
        if organisation is None and not Complaint.objects.exists():
            return
        half = Complaint.objects.exists() and not theatre.was_played()
        if half and organisation is not None and organisation.name == cast.ORGANISATION["name"]:
            raise CommandError(
                f"The case in {settings.MEYASU_DATA_DIR} was not played to its end. "
                "Remove that folder, then: make demo"
            )
        if organisation is None or organisation.name != cast.ORGANISATION["name"]:
            raise CommandError(
                f"{settings.MEYASU_DATA_DIR} holds another organisation's data. "
                "Give the demo a folder of its own: MEYASU_DATA_DIR=/tmp/meyasu-demo make demo"
            )

    @contextmanager
    def _system(self) -> Iterator[subprocess.Popen[bytes]]:
        """Web, worker, scheduler, poller and Redis, while the block runs."""
        process = subprocess.Popen(supervisor.command(), start_new_session=True)
        try:
            yield process
        except KeyboardInterrupt:
            self._say("Stopping ...")
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=90)

    def _invite(self) -> None:
        self.stdout.write(f"\nThe site is running: http://{settings.MEYASU_BIND}/")
        for name, password in theatre.passwords().items():
            self.stdout.write(f"  sign in as {name:6} with {password}")
        self.stdout.write("Ctrl-C stops it.")
        self.stdout.flush()

    def _say(self, words: str) -> None:
        self.stderr.write(words)
