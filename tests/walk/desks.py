"""Two desks, each a system of its own: a database, a key, mail in by LMTP and out by SMTP."""

import contextlib
import json
import os
import smtplib
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from tests import servers

STARTS_WITHIN_SECONDS = 60
FEWEST_LINES = 24  # more than half of them within one hour are a sign of abuse
LOG = """\
{at} mail postfix/smtpd[1]: {queue_id}: client={client}[{address}]
{at} mail postfix/cleanup[2]: {queue_id}: message-id=<spam-{number}@riches.example>
{at} mail postfix/qmgr[3]: {queue_id}: from=<winner@riches.example>, size=9, nrcpt=1 (queue active)
{at} mail postfix/smtp[4]: {queue_id}: to=<a{number}@far.example>, \
relay=mx.far.example[{relay}]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 ok)
{at} mail postfix/qmgr[3]: {queue_id}: removed
"""


@dataclass
class Desk:
    """A desk that runs, the server that takes what it sends, and how many of it were taken up."""

    domain: str
    process: "subprocess.Popen[str]"
    socket: Path
    out: servers.MailSink
    taken: int = 0
    given: list[bytes] = field(default_factory=list)

    @property
    def address(self) -> str:
        """Where it is written to."""
        return f"abuse@{self.domain}"

    def do(self, act: str, **said: Any) -> Any:
        """Have it do this and wait for what it says."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"act": act, **said}) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        assert answer, f"the desk of {self.domain} has ended"
        return json.loads(answer)

    def new_mail(self) -> list[servers.Caught]:
        """What has left since the last look."""
        fresh = self.out.mails[self.taken :]
        self.taken += len(fresh)
        return fresh

    def receive(self, mails: list[tuple[str, bytes]]) -> None:
        """Hand over mails, each with its envelope sender, as the mail server beside it does."""
        with smtplib.LMTP(str(self.socket), timeout=60) as lmtp:
            for sender, raw in mails:
                self.given.append(raw)
                lmtp.sendmail(sender.strip("<>"), [self.address], raw)


@contextmanager
def desk(folder: Path, domain: str, *, prefix: str, lines: int) -> Iterator[Desk]:
    """A desk of this domain, in whose log so many messages came from so many lines of a network."""
    folder.mkdir()
    with ExitStack() as stack:
        out = stack.enter_context(servers.mail_sink())
        socket = folder / "lmtp.sock"
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": stack.enter_context(_database(folder)),
            "MEYASU_DATA_DIR": str(folder),
            "SECRET_KEY": f"the key of {domain}, long enough to be one of its own " * 2,
            "MEYASU_SMTP_HOST": "127.0.0.1",
            "MEYASU_SMTP_PORT": str(out.port),
            "MEYASU_FROM": f"abuse@{domain}",
            "MEYASU_LETTERS_AN_HOUR": "1000000",
            "MEYASU_LETTERS_TO_ONE_A_DAY": "1000000",
        }
        manage = [sys.executable, str(settings.BASE_DIR / "manage.py")]
        stack.enter_context(_running([*manage, "lmtp", "--listen", str(socket)], environment))
        process = stack.enter_context(
            _running([sys.executable, "-m", "tests.walk.deskprocess"], environment)
        )
        _wait_for(socket)
        found = Desk(domain, process, socket, out)
        log = folder / "maillog"
        log.write_text(_log(lines, prefix=prefix), encoding="ascii")
        found.do("set_up", about=_organisation(domain, prefix), log=str(log))
        yield found


def _organisation(domain: str, prefix: str) -> dict[str, Any]:
    return {
        "name": f"Desk of {domain}",
        "domains": [domain],
        "mailboxes": [f"abuse@{domain}"],
        "utc_offset": "+00:00",
        "networks": [f"{prefix}.0/24"],
        "mail_hosts": [
            {
                "name": "mail",
                "fqdn": f"mail.{domain}",
                "addresses": [f"{prefix}.25"],
                "mta": "postfix",
                "log_files": "maillog*",
                "log_utc_offset": "+00:00",
            }
        ],
        "customers": [],
    }


def _log(lines: int, *, prefix: str) -> str:
    """One message from each line 198.51.100.N, within the last hour; the IDs are this host's."""
    first = datetime.now(UTC) - timedelta(minutes=50)
    whole = []
    for number in range(1, max(lines, FEWEST_LINES) + 1):
        at = first + timedelta(seconds=number)
        whole.append(
            LOG.format(
                at=f"{at:%b} {at.day:2} {at:%H:%M:%S}",
                queue_id=f"{prefix.replace('.', '')[:4]}{number:06X}",
                client=f"line{number}.slipstream.example",
                address=f"198.51.100.{number}",
                relay="203.0.113.5",
                number=number,
            )
        )
    return "".join(whole)


@contextmanager
def _running(command: list[str], environment: dict[str, str]) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        command,
        env=environment,
        cwd=settings.BASE_DIR,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@contextmanager
def _database(folder: Path) -> Iterator[str]:
    """A database of its own: a copy of this test's, which is empty."""
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        with contextlib.closing(sqlite3.connect(folder / "desk.sqlite3")) as copy:
            connection.connection.backup(copy)
        yield f"sqlite:///{folder / 'desk.sqlite3'}"
        return
    whole, creation = connection.settings_dict["NAME"], connection.creation
    creation.clone_test_db(folder.name, verbosity=0, autoclobber=True)
    clone = creation.get_test_db_clone_settings(folder.name)
    try:
        yield f"postgres://{clone['USER']}@{clone['HOST']}:{clone['PORT']}/{clone['NAME']}"
    finally:
        creation.destroy_test_db(whole, verbosity=0, suffix=folder.name)


def _wait_for(socket: Path) -> None:
    give_up_at = time.monotonic() + STARTS_WITHIN_SECONDS
    while not socket.exists():
        assert time.monotonic() < give_up_at, "LMTP did not start"
        time.sleep(0.05)
