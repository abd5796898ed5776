"""Real servers for tests: IMAP, SMTP, Redis, each on loopback and in a folder of its own.

A test that needs a server which is not installed is skipped with the reason; with CI=true
that is a failure (tests/conftest.py).
"""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import redis
from aiosmtpd.controller import Controller
from django.conf import settings
from django.db import connection

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


POSTFIX_MAIN = """
compatibility_level = 3.6
config_directory = {folder}/etc
queue_directory = {folder}/queue
data_directory = {folder}/data
myhostname = mail.example.org
mydestination = example.org
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
in_flow_delay = 0
smtpd_peername_lookup = no
local_recipient_maps = texthash:{folder}/etc/users
alias_maps =
default_transport = discard:
relay_transport = discard:
local_transport = discard:
"""
POSTFIX_MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
rewrite unix - - n - - trivial-rewrite
discard unix - - n - - discard
lmtp unix - - n - - lmtp
retry unix - - n - - error
error unix - - n - - error
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
qmgr unix n - n 300 1 qmgr
bounce unix - - n - 0 bounce
anvil unix - - n - 1 anvil
proxymap unix - - n - - proxymap
tlsmgr unix - - n - 1 tlsmgr
"""


@contextmanager
def postfix(main: str, *, doors: str = "", **maps: str) -> Iterator[int]:
    """A Postfix for example.org with one mailbox, abuse@; yields its port on loopback.

    It delivers nothing: what it takes is discarded.

    doors  further lines of master.cf, each an smtpd with rules of its own
    main   further lines of main.cf; `{folder}/etc/NAME` is the map given as NAME=text
    """
    if not shutil.which("postfix"):
        pytest.skip("server missing: Postfix is not installed")
    if os.geteuid() != 0:
        pytest.skip("Postfix starts only as root")
    with tempfile.TemporaryDirectory(prefix="postfix-") as folder:
        Path(folder).chmod(0o755)  # its processes run as the user postfix
        yield from _running_postfix(Path(folder), main, maps, doors)


def _running_postfix(folder: Path, main: str, maps: dict[str, str], doors: str) -> Iterator[int]:
    port = free_port()
    for name in ("etc", "queue", "data"):
        (folder / name).mkdir(parents=True)
    shutil.chown(folder / "data", "postfix")
    files = {
        "main.cf": (POSTFIX_MAIN + main).replace("{folder}", str(folder)),
        "master.cf": (POSTFIX_MASTER.replace("{port}", str(port)) + doors + "\n").replace(
            "{folder}", str(folder)
        ),
        "users": "abuse@example.org x\n",
    }
    for name, text in (files | maps).items():
        (folder / "etc" / name).write_text(text, encoding="ascii")
    postfix = ["postfix", "-c", str(folder / "etc")]
    subprocess.run([*postfix, "start"], check=True, capture_output=True, timeout=60)
    try:
        _wait_for(lambda: socket.create_connection(("127.0.0.1", port), timeout=5).close() is None)
        yield port
    finally:
        subprocess.run([*postfix, "stop"], check=True, capture_output=True, timeout=60)


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


def environment_of_this_test(**more: str) -> dict[str, str]:
    """The environment for a process that works on this test's own database and data folder."""
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        url = f"sqlite:///{database['NAME']}"
    else:
        url = f"postgres://{database['USER']}@{database['HOST']}:{database['PORT']}/{database['NAME']}"
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": url,
        "MEYASU_DATA_DIR": str(settings.MEYASU_DATA_DIR),
        **more,
    }
