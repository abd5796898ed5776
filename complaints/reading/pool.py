"""One warm reading child a process, watched: a report in bounded time, or the reason why not."""

import contextlib
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from complaints.formats.bounds import MAX_MAIL_BYTES
from complaints.formats.report import Report, UnreadableReport
from complaints.reading import wire

# The child's CPU time is what bounds the work. On a busy machine five seconds of it may take a
# minute, and a mail must not go into quarantine for that: this ends a child that merely hangs.
WALL_SECONDS = 90.0
START_SECONDS = 60.0
COMMAND = (sys.executable, "-m", "complaints.reading.child")
PROJECT_ROOT = Path(__file__).resolve().parents[2]


class ReadingFailed(Exception):
    """The mail could not be read: worded for the person who looks at the quarantined mail."""


class _KilledFromOutside(ReadingFailed):
    """Somebody else ended the child: an operator, the kernel short of memory, a service manager."""


class Reader:
    """A reading child, started when it is first needed and again whenever it died.

    Safe to use from several threads; they take turns. A process forked from this one does not
    share the child: it starts its own.
    """

    def __init__(
        self, command: Sequence[str] = COMMAND, *, wall_seconds: float = WALL_SECONDS
    ) -> None:
        self._command = tuple(command)
        self._wall_seconds = wall_seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._owner_pid = os.getpid()
        self._lock = threading.Lock()

    def read(self, raw: bytes) -> Report:
        """Return what the mail says.

        raises   ReadingFailed if the child died, took too long or met a defect;
                 UnreadableReport if a recognised format says nothing
        """
        with self._turn():
            try:
                answer = self._answer(raw)
            except _KilledFromOutside:  # not the mail's fault, so it gets a second child
                answer = self._answer(raw)
        return _report_in(answer)

    def _answer(self, raw: bytes) -> wire.Answer:
        process = self._running()
        try:
            return wire.decode(_exchange(process, raw[: MAX_MAIL_BYTES + 1], self._wall_seconds))
        except (_Silent, OSError, msgspec.DecodeError) as trouble:
            raise self._bury(trouble) from None

    @property
    def child_pid(self) -> int | None:
        """The process ID of the running child, if this process has one."""
        return self._process.pid if self._process and self._owner_pid == os.getpid() else None

    def close(self) -> None:
        """End the child; the next read starts another."""
        with self._turn():
            self._end()

    def _turn(self) -> threading.Lock:
        """The lock of this process; one inherited through a fork may be held by nobody."""
        if self._owner_pid != os.getpid():
            self._lock = threading.Lock()
            self._disown()
            self._owner_pid = os.getpid()
        return self._lock

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._end()
            self._process = _started(self._command)
        return self._process

    def _bury(self, trouble: Exception) -> ReadingFailed:
        """End the child and return, in words, what became of it."""
        process, code = self._process, None
        if isinstance(trouble, TimeoutError):
            self._end()
            return ReadingFailed(
                f"Reading it took longer than {self._wall_seconds:.0f} s and was stopped."
            )
        if process is not None and not isinstance(trouble, msgspec.DecodeError):
            with contextlib.suppress(subprocess.TimeoutExpired):
                code = process.wait(timeout=2)
        self._end()
        if code in (-signal.SIGKILL, -signal.SIGTERM):
            return _KilledFromOutside(_death_in_words(code, trouble))
        return ReadingFailed(_death_in_words(code, trouble))

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            _close_pipes(self._process)
            self._process.wait()
            self._process = None

    def _disown(self) -> None:
        """Let go of a child that belongs to the process we were forked from."""
        if self._process is not None:
            _close_pipes(self._process)
            self._process.returncode = 0  # not ours to wait for
            self._process = None


_reader = Reader()


def read(raw: bytes) -> Report:
    """Return what the mail says, by this process's warm child; raises as `Reader.read`."""
    return _reader.read(raw)


class _Silent(Exception):
    """The child closed its output without an answer."""


def _started(command: tuple[str, ...]) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env=_environment(),
    )
    try:
        ready = _read_exactly(process, len(wire.READY), time.monotonic() + START_SECONDS)
    except (_Silent, OSError):
        ready = b""
    if ready != wire.READY:
        process.kill()
        _close_pipes(process)
        process.wait()
        raise ReadingFailed(
            "The reading child does not start; "
            "run `python -m complaints.reading.child` to see what it says."
        )
    return process


def _environment() -> dict[str, str]:
    """As little as Python needs: no secret of ours reaches the child."""
    return {
        "PATH": os.environ.get("PATH", ""),
        "PYTHONPATH": str(PROJECT_ROOT),
        "PYTHONSAFEPATH": "1",
        "LC_ALL": "C.UTF-8",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
    }


def _exchange(process: subprocess.Popen[bytes], raw: bytes, seconds: float) -> bytes:
    """Send one mail and return the body of the answer.

    raises   TimeoutError, _Silent, OSError
    """
    deadline = time.monotonic() + seconds
    _write(process, wire.LENGTH.pack(len(raw)) + raw, deadline)
    (length,) = wire.LENGTH.unpack(_read_exactly(process, wire.LENGTH.size, deadline))
    if length > wire.MAX_ANSWER_BYTES:
        raise _Silent(f"the answer has {length} bytes")
    return _read_exactly(process, length, deadline)


def _write(process: subprocess.Popen[bytes], data: bytes, deadline: float) -> None:
    assert process.stdin is not None
    handle = process.stdin.fileno()
    os.set_blocking(handle, False)
    rest = memoryview(data)
    while rest:
        _await(handle, select.POLLOUT, deadline)
        rest = rest[os.write(handle, rest[: 1 << 16]) :]


def _read_exactly(process: subprocess.Popen[bytes], count: int, deadline: float) -> bytes:
    assert process.stdout is not None
    handle = process.stdout.fileno()
    pieces, missing = [], count
    while missing:
        _await(handle, select.POLLIN, deadline)
        piece = os.read(handle, min(missing, 1 << 20))
        if not piece:
            raise _Silent("the child closed its output")
        pieces.append(piece)
        missing -= len(piece)
    return b"".join(pieces)


def _await(handle: int, event: int, deadline: float) -> None:
    waiting = select.poll()
    waiting.register(handle, event)
    if not waiting.poll(max(0.0, deadline - time.monotonic()) * 1000):
        raise TimeoutError("the child did not answer in time")


def _report_in(answer: wire.Answer) -> Report:
    if answer.report is not None:
        return answer.report
    if answer.refusal:
        raise UnreadableReport(answer.refusal)
    raise ReadingFailed(answer.defect or "The reading child gave an empty answer.")


def _death_in_words(code: int | None, trouble: Exception) -> str:
    if code == -signal.SIGXCPU:
        return "Reading it took too much CPU time and was stopped."
    if code is not None and code < 0:
        name = signal.Signals(-code).name
        return f"The reading child died of signal {-code} ({name}) over this mail."
    if code:
        return f"The reading child ended with status {code} over this mail."
    return f"The reading child gave no usable answer: {trouble}."


def _close_pipes(process: subprocess.Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            try:
                pipe.close()
            except BrokenPipeError:
                continue
