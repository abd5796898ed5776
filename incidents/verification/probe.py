"""The only file that talks SMTP to a host under test: one probe, one Answer.

smtplib is not used: a server that sends "220-" lines without end, or one byte a second, holds
it for ever. Here one dialogue has 64 lines of 1 KiB and 20 seconds, all in all.
Source: RFC 5321.
"""

import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from incidents.verification.battery import Probe
from incidents.verification.findings import Answer, Said, Stage
from incidents.verification.target import Target

# Two dialogues in a row in which nothing was said end a run: the host is away, or stalls us.
MOST_SILENT_IN_A_ROW = 2


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


def ask_all(
    probes: tuple[Probe, ...],
    ask_one: Callable[[Probe], Answer],
) -> Iterator[Answer]:
    """Ask one probe after the other, each in a dialogue of its own, until the host blocks us.

    yields  an Answer for each probe asked. It ends early after a 421, a refused connection,
            or MOST_SILENT_IN_A_ROW dialogues in which nothing was learned
    """
    silent = 0
    for probe in probes:
        answer = ask_one(probe)
        yield answer
        silent = silent + 1 if answer.said is Said.NOTHING else 0
        if answer.is_a_block or silent >= MOST_SILENT_IN_A_ROW:
            return


def ask(
    probe: Probe,
    target: Target,
    *,
    helo: str,
    message: bytes | None = None,
    limits: Limits = Limits(),
) -> Answer:
    """Try one sender and recipient on the target, and stop before DATA.

    helo     our name for EHLO and HELO
    message  a marked message to go on with, when the recipient is accepted and the probe
             `may_send`: lines end in CR LF; None stops before DATA
    returns  an Answer, also when the server is away or talks nonsense: then its code is 0
    """
    dialogue = _Dialogue(limits)
    try:
        dialogue.open(target)
        _converse(dialogue, probe, helo=helo, message=message if probe.may_send else None)
    except DialogueBroke as broken:
        dialogue.note(f"-- {broken}")
        return _answer(probe, dialogue, Reply(0, str(broken)))
    finally:
        dialogue.close()
    return _answer(probe, dialogue, dialogue.last)


def _converse(dialogue: "_Dialogue", probe: Probe, *, helo: str, message: bytes | None) -> None:
    """Go through the stages as far as the server lets us; `dialogue.stage` says how far."""
    if not dialogue.goes_on(dialogue.read(), 200):
        return
    dialogue.stage = Stage.HELLO
    greetings = (dialogue.command(f"{word} {helo}") for word in ("EHLO", "HELO"))
    if not any(dialogue.goes_on(reply, 200) for reply in greetings):
        return
    dialogue.stage = Stage.MAIL
    if not dialogue.goes_on(dialogue.command(f"MAIL FROM:<{probe.sender}>"), 200):
        return
    dialogue.stage = Stage.RCPT
    accepted = dialogue.goes_on(dialogue.command(f"RCPT TO:<{probe.recipient}>"), 200)
    if accepted and message is not None:
        dialogue.stage = Stage.DATA
        if dialogue.goes_on(dialogue.command("DATA"), 300):
            dialogue.send_message(message)
            dialogue.read()


def _answer(probe: Probe, dialogue: "_Dialogue", reply: Reply) -> Answer:
    return Answer(
        probe=probe.name,
        stage=dialogue.stage,
        code=reply.code,
        text=reply.text,
        accepted=dialogue.stage in (Stage.RCPT, Stage.DATA) and 200 <= reply.code < 300,
        transcript=tuple(dialogue.transcript),
    )


@dataclass(slots=True)
class _Dialogue:
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
        self._deadline = time.monotonic() + self.limits.seconds
        where = (target.address, target.port)
        self.note(f"-- {target.host_name} at {target.address}, port {target.port}")
        try:
            self._socket = socket.create_connection(where, timeout=self.limits.seconds)
        except OSError as error:
            raise DialogueBroke(f"no connection: {error.strerror or error}") from error

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

    def command(self, line: str) -> Reply:
        """Send one command and read its reply."""
        if not line.isascii() or any(ord(letter) < 32 or ord(letter) == 127 for letter in line):
            raise ValueError(f"an SMTP command must be printable ASCII: {line!r}")
        self.note(f"> {line}")
        self._send(line.encode("ascii") + b"\r\n")
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
