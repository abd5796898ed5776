"""poll: fetch the mailboxes, and stay to listen."""

import threading
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from complaints import clock, secrets
from complaints.intake import imap, mailbox
from complaints.intake.imap import MailboxTrouble
from complaints.models import Mailbox
from complaints.secrets import NoPassword

IDLE_SECONDS = 240
LOOK_AGAIN_SECONDS = 5


class Command(BaseCommand):
    """Fetch mail from the configured mailboxes."""

    help = "Fetch the mailboxes and listen for more. Example: ./manage.py poll --once"

    def add_arguments(self, parser: CommandParser) -> None:
        """--once, --mailbox NAME."""
        parser.add_argument("--once", action="store_true", help="fetch what is there, then end")
        parser.add_argument("--mailbox", help="only the mailbox of this name")

    def handle(self, *args: Any, **options: Any) -> None:
        """Fetch once, or keep a listener for each mailbox."""
        if options["once"]:
            self._once(options["mailbox"])
        else:
            self._listen(options["mailbox"])

    def _once(self, name: str | None) -> None:
        problems = []
        for box in _mailboxes(name):
            outcome = mailbox.fetch_mailbox(box, now=clock.now())
            self.stderr.write(f"{box.name}: {outcome.problem or f'{outcome.stored} new'}")
            problems += [outcome.problem] if outcome.problem else []
        if problems:
            raise CommandError(problems[0])

    def _listen(self, name: str | None) -> None:
        """One thread a mailbox; a mailbox that is added later gets its own within seconds."""
        listeners: dict[int, threading.Thread] = {}
        while True:
            for box in _mailboxes(name):
                thread = listeners.get(box.pk)
                if thread is None or not thread.is_alive():
                    thread = threading.Thread(target=_listen_to, args=(box,), daemon=True)
                    listeners[box.pk] = thread
                    thread.start()
            time.sleep(LOOK_AGAIN_SECONDS)


def _listen_to(box: Mailbox) -> None:
    """Fetch, then wait for the server to tell of new mail, again and again, until trouble."""
    try:
        if not mailbox.lease(box, now=clock.now()):
            return
        problem = ""
        try:
            with imap.session(box, secrets.password_of(box)) as session:
                while True:
                    mailbox.fetch_new(session, box, now=clock.now())
                    mailbox.release(box, "", now=clock.now())
                    if not session.wait_for_mail(IDLE_SECONDS):
                        return
                    if not mailbox.lease(box, now=clock.now()):
                        return
        except (MailboxTrouble, NoPassword) as trouble:
            problem = str(trouble)
        mailbox.release(box, problem, now=clock.now())
    finally:
        connection.close()


def _mailboxes(name: str | None) -> list[Mailbox]:
    wanted = Mailbox.objects.filter(paused=False)
    return list(wanted.filter(name=name) if name else wanted)
