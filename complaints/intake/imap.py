"""The only file that talks IMAP: signs in, yields new messages by UID, marks them, idles.

IMAP4rev1, RFC 3501; IDLE, RFC 2177; MOVE, RFC 6851. Only UIDs, flags and folder names of ours
go into commands: nothing that a mail contains. What the server says is believed only as far as
it was asked: UIDs and sizes are compared, time and length are bounded (`allowance`).
"""

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Any

from imapclient import FLAGGED, SEEN
from imapclient.exceptions import CapabilityError

from complaints.formats.bounds import MAX_MAIL_BYTES
from complaints.intake import trouble
from complaints.intake.allowance import Client
from complaints.intake.trouble import FAULTS, Kind, MailboxTrouble
from complaints.models import Mailbox

COMMAND_SECONDS = 120.0
SESSION_SECONDS = 180.0
ANSWER_BYTES = 16 * 1024 * 1024  # beside the mails asked for
MOST_AT_ONCE = 100
NAMED_AT_ONCE = 500  # UIDs in a command: servers may refuse lines of over 8,000 characters
PORTION_BYTES = 8 * 1024 * 1024
PIECE_BYTES = 1024 * 1024
MOST_FOLDERS = 200
LOOPBACK = ("127.0.0.1", "::1", "localhost")


