"""Real servers for tests: IMAP, SMTP, Redis, each on loopback and in a folder of its own.

A test that needs a server which is not installed is skipped with the reason; with CI=true
that is a failure (tests/conftest.py).
"""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import redis
from aiosmtpd.controller import Controller

from incidents.demo.imap_server import MailboxServer, mailbox_server

STARTS_WITHIN_SECONDS = 15


@contextmanager
def dovecot(folder: Path) -> Iterator[MailboxServer]:
    """A Dovecot with the one account `webmaster`; any folder of it may be used."""
    if not shutil.which("dovecot"):
        pytest.skip("server missing: Dovecot is not installed")
    with mailbox_server(folder) as server:
        yield server


@contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    """A Redis on a Unix socket; yields the path of the socket."""
    from config import embedded_redis

    try:
        program = embedded_redis.program()
    except FileNotFoundError as missing:
        pytest.skip(f"server missing: {missing}")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "redis.sock"
    arguments = [program, "--port", "0", "--unixsocket", str(path), "--dir", str(folder)]
    process = subprocess.Popen(
        [*arguments, "--appendonly", "yes", "--save", ""],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(lambda: redis.Redis(unix_socket_path=str(path)).ping())
        yield str(path)
    finally:
        process.terminate()
        process.wait(timeout=10)


@dataclass
class Caught:
    """One mail as an SMTP server received it."""

    sender: str
    recipients: list[str]
    raw: bytes


@dataclass
class MailSink:
    """An SMTP server that keeps everything it is given, and where it listens."""

    port: int
    mails: list[Caught] = field(default_factory=list)
    refuse_with: str = ""

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Keep the mail, or refuse it as told."""
        if self.refuse_with:
            return self.refuse_with
        self.mails.append(Caught(envelope.mail_from, envelope.rcpt_tos, envelope.content))
        return "250 2.0.0 kept"


@contextmanager
def mail_sink() -> Iterator[MailSink]:
    """An SMTP server on a loopback port that keeps what it is given."""
    sink = MailSink(port=free_port())
    controller = Controller(sink, hostname="127.0.0.1", port=sink.port)
    controller.start()
    try:
        yield sink
    finally:
        controller.stop()


def free_port() -> int:
    """A TCP port on loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(answers: Any) -> None:
    give_up_at = time.monotonic() + STARTS_WITHIN_SECONDS
    while True:
        try:
            if answers():
                return
        except (OSError, redis.RedisError):
            if time.monotonic() > give_up_at:
                raise
        time.sleep(0.05)
