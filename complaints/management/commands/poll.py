"""poll: fetch the mailboxes, and stay to listen."""

import signal
import threading
import time
from types import FrameType
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from complaints import clock
from complaints.intake import imap, mailbox, oauth
from complaints.models import Mailbox

IDLE_SECONDS = 240.0  # below the half hour after which servers give up (RFC 2177)
SESSION_SECONDS = 3600.0
LOOK_AGAIN_SECONDS = 5.0
LOOK_INTO_OTHERS_SECONDS = 60.0


class Command(BaseCommand):
    """Fetch mail from the configured mailboxes."""

    help = "Fetch the mailboxes and listen for more. Example: ./manage.py poll --once"

    def add_arguments(self, parser: CommandParser) -> None:
        """--once, --mailbox NAME."""
        parser.add_argument("--once", action="store_true", help="fetch what is there, then end")
        parser.add_argument("--mailbox", metavar="NAME", help="only the mailbox of this name")

    def handle(self, *args: Any, **options: Any) -> None:
        """Fetch once, or keep a listener for each mailbox."""
        name = options["mailbox"]
        if name and not Mailbox.objects.filter(name=name).exists():
            known = ", ".join(Mailbox.objects.values_list("name", flat=True)) or "none yet"
            raise CommandError(f"There is no mailbox {name}. Known: {known}.")
        if options["once"]:
            self._once(name)
        else:
            _listen(name)

    def _once(self, name: str | None) -> None:
        problems = []
        for box in _mailboxes(name):
            outcome = mailbox.fetch_mailbox(box, now=clock.now(), at_once=True)
            if outcome.problem:
                problems.append(outcome.problem)
            elif outcome.busy:
                self.stdout.write(f"{box.name}: another process is fetching it")
            else:
                self.stdout.write(f"{box.name}: {outcome.stored} new")
        if problems:
            raise CommandError("\n".join(problems))


def _listen(name: str | None) -> NoReturn:
    """One thread a mailbox; a mailbox that is added later gets its own within seconds."""
    signal.signal(signal.SIGTERM, _end)
    listeners: dict[int, threading.Thread] = {}
    try:
        while True:
            for box in _mailboxes(name):
                thread = listeners.get(box.pk)
                if thread is None or not thread.is_alive():
                    thread = threading.Thread(target=_listen_to, args=(box,), daemon=True)
                    listeners[box.pk] = thread
                    thread.start()
            time.sleep(LOOK_AGAIN_SECONDS)
    finally:
        mailbox.release_all(holder=mailbox.own_name())


def _listen_to(box: Mailbox) -> None:
    """Fetch, then wait for the server to tell of new mail, until trouble or for an hour."""
    try:
        if not mailbox.lease(box, now=clock.now()):
            return
        try:
            secret = oauth.secret_of(box)
            with imap.session(box, secret, seconds=SESSION_SECONDS) as session:
                _fetch_and_wait(session, box)
        except mailbox.TROUBLE as trouble:
            mailbox.release_after(trouble, box, now=clock.now())
    finally:
        connection.close()


def _fetch_and_wait(session: imap.Session, box: Mailbox) -> None:
    """Round by round; the mailbox is given back while we only wait."""
    while True:
        outcome = mailbox.fetch_new(session, box, now=clock.now())
        mailbox.release(box, now=clock.now(), remark=outcome.problem, kind=outcome.kind)
        # The server tells of new mail in the open folder alone: the others are looked at.
        seconds = IDLE_SECONDS if len(box.folders) == 1 else LOOK_INTO_OTHERS_SECONDS
        if session.is_spent or not session.wait_for_mail(seconds):
            return
        if not mailbox.lease(box, now=clock.now()):
            return


def _mailboxes(name: str | None) -> list[Mailbox]:
    wanted = Mailbox.objects.filter(paused=False)
    return list(wanted.filter(name=name) if name else wanted)


def _end(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)