class FolderRefused(MailboxTrouble):
    """The server does not open this folder; the session goes on."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """One message as the server gave it.

    arrived_at  its INTERNALDATE in UTC; None if the server tells none that can be
    raw         its bytes; of one over MAX_MAIL_BYTES the first of them, which reading notes
    """

    uid: int
    arrived_at: datetime | None
    raw: bytes


@dataclass(frozen=True, slots=True)
class Announced:
    """What the server says of a message before it hands it over."""

    uid: int
    size_bytes: int
    arrived_at: datetime | None


@dataclass(frozen=True, slots=True)
class Counts:
    """A folder of the account, with its messages and how many of them are unread."""

    name: str
    messages: int
    unread: int


class Session:
    """A signed-in connection; a folder has to be opened before its messages are asked for.

    Every method raises MailboxTrouble for whatever the server or the network does.
    """

    def __init__(self, client: Client, mailbox: Mailbox, *, seconds: float) -> None:
        self._client = client
        self._mailbox = mailbox
        self._ends_at = monotonic() + seconds
        self.uid_validity = 0
        self.messages = 0

    def open(self, folder: str) -> None:
        """Open a folder, so that its messages can be asked for.

        raises   FolderRefused if the server does not open it; others may still be
        """
        leave = self._mailbox.afterwards == self._mailbox.Afterwards.LEAVE
        try:
            status = self._ask(self._client.select_folder, folder, readonly=leave)
        except MailboxTrouble as told:
            if told.__cause__ is None or not trouble.is_refusal(told.__cause__):
                raise
            raise FolderRefused(f"{told} (folder {folder})", Kind.FOLDER) from told.__cause__
        with _in_words(self._mailbox):
            self.uid_validity = int(status[b"UIDVALIDITY"])
            self.messages = min(max(int(status.get(b"EXISTS", 0)), 0), 2**31 - 1)

    def folders(self) -> list[Counts]:
        """The folders of the account that can be opened, the first MOST_FOLDERS, with counts."""
        found = self._ask(self._client.list_folders)
        names = [str(name) for flags, _, name in found if b"\\Noselect" not in flags]
        return [self._counts(name) for name in names[:MOST_FOLDERS]]

    def _counts(self, name: str) -> Counts:
        status = self._ask(self._client.folder_status, name, ["MESSAGES", "UNSEEN"])
        return Counts(name, int(status.get(b"MESSAGES", 0)), int(status.get(b"UNSEEN", 0)))

    @property
    def is_spent(self) -> bool:
        """Whether the session has lasted as long as it was meant to."""
        return monotonic() >= self._ends_at

    def new_uids(self, *, after: int) -> list[int]:
        """UIDs above this one, lowest first. `n:*` always names the last message too."""
        found = self._ask(self._client.search, ["UID", f"{after + 1}:*"])
        return sorted({uid for uid in found if uid > after})

    def still_there(self, uids: list[int]) -> list[int]:
        """Those of the UIDs that the folder still has."""
        return sorted(set(self._ask(self._client.search, ["UID", uids])) & set(uids))

    def portions(self, uids: list[int]) -> Iterator[list[Announced]]:
        """The messages of these UIDs that are still there, in portions that fit into memory."""
        for start in range(0, len(uids), NAMED_AT_ONCE):
            asked = uids[start : start + NAMED_AT_ONCE]
            told = self._ask(self._client.fetch, asked, ["RFC822.SIZE", "INTERNALDATE"])
            portion: list[Announced] = []
            size = 0
            for message in (_announced(uid, told[uid]) for uid in asked if uid in told):
                more = _bytes_of([message])
                if len(portion) == MOST_AT_ONCE or size + more > PORTION_BYTES:
                    yield from [portion] if portion else []
                    portion, size = [], 0
                portion.append(message)
                size += more
            yield from [portion] if portion else []

    def fetch(self, portion: list[Announced]) -> Iterator[Fetched]:
        """Yield the messages of a portion; one that is not handed over whole is left out."""
        small = [message.uid for message in portion if message.size_bytes <= PORTION_BYTES]
        bodies: dict[int, dict[bytes, bytes]] = {}
        if small:
            expected = _bytes_of(portion)
            bodies = self._ask(self._client.fetch, small, ["BODY.PEEK[]"], bytes_=expected)
        for message in portion:
            raw = bodies.get(message.uid, {}).get(b"BODY[]")
            if raw is None or len(raw) != message.size_bytes:
                raw = self._asked_again(message, raw)
            if raw is not None:
                yield Fetched(message.uid, message.arrived_at, raw)

    def mark(self, uids: list[int]) -> str:
        """Do with stored messages what the mailbox's owner wants done.

        A server that refuses holds up no mail: what it says is returned, "" if it did it.
        """
        try:
            self._mark(uids)
        except MailboxTrouble as told:
            if told.__cause__ is not None and not trouble.is_refusal(told.__cause__):
                raise
            return f"What is stored stays where it is. {told}"
        return ""

    def _mark(self, uids: list[int]) -> None:
        kind = self._mailbox.Afterwards
        if self._mailbox.afterwards == kind.LEAVE:
            return
        for start in range(0, len(uids), NAMED_AT_ONCE):
            some = uids[start : start + NAMED_AT_ONCE]
            flag = FLAGGED if self._mailbox.afterwards == kind.FLAGGED else SEEN
            self._ask(self._client.add_flags, some, [flag], silent=True)
            if self._mailbox.afterwards == kind.MOVE:
                self._move(some)

    def wait_for_mail(self, seconds: float) -> bool:
        """Idle until the server tells of something, at most so long; False if it cannot idle."""
        if not self._ask(self._client.has_capability, "IDLE"):
            return False
        self._ask(self._client.idle)
        self._ask(self._client.idle_check, timeout=seconds, longer_by=seconds)
        self._ask(self._client.idle_done)
        return True

    def _asked_again(self, message: Announced, first: bytes | None) -> bytes | None:
        """A message whose length is not the announced one, or that is large, in pieces.

        Some servers announce a size that is not theirs: the same bytes twice are the message.
        """
        raw = self._pieces(message.uid)
        as_announced = min(message.size_bytes, MAX_MAIL_BYTES + 1)
        return raw if raw and (len(raw) == as_announced or raw == first) else None

    def _pieces(self, uid: int) -> bytes:
        pieces: list[bytes] = []
        start, limit = 0, MAX_MAIL_BYTES + 1
        while start < limit:
            want = min(PIECE_BYTES, limit - start)
            item = f"BODY.PEEK[]<{start}.{want}>"
            answer = self._ask(self._client.fetch, [uid], [item], bytes_=want)
            piece = answer.get(uid, {}).get(f"BODY[]<{start}>".encode()) or b""
            pieces.append(piece[:want])
            start += want
            if len(piece) < want:
                break
        return b"".join(pieces)

    def _move(self, uids: list[int]) -> None:
        target = self._mailbox.move_to
        if not target:
            words = f"{self._mailbox.name}: no folder to move mail to is named."
            raise MailboxTrouble(words, Kind.FOLDER)
        if not self._ask(self._client.folder_exists, target):
            self._ask(self._client.create_folder, target)
        if self._ask(self._client.has_capability, "MOVE"):
            try:
                self._ask(self._client.move, uids, target)
            except MailboxTrouble as told:
                if told.__cause__ is None or not trouble.is_refusal(told.__cause__):
                    raise
            else:
                return
        self._ask(self._client.copy, uids, target)
        self._ask(self._client.delete_messages, uids, silent=True)
        if self._ask(self._client.has_capability, "UIDPLUS"):
            self._ask(self._client.uid_expunge, uids)

    def _ask(
        self,
        command: Callable[..., Any],
        *arguments: Any,
        longer_by: float = 0.0,
        bytes_: int = 0,
        **options: Any,
    ) -> Any:
        """Give one command within its allowance; every fault of the server is put in words."""
        seconds = COMMAND_SECONDS + longer_by
        allowed = self._client.allowing(seconds=seconds, bytes_=bytes_ + ANSWER_BYTES)
        with _in_words(self._mailbox), allowed:
            return command(*arguments, **options)


@contextmanager
def session(
    mailbox: Mailbox, secret: str, *, seconds: float = SESSION_SECONDS
) -> Iterator[Session]:
    """Sign in for the time of the block.

    secret   the password, or the access token where the mailbox signs in with one
    seconds  how long the session should last: after that it `is_spent`
    raises   MailboxTrouble if the server cannot be reached, is not trusted, or refuses
    """
    with _in_words(mailbox):
        client = _connect(mailbox)
    try:
        with _in_words(mailbox), client.allowing(seconds=COMMAND_SECONDS, bytes_=ANSWER_BYTES):
            if mailbox.security == mailbox.Security.STARTTLS:
                _encrypt(client, mailbox)
            _sign_in(client, mailbox, secret)
        yield Session(client, mailbox, seconds=seconds)
    finally:
        _sign_out(client)


def _encrypt(client: Client, mailbox: Mailbox) -> None:
    """STARTTLS; where the server has none nothing more is said to it."""
    try:
        client.starttls(ssl.create_default_context())
    except CapabilityError as missing:
        words = f"{mailbox.name}: {mailbox.host}:{mailbox.port} offers no STARTTLS."
        raise MailboxTrouble(words, Kind.CLEAR) from missing


def _sign_in(client: Client, mailbox: Mailbox, secret: str) -> None:
    if mailbox.sign_in == mailbox.SignIn.PASSWORD:
        client.login(mailbox.username, secret)
    else:
        client.oauth2_login(mailbox.username, secret)


def _connect(mailbox: Mailbox) -> Client:
    security = mailbox.Security
    if mailbox.security == security.NONE and mailbox.host not in LOOPBACK:
        raise MailboxTrouble(
            f"{mailbox.name}: without TLS only a server on this machine is asked, "
            f"not {mailbox.host}.",
            Kind.CLEAR,
        )
    context = ssl.create_default_context() if mailbox.security == security.TLS else None
    return Client(mailbox.host, mailbox.port, context=context)


def _sign_out(client: Client) -> None:
    """End the conversation; a server that does not answer is left."""
    try:
        with client.allowing(seconds=10, bytes_=ANSWER_BYTES):
            client.logout()
    except FAULTS:
        with suppress(*FAULTS):
            client.shutdown()


def _announced(uid: int, told: dict[bytes, Any]) -> Announced:
    size = told.get(b"RFC822.SIZE")
    return Announced(
        uid,
        size if isinstance(size, int) and size >= 0 else MAX_MAIL_BYTES,
        _moment(told.get(b"INTERNALDATE")),
    )


def _moment(told: object) -> datetime | None:
    """An INTERNALDATE as aware UTC; None if there is none, or none that can be."""
    if not isinstance(told, datetime) or told.tzinfo is None:
        return None
    try:
        moment = told.astimezone(UTC)
    except OverflowError:
        return None
    return moment if moment.year >= 1970 else None


def _bytes_of(portion: list[Announced]) -> int:
    """What is fetched at once of a portion: a large message comes in pieces, later."""
    return sum(one.size_bytes for one in portion if one.size_bytes <= PORTION_BYTES)


@contextmanager
def _in_words(mailbox: Mailbox) -> Iterator[None]:
    try:
        yield
    except FAULTS as fault:
        raise trouble.of_fault(mailbox, fault) from fault
