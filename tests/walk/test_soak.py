"""Everything is killed at random while mail arrives: none is lost, none doubled, no byte changed.

Worker, poller, web, Redis and Dovecot are real processes; each may get SIGKILL at any moment and is
started again, and so is what ends by itself, as the supervisor does it. `make soak` does it with
10,000 mails and 100 kills, in three mailboxes.
"""

import contextlib
import hashlib
import os
import random
import signal
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings
from imapclient import IMAPClient

from complaints import audit, rawstore
from complaints.models import Arrival, AuditEntry, Complaint, Mailbox
from complaints.secrets import set_password
from config import embedded_redis
from incidents.demo import imap_server
from incidents.demo.imap_server import MailboxServer
from tests import make, servers

MAILS = int(os.environ.get("MEYASU_SOAK_MAILS", "60"))
KILLS = int(os.environ.get("MEYASU_SOAK_KILLS", "6"))
ACCOUNTS = ("abuse", "postmaster", "webmaster")
SEED = 1998
ENDS_WITHIN_SECONDS = 300 + MAILS * 2
MAIL = """\
From: Reporter {number} <reporter{number}@far.example>\r
To: {account}@example.org\r
Date: Tue, 24 Nov 2026 12:00:00 +0000\r
Subject: Spam through your server\r
Message-ID: <report-{number}@far.example>\r
\r
Please stop this spam, it was relayed by your server. This is number {number}.\r
\r
Received: from riches (line7.dial.example [198.51.100.7])\r
\tby mail.example.org (8.8.5/8.8.5) with SMTP id AAA{number:05};\r
\tTue, 24 Nov 2026 04:00:00 +0000\r
From: winner@riches.example\r
Subject: Riches for everybody\r
Message-Id: <spam-{number}@riches.example>\r
\r
Be rich by Friday. http://www.riches.example/{number}\r
"""


def mail(number: int) -> bytes:
    account = ACCOUNTS[number % len(ACCOUNTS)]
    return MAIL.format(number=number, account=account).encode()


