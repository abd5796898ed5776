"""The only file that talks IMAP: signs in, yields new messages by UID, marks them, idles.

IMAP4rev1, RFC 3501; IDLE, RFC 2177; MOVE, RFC 6851. Only UIDs, flags and folder names of ours
go into commands: nothing that a mail contains.
"""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from imapclient import SEEN, IMAPClient
from imapclient.exceptions import IMAPClientError

from complaints.models import Mailbox

TIMEOUT_SECONDS = 60
MOST_AT_ONCE = 50
PIECE_BYTES = 1024 * 1024
WHOLE_UP_TO_BYTES = 4 * 1024 * 1024
MOST_BYTES = 30 * 1024 * 1024
LOOPBACK = ("127.0.0.1", "::1", "localhost")


class MailboxTrouble(Exception):
    """The mailbox could not be read now; worded for the one who set it up."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """One message as the server gave it. `arrived_at` is its INTERNALDATE."""

    uid: int
    arrived_at: datetime
    raw: bytes


class Session:
    """A signed-in connection with the mailbox's folder selected."""

    def __init__(self, client: IMAPClient, mailbox: Mailbox) -> None:
        self._client = client
        self._mailbox = mailbox
        status = client.select_folder(mailbox.folder)
        self.uid_validity = int(status[b"UIDVALIDITY"])

    def new_uids(self, *, after: int) -> list[int]:
        """UIDs above this one, lowest first. `n:*` always names the last message too."""
        found = self._client.search(["UID", f"{after + 1}:*"])
        return sorted(uid for uid in found if uid > after)

    def still_there(self, uids: list[int]) -> list[int]:
        """Those of the UIDs that the folder still has."""
        return sorted(set(self._client.search(["UID", uids])) & set(uids))

    def fetch(self, uids: list[int]) -> Iterator[Fetched]:
        """Yield the messages that are still there; one that has gone meanwhile is left out."""
        for start in range(0, len(uids), MOST_AT_ONCE):
            batch = uids[start : start + MOST_AT_ONCE]
            sizes = self._client.fetch(batch, ["RFC822.SIZE", "INTERNALDATE"])
            small = [uid for uid in batch if _size(sizes, uid) <= WHOLE_UP_TO_BYTES]
            bodies = self._client.fetch(small, ["BODY.PEEK[]"]) if small else {}
            for uid in batch:
                if uid not in sizes:
                    continue
                raw = bodies.get(uid, {}).get(b"BODY[]") if uid in small else self._pieces(uid)
                if raw:
                    yield Fetched(uid, _moment(sizes[uid][b"INTERNALDATE"]), raw)

    def mark(self, uids: list[int]) -> None:
        """Do with stored messages what the mailbox's owner wants done."""
        kind = self._mailbox.Afterwards
        if not uids or self._mailbox.afterwards == kind.LEAVE:
            return
        self._client.add_flags(uids, [SEEN], silent=True)
        if self._mailbox.afterwards == kind.MOVE:
            self._move(uids)

    def wait_for_mail(self, seconds: float) -> bool:
        """Idle until the server tells of something, at most so long; False if it cannot idle."""
        if not self._client.has_capability("IDLE"):
            return False
        self._client.idle()
        self._client.idle_check(timeout=seconds)
        self._client.idle_done()
        return True

    def _pieces(self, uid: int) -> bytes:
        """A large message in pieces, up to the limit: no announced size is believed."""
        raw = b""
        while len(raw) < MOST_BYTES:
            item = f"BODY.PEEK[]<{len(raw)}.{PIECE_BYTES}>"
            answer = self._client.fetch([uid], [item]).get(uid, {})
            piece = answer.get(f"BODY[]<{len(raw)}>".encode(), b"")
            raw += piece
            if len(piece) < PIECE_BYTES:
                break
        return raw

    def _move(self, uids: list[int]) -> None:
        target = self._mailbox.move_to
        if not self._client.folder_exists(target):
            self._client.create_folder(target)
        if self._client.has_capability("MOVE"):
            self._client.move(uids, target)
            return
        self._client.copy(uids, target)
        self._client.delete_messages(uids, silent=True)
        if self._client.has_capability("UIDPLUS"):
            self._client.uid_expunge(uids)


@contextmanager
def session(mailbox: Mailbox, password: str) -> Iterator[Session]:
    """Sign in for the time of the block.

    raises   MailboxTrouble for whatever the network or the server does, also inside the block
    """
    try:
        client = _connect(mailbox)
        try:
            client.login(mailbox.username, password)
            yield Session(client, mailbox)
        finally:
            _sign_out(client)
    except (IMAPClientError, OSError, KeyError, ValueError, RecursionError, MemoryError) as error:
        raise MailboxTrouble(_in_words(mailbox, error)) from error


def _connect(mailbox: Mailbox) -> IMAPClient:
    context = ssl.create_default_context()
    security = mailbox.Security
    if mailbox.security == security.TLS:
        return IMAPClient(
            mailbox.host, mailbox.port, ssl=True, ssl_context=context, timeout=TIMEOUT_SECONDS
        )
    if mailbox.security == security.NONE and mailbox.host not in LOOPBACK:
        raise MailboxTrouble(
            f"{mailbox.name}: without TLS only a server on this machine is asked, "
            f"not {mailbox.host}."
        )
    client = IMAPClient(mailbox.host, mailbox.port, ssl=False, timeout=TIMEOUT_SECONDS)
    if mailbox.security == security.STARTTLS:
        client.starttls(context)  # raises where the server has none: never on in clear
    return client


def _sign_out(client: IMAPClient) -> None:
    try:
        client.logout()
    except (IMAPClientError, OSError):
        client.shutdown()


def _size(sizes: dict[int, dict[bytes, int]], uid: int) -> int:
    return int(sizes.get(uid, {}).get(b"RFC822.SIZE", MOST_BYTES))


def _moment(internal_date: datetime) -> datetime:
    """INTERNALDATE as aware UTC: IMAPClient gives it naive, in the zone of this machine."""
    return internal_date.astimezone(UTC)


def _in_words(mailbox: Mailbox, error: BaseException) -> str:
    said = str(error) or type(error).__name__
    return f"{mailbox.name}: {mailbox.host}:{mailbox.port} says: {said[:300]}"
