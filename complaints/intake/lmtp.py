"""LMTP, by which the mail server beside us hands mail over: answered 250 only when it is durable.

LMTP is RFC 2033: after DATA each recipient gets an answer of its own. There is no sign-in, so we
listen on this machine or in a private network alone. As the final delivery writes it, a
Return-Path line comes on top (RFC 5321, section 4.4); all else stays as it was sent.
"""

import asyncio
import contextlib
import ipaddress
import logging
import signal
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, AnyStr, cast

from aiosmtpd.lmtp import LMTP
from django.db import DatabaseError, close_old_connections

from complaints import clock
from complaints.intake import store
from complaints.intake.raw import RawMessage
from complaints.intake.store import NotStored

MOST_BYTES = 60 * 1024 * 1024  # twice what is read; over it the sender is told
# Who sends far more is cut off: aiosmtpd keeps all of a line that never ends, to refuse it then.
MOST_TAKEN_BYTES = 2 * MOST_BYTES
MOST_CONNECTIONS = 10
MOST_RECIPIENTS = 100
COMMAND_SECONDS = 60.0
SESSION_SECONDS = 600.0
GRACE_SECONDS = 10.0

STORED = "250 2.0.0 stored"
LATER = "451 4.3.0 not stored yet, try again"
TOO_MUCH = b"552 5.3.4 far too large\r\n"
FULL = b"421 4.3.2 too many connections, try again\r\n"

_log = logging.getLogger(__name__)


class Unusable(Exception):
    """We cannot listen there; says why and where we could."""


class Handler:
    """What is done with a mail that was handed over."""

    async def handle_RCPT(  # noqa: N802 (aiosmtpd's name)
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        """Any recipient: what comes to us the mail server has chosen."""
        if len(envelope.rcpt_tos) >= MOST_RECIPIENTS:
            return "452 4.5.3 too many recipients"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Store it durably, then say so; else the mail server keeps it and comes again."""
        try:
            await asyncio.to_thread(
                _keep, envelope.mail_from or "", list(envelope.rcpt_tos), envelope.content
            )
        except (NotStored, DatabaseError) as problem:
            _log.warning("LMTP: a mail was not stored: %s", type(problem).__name__)
            return LATER
        return STORED


class Connection(LMTP):
    """One conversation: bounded in time, and with one answer for each recipient."""

    line_length_limit = MOST_BYTES  # strangers' lines have any length; their sum is bounded
    _open: set["Connection"] = set()
    _answers = 1
    _end: asyncio.TimerHandle | None = None
    _taken: int | None = None  # bytes of the mail that is being sent

    def connection_made(self, transport: Any) -> None:
        """Begin, or say that there are too many."""
        if len(self._open) >= MOST_CONNECTIONS:
            transport.write(FULL)
            transport.close()
            return
        self._open.add(self)
        self._end = self.loop.call_later(SESSION_SECONDS, transport.abort)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        """End."""
        if self not in self._open:
            return
        self._open.discard(self)
        if self._end:
            self._end.cancel()
        super().connection_lost(error)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 (aiosmtpd's name)
        """Take the mail; whatever is answered, each recipient is answered."""
        named = len(self.envelope.rcpt_tos) if self.envelope else 0
        self._answers, self._taken = (1 if arg else max(1, named)), 0
        try:
            await super().smtp_DATA(arg)
        finally:
            self._answers, self._taken = 1, None

    def data_received(self, data: bytes) -> None:
        """Take what is sent, within bounds."""
        if self._taken is not None:
            self._taken += len(data)
            if self._taken > MOST_TAKEN_BYTES:
                transport = cast(asyncio.WriteTransport, self.transport)
                transport.write(TOO_MUCH * self._answers)
                transport.close()
                return
        super().data_received(data)

    async def push(self, status: AnyStr) -> None:
        """Send an answer, as often as it is due."""
        goes_on = status[:3] in ("354", b"354")
        for _ in range(1 if goes_on else self._answers):
            await super().push(status)


async def serve(place: str) -> None:
    """Listen until told to end, then let those who are speaking finish, for a while.

    place    a path for a Unix socket, or ADDRESS:PORT
    raises   Unusable
    """
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    async with _listening(place):
        await stop.wait()
    for _ in range(int(GRACE_SECONDS * 10)):
        if not Connection._open:
            break
        await asyncio.sleep(0.1)


@contextlib.asynccontextmanager
async def _listening(place: str) -> AsyncIterator[None]:
    loop = asyncio.get_running_loop()
    try:
        if place.startswith("/"):
            _remove_left_over(Path(place))
            server = await loop.create_unix_server(_connection, place)
        else:
            address, port = _address(place)
            server = await loop.create_server(_connection, address, port)
    except OSError as problem:
        raise Unusable(f"LMTP cannot listen at {place}: {problem.strerror or problem}.") from None
    try:
        yield
    finally:
        server.close()


def _remove_left_over(path: Path) -> None:
    """Remove the socket of a process that was killed; never a file of another kind.

    raises   Unusable if there is one
    """
    if path.is_socket():
        path.unlink()
    elif path.exists():
        raise Unusable(f"LMTP cannot listen at {path}: there is a file that is no socket.")


def _connection() -> Connection:
    return Connection(
        Handler(),
        data_size_limit=MOST_BYTES,
        enable_SMTPUTF8=True,
        hostname=socket.gethostname(),
        ident="Meyasu",
        timeout=COMMAND_SECONDS,
        loop=asyncio.get_running_loop(),
    )


def _address(place: str) -> tuple[str, int]:
    address, _, port = place.rpartition(":")
    try:
        ours = ipaddress.ip_address(address.strip("[]"))
        if (ours.is_loopback or ours.is_private) and not ours.is_unspecified and port.isdecimal():
            return str(ours), int(port)
    except ValueError:
        pass
    raise Unusable(
        f"LMTP cannot listen at “{place}”: name the path of a socket, or an address of this "
        "machine or a private network with its port, as 127.0.0.1:2424."
    )


def _keep(sender: str, recipients: list[str], content: bytes) -> None:
    """In a thread of its own, with a database connection of its own."""
    close_old_connections()
    now = clock.now()
    # One object for all recipients: they may be many, and the mail large.
    raw = f"Return-Path: <{_printable(sender)}>\r\n".encode() + content
    messages = [
        RawMessage(raw, way="lmtp", arrived_at=now, source_file=_printable(recipient))
        for recipient in recipients
    ]
    try:
        store.keep_messages(messages, now=now)
    finally:
        close_old_connections()


def _printable(address: str) -> str:
    return "".join(one for one in address[:320] if one.isprintable() and one not in "<>")
