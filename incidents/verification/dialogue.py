"""One SMTP connection to a host under test: its limits, its lines, and all that was said.

smtplib is not used: a server that sends "220-" lines without end, or one byte a second, holds
it for ever. Here one dialogue has 64 lines of 1 KiB and 20 seconds, all in all.
Source: RFC 5321.
"""

import socket
import ssl
import time
from dataclasses import dataclass, field

from incidents.verification.doors import Tls
from incidents.verification.findings import Stage
from incidents.verification.target import Target


@dataclass(frozen=True, slots=True)
class Limits:
    """What one dialogue may take: reply lines, bytes a line, seconds from its first packet."""

    lines: int = 64
    line_bytes: int = 1024
    seconds: float = 20.0


class DialogueBroke(Exception):
    """The server closed, stalled, or sent what is not SMTP; the message says which."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply: its code, and its lines joined by blanks."""

    code: int
    text: str


@dataclass(slots=True)
class Dialogue:
    """One connection, its limits, and all that was said."""

    limits: Limits
    stage: Stage = Stage.CONNECT
    last: Reply = Reply(0, "")
    transcript: list[str] = field(default_factory=list)
    _socket: socket.socket | None = None
    _buffer: bytes = b""
    _lines_read: int = 0
    _deadline: float = 0.0

    def open(self, target: Target) -> None:
        """Connect to the pinned address: no name is looked up, no reply leads elsewhere."""
        self._deadline = time.monotonic() + self.limits.seconds
        self.note(f"-- {target.host_name} at {target.address}, port {target.port}")
        try:
            self._socket = socket.create_connection(
                (target.address, target.port),
                timeout=self.limits.seconds,
                source_address=(target.source, 0) if target.source else None,
            )
        except OSError as error:
            raise DialogueBroke(f"no connection: {error.strerror or error}") from error
        if target.tls is Tls.IMPLICIT:
            self.encrypt()

    def encrypt(self) -> None:
        """Go on under TLS. Whose certificate it is says nothing about relaying."""
        self._buffer = b""  # what came before the handshake is nobody's word (RFC 3207, 4.2)
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        try:
            self._socket = context.wrap_socket(self._connected())
        except OSError as error:
            raise DialogueBroke(f"no encryption: {error.strerror or error}") from error
        self.note(f"-- encrypted, {self._socket.version()}")

    def close(self) -> None:
        """Say QUIT as RFC 5321 asks, without waiting for the reply, and hang up."""
        if self._socket is None:
            return
        try:
            if self.stage is not Stage.CONNECT:
                self._send(b"QUIT\r\n")
        except DialogueBroke:
            pass  # the answer is known, and the server has gone first
        self._socket.close()

    def command(self, line: str, *, shown: str = "") -> Reply:
        """Send one command and read its reply; `shown` stands for it where it holds a secret."""
        if not line.isprintable():
            raise ValueError(f"an SMTP command must be printable: {line!r}")
        self.note(f"> {shown or line}")
        self._send(line.encode("utf-8") + b"\r\n")
        return self.read()

    def send_message(self, message: bytes) -> None:
        """Send the lines of a message with their dots doubled (RFC 5321, section 4.5.2)."""
        lines = message.rstrip(b"\r\n").split(b"\r\n")
        self.note(f"> ({len(lines)} lines of the marked message)")
        stuffed = (b"." + line if line.startswith(b".") else line for line in lines)
        self._send(b"\r\n".join([*stuffed, b".", b""]))

    def read(self) -> Reply:
        """Read one reply, of one or more lines (RFC 5321, section 4.2.1)."""
        texts = []
        while True:
            line = self._read_line()
            self.note(f"< {_visible(line)}")
            code, more, text = line[:3], line[3:4], line[4:]
            if not (len(code) == 3 and code.isdigit() and more in (b"", b" ", b"-")):
                raise DialogueBroke("the server sent a line that is no SMTP reply")
            texts.append(_visible(text))
            if more != b"-":
                self.last = Reply(int(code), " ".join(texts).strip())
                return self.last

    @staticmethod
    def goes_on(reply: Reply, hundred: int) -> bool:
        """Whether a reply is of the class that lets the dialogue go on."""
        return hundred <= reply.code < hundred + 100

    @property
    def is_encrypted(self) -> bool:
        """Whether what is said stays between us and the server."""
        return isinstance(self._socket, ssl.SSLSocket)

    def note(self, line: str) -> None:
        self.transcript.append(line)

    def _read_line(self) -> bytes:
        while b"\n" not in self._buffer:
            if len(self._buffer) > self.limits.line_bytes:
                raise DialogueBroke(f"the server sent over {self.limits.line_bytes} bytes a line")
            self._buffer += self._receive()
        line, _, self._buffer = self._buffer.partition(b"\n")
        self._lines_read += 1
        if self._lines_read > self.limits.lines:
            raise DialogueBroke(f"the server sent over {self.limits.lines} lines")
        return line.rstrip(b"\r")[: self.limits.line_bytes]

    def _receive(self) -> bytes:
        try:
            received = self._connected().recv(self.limits.line_bytes)
        except OSError as error:
            raise DialogueBroke(self._why(error)) from error
        if not received:
            raise DialogueBroke("the server hung up")
        return received

    def _send(self, data: bytes) -> None:
        try:
            self._connected().sendall(data)
        except OSError as error:
            raise DialogueBroke(self._why(error)) from error

    def _connected(self) -> socket.socket:
        """The socket, with what is left of the time as its timeout."""
        assert self._socket is not None, "open() comes first"
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise DialogueBroke(self._why(TimeoutError()))
        self._socket.settimeout(left)
        return self._socket

    def _why(self, error: OSError) -> str:
        if isinstance(error, TimeoutError):
            return f"no end of the dialogue after {self.limits.seconds:g} seconds"
        return f"the connection broke: {error.strerror or error}"


def _visible(line: bytes) -> str:
    """Bytes of a server as printable ASCII; anything else stands as an escape."""
    text = line.decode("ascii", errors="backslashreplace")
    return "".join(
        letter if 32 <= ord(letter) < 127 else f"\\x{ord(letter):02x}" for letter in text
    )
