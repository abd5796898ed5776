"""HTTP to one pinned address, whatever name is in the URL, with one deadline for all that is said.

The timeouts of HTTP clients are for each read: a machine that drips a byte a second holds them
for ever. Here no name is looked up, and every read and write has what is left of the time.
"""

import ssl
import time
from collections.abc import Iterable
from typing import Any

import httpcore

ERRORS = (
    httpcore.NetworkError,
    httpcore.TimeoutException,
    httpcore.ProtocolError,
    httpcore.UnsupportedProtocol,
)


class Line(httpcore.NetworkBackend):
    """Connects to its one address alone, until its time is over."""

    def __init__(self, address: str, *, seconds: float) -> None:
        self._address = address
        self._give_up_at = time.monotonic() + seconds

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection to the pinned address; the name is not looked at."""
        plain = httpcore.SyncBackend().connect_tcp(self._address, port, timeout=self.left())
        return _Stream(plain, self)

    def left(self) -> float:
        """Seconds that are left; raises ReadTimeout when there are none."""
        seconds = self._give_up_at - time.monotonic()
        if seconds <= 0:
            raise httpcore.ReadTimeout("it took too long")
        return seconds


class _Stream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream, line: Line) -> None:
        self._inner, self._line = inner, line

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, timeout=self._line.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, timeout=self._line.left())

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        timeout = self._line.left()
        inner = self._inner.start_tls(ssl_context, server_hostname, timeout=timeout)
        return _Stream(inner, self._line)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def pool(line: Line) -> httpcore.ConnectionPool:
    """For one request. Whose certificate a machine of ours shows says nothing about a page."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return httpcore.ConnectionPool(ssl_context=context, network_backend=line)
