"""A real mailbox on a real Dovecot, and its row."""

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import pytest
from imapclient import IMAPClient

from complaints.models import Mailbox
from complaints.secrets import set_password
from incidents.demo.imap_server import MailboxServer
from tests import servers
from tests.make import at

ARRIVED = at("1998-01-20 16:00")
MAIL = """\
From: Ann Quarry <ann{number}@far.example>
To: abuse@example.org
Date: Tue, 20 Jan 1998 15:59:00 +0000
Subject: Unwanted mail {number}
Message-ID: <complaint-{number}@far.example>

Your server sent me this, number {number}. Please make it stop.
"""


@dataclass(frozen=True)
class Account:
    """The account on the server, as a test looks into it."""

    server: MailboxServer

    @contextmanager
    def client(self):
        """A connection of the test's own, beside those of the program."""
        with IMAPClient(self.server.host, self.server.port, ssl=False) as client:
            client.login(self.server.username, self.server.password)
            yield client

    def deliver(self, *mails: bytes, arrived_at: datetime = ARRIVED, folder: str = "INBOX") -> None:
        """Have mail arrive."""
        with self.client() as client:
            for raw in mails:
                client.append(folder, raw, (), arrived_at)

    def make_anew(self, folder: str) -> None:
        """Make the folder, after deleting the one of that name."""
        with self.client() as client:
            if client.folder_exists(folder):
                client.delete_folder(folder)
            client.create_folder(folder)

    def seen(self, folder: str = "INBOX") -> int:
        """How many mails of a folder are marked as read."""
        return self._count(folder, "SEEN")

    def mails(self, folder: str = "INBOX") -> int:
        """How many mails a folder has."""
        return self._count(folder, "ALL")

    def _count(self, folder: str, which: str) -> int:
        with self.client() as client:
            client.select_folder(folder, readonly=True)
            return len(client.search([which]))


def mail(number: int) -> bytes:
    """A complaint in CRLF lines, as a mail server keeps it."""
    return MAIL.format(number=number).replace("\n", "\r\n").encode()


@pytest.fixture
def account(tmp_path):
    """An account on a Dovecot of this test."""
    with servers.dovecot(tmp_path / "dovecot") as server:
        yield Account(server)


@pytest.fixture
def inbox(db, data_dir, account):
    """The row of that account's mailbox; mail is marked as read afterwards."""
    return row_of(account)


def row_of(account: Account, **fields) -> Mailbox:
    """A Mailbox for this account."""
    box = Mailbox(
        name="abuse",
        host=account.server.host,
        port=account.server.port,
        security=Mailbox.Security.NONE,
        username=account.server.username,
        **fields,
    )
    set_password(box, account.server.password)
    box.save()
    return box
