"""What an IMAP server may use of our time and memory: a connection that keeps to it.

imaplib by itself reads without end: its timeout holds for one read, so a byte now and then keeps
it waiting for ever, and it reserves a literal at whatever size the server claims. Here each
command has an allowance; when that is used up the connection is shut.
"""

import imaplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from imapclient import IMAPClient

QUIET_SECONDS = 60.0  # so long may the server say nothing in the middle of an answer
GREETING_SECONDS = 60.0
GREETING_BYTES = 1024 * 1024


class Overdrawn(imaplib.IMAP4.abort):
    """The server took too long, or sent too much; says which."""


class Connection(imaplib.IMAP4):
    """An IMAP connection, in TLS from the start if a context is given."""

    def __init__(self, host: str, port: int, context: ssl.SSLContext | None) -> None:
        self._context = context
        with self.allowing(seconds=GREETING_SECONDS, bytes_=GREETING_BYTES):
            super().__init__(host, port, QUIET_SECONDS)

    @contextmanager
    def allowing(self, *, seconds: float, bytes_: int) -> Iterator[None]:
        """Let the command in the block take so long, and its answer have so many bytes.

        raises   Overdrawn; the connection cannot be used afterwards
        """
        self._bytes_left, self._overdrawn = bytes_, ""
        watch = threading.Timer(seconds, self._cut, [seconds])
        watch.daemon = True
        watch.start()
        try:
            yield
        except (imaplib.IMAP4.error, OSError) as error:
            if self._overdrawn:
                raise Overdrawn(self._overdrawn) from error
            raise
        finally:
            watch.cancel()

    def read(self, size: int) -> bytes:
        """Read a literal, whose size the server claims: refused before it is reserved."""
        self._spend(size)
        return super().read(size)

    def readline(self) -> bytes:
        """Read one line of an answer."""
        line = super().readline()
        self._spend(len(line))
        return line

    def _create_socket(self, timeout: float | None) -> socket.socket:
        plain = socket.create_connection((self.host, self.port), timeout)
        if self._context is None:
            return plain
        return self._context.wrap_socket(plain, server_hostname=self.host)

    def _spend(self, count: int) -> None:
        self._bytes_left -= count
        if self._bytes_left < 0:
            raise Overdrawn("its answer is far longer than what was asked for")

    def _cut(self, seconds: float) -> None:
        """Shut the connection from the watching thread, which wakes the reading one."""
        self._overdrawn = f"it did not finish its answer within {seconds:.0f} s"
        if connected := getattr(self, "sock", None):
            try:
                socket.socket.shutdown(connected, socket.SHUT_RDWR)
            except OSError:
                return  # it is shut already


class Client(IMAPClient):  # type: ignore[misc]  # IMAPClient has no types
    """IMAPClient over such a connection."""

    def __init__(self, host: str, port: int, *, context: ssl.SSLContext | None) -> None:
        super().__init__(
            host, port, ssl=context is not None, ssl_context=context, timeout=QUIET_SECONDS
        )
        self.normalise_times = False  # else a time is told in the zone of this machine today

    def allowing(self, *, seconds: float, bytes_: int) -> AbstractContextManager[None]:
        """See Connection.allowing."""
        connection: Connection = self._imap
        return connection.allowing(seconds=seconds, bytes_=bytes_)

    def _create_IMAP4(self) -> Connection:  # noqa: N802 (IMAPClient's name)
        return Connection(self.host, self.port, self.ssl_context if self.ssl else None)