class System:
    """The processes of the system; each is killed and started again by its name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.web = f"127.0.0.1:{servers.free_port()}"
        self.imap = MailboxServer("127.0.0.1", servers.free_port(), ACCOUNTS[0], "secret")
        self.imap_folder = imap_server._reachable(folder / "imap")
        socket = folder / "redis.sock"
        scripts = Path(sys.executable).parent
        manage = [sys.executable, str(settings.BASE_DIR / "manage.py")]
        celery = [str(scripts / "celery"), "--app", "config"]
        redis = [embedded_redis.program(), "--port", "0", "--unixsocket", str(socket)]
        web = [str(scripts / "gunicorn"), "config.wsgi:application", "--bind", self.web]
        self.commands = {
            "redis": [*redis, "--dir", str(folder), "--appendonly", "yes"],
            "imap": imap_server._dovecot(self.imap_folder, self.imap),
            "web": [*web, "--workers", "1"],
            "worker": [*celery, "worker", "--concurrency", "2", "--loglevel", "ERROR"],
            "scheduler": [*celery, "beat", "--loglevel", "ERROR", "--pidfile="],
            "poller": [*manage, "poll"],
            "sweeper": [*manage, "sweep"],
        }
        self.environment = servers.environment_of_this_test(
            SECRET_KEY=settings.SECRET_KEY,
            REDIS_URL=f"redis+socket://{socket}",
            MEYASU_SWEEP_EVERY="1",
            MEYASU_LEASE="10",
            MEYASU_POLL_LEASE="10",
        )
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.ended_by_themselves: list[str] = []

    def log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def start_again_what_ended(self) -> None:
        """As the supervisor does; more ends than deaths of Redis and Dovecot are a failure."""
        for name, process in list(self.running.items()):
            if process.poll() is not None:
                self.ended_by_themselves.append(name)
                said = self.log(name).read_text(errors="replace")[-2000:]
                assert len(self.ended_by_themselves) <= KILLS, f"{name} ends: {said}"
                self.start(name)

    def start(self, name: str) -> None:
        self.running[name] = subprocess.Popen(
            self.commands[name],
            env=self.environment,
            stdout=self.log(name).open("ab"),
            stderr=subprocess.STDOUT,
            cwd=settings.BASE_DIR,
            start_new_session=True,
        )

    def kill(self, name: str) -> None:
        """With everything it has started, as a machine that loses its power does."""
        process = self.running[name]
        if process.poll() not in (None, -signal.SIGKILL):
            self.ended_by_themselves.append(name)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=20)

    def deliver(self, number: int) -> None:
        """Put a mail into its Maildir as a delivery agent does: whole, then in its place."""
        box = self.imap_folder / "mail" / ACCOUNTS[number % len(ACCOUNTS)]
        written = box / "tmp" / f"{time.time():.0f}.{number}.soak"
        written.write_bytes(mail(number))
        owner = (box / "new").stat()
        os.chown(written, owner.st_uid, owner.st_gid)
        written.rename(box / "new" / written.name)


@pytest.fixture
def system(transactional_db, data_dir, tmp_path):
    make.organisation()
    found = System(tmp_path)
    try:
        found.start("imap")
        for account in ACCOUNTS:
            _make_maildir(found.imap, account)
            box = Mailbox(name=account, host=found.imap.host, port=found.imap.port, security="none")
            box.username = account
            set_password(box, found.imap.password)
            box.save()
        for name in found.commands:
            if name != "imap":
                found.start(name)
        yield found
    finally:
        for name in list(found.running):
            found.kill(name)


def _make_maildir(server: MailboxServer, account: str) -> None:
    give_up_at = time.monotonic() + 20
    while True:
        try:
            with IMAPClient(server.host, server.port, ssl=False, timeout=5) as client:
                client.login(account, server.password)
                client.append("INBOX", b"Subject: first\r\n\r\nfirst\r\n")
                client.select_folder("INBOX")
                client.delete_messages(client.search(["ALL"]), silent=True)
                client.expunge()
            return
        except OSError:
            assert time.monotonic() < give_up_at
            time.sleep(0.1)


@pytest.mark.timeout(900 if MAILS < 1000 else 0)  # the marker goes before --timeout
def test_nothing_is_lost_or_doubled_whoever_dies(system):
    dice = random.Random(SEED)
    killable = ("worker", "poller", "web", "redis", "imap")
    kills = sorted(dice.sample(range(MAILS), KILLS)) if KILLS < MAILS else list(range(MAILS))
    killed: Counter[str] = Counter()
    for number in range(MAILS):
        system.deliver(number)
        if number in kills:
            name = killable[sum(killed.values())] if sum(killed.values()) < 5 else None
            name = name or dice.choice(killable)
            _let_something_happen(dice, number)
            system.kill(name)
            killed[name] += 1
            time.sleep(dice.uniform(0, 1))
            system.start(name)
    _wait_for_the_end(system)

    assert sum(killed.values()) == len(kills)
    given = {hashlib.sha256(mail(number)).hexdigest() for number in range(MAILS)}
    kept = list(Complaint.objects.values_list("raw_sha256", flat=True))
    assert len(kept) == len(set(kept)) == MAILS  # none lost, none doubled
    assert set(kept) == given  # no byte changed
    for digest in kept:
        assert hashlib.sha256(rawstore.read(digest)).hexdigest() == digest
    assert Arrival.objects.count() == MAILS
    acts = Counter(AuditEntry.objects.values_list("action", flat=True))
    assert acts["mail-received"] == acts["complaint-parsed"] == MAILS
    assert not Complaint.objects.filter(stage=Complaint.Stage.QUARANTINED).exists()
    assert list(audit.verify()) == []
    with urllib.request.urlopen(f"http://{system.web}/healthz", timeout=30) as answer:
        assert answer.status == 200
    print(f"\n{MAILS} mails, killed: {dict(killed)}; 0 lost, 0 doubled")
    print(f"ended by themselves and started again: {system.ended_by_themselves}")


def _let_something_happen(dice: random.Random, delivered: int) -> None:
    """Wait until some of what was delivered is in hand, so that a kill finds work under way."""
    give_up_at = time.monotonic() + 3 + dice.uniform(0, 1)
    wanted = delivered * dice.uniform(0.3, 0.9)
    while time.monotonic() < give_up_at and Arrival.objects.count() < wanted:
        time.sleep(0.05)


def _wait_for_the_end(system: System) -> None:
    give_up_at = time.monotonic() + ENDS_WITHIN_SECONDS
    ended = Complaint.objects.exclude(stage__in=Complaint.WAITING)
    while ended.count() < MAILS:
        system.start_again_what_ended()
        left = MAILS - ended.count()
        assert time.monotonic() < give_up_at, f"{left} have not come to an end"
        # Nobody waits for the pauses after a server's absence here.
        Mailbox.objects.update(next_attempt_at=None)
        time.sleep(0.5)
