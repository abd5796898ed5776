"""The webmaster's mailbox: a real IMAP server on loopback, for the demo alone.

Dovecot where it is installed; otherwise pymap, an IMAP server in Python that comes with us.
"""

import grp
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError

from incidents.demo.mails import CaseMail

STARTS_WITHIN_SECONDS = 20

DOVECOT = """
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/dovecot.log
default_login_user = {login_user}
default_internal_user = {internal_user}
default_internal_group = {internal_group}
first_valid_uid = 1
mail_location = maildir:{folder}/mail/%u
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/home/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


@dataclass(frozen=True, slots=True)
class MailboxServer:
    """Where the mailbox is, and how to sign in."""

    host: str
    port: int
    username: str
    password: str

    def deliver(self, mail: CaseMail) -> None:
        """Put a mail into the mailbox as if it had arrived at its time of arrival."""
        with IMAPClient(self.host, self.port, ssl=False) as client:
            client.login(self.username, self.password)
            client.append("INBOX", mail.raw, (), mail.arrives_at)


@contextmanager
def mailbox_server(folder: Path) -> Iterator[MailboxServer]:
    """Run the server while the block runs; its files are kept below the folder."""
    folder = _reachable(folder)
    server = MailboxServer("127.0.0.1", _free_port(), "webmaster", secrets.token_urlsafe(12))
    process = subprocess.Popen(
        _dovecot(folder, server) if shutil.which("dovecot") else _pymap(server),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=(folder / "server.log").open("wb"),
        start_new_session=True,
    )
    try:
        _wait_until_it_answers(server, process)
        yield server
    finally:
        process.terminate()
        process.wait(timeout=10)
        if _as_root():
            shutil.rmtree(folder, ignore_errors=True)


def _reachable(folder: Path) -> Path:
    """The folder itself; run as root, Dovecot's own user must reach it: a temporary one."""
    if _as_root():
        folder = Path(tempfile.mkdtemp(prefix="meyasu-imap-"))
        folder.chmod(0o755)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _as_root() -> bool:
    return os.getuid() == 0


def _dovecot(folder: Path, server: MailboxServer) -> list[str]:
    me = _account()
    as_root = _as_root()
    config = DOVECOT.format(
        folder=folder,
        port=server.port,
        password=server.password,
        login_user="dovenull" if as_root else me,
        internal_user="dovecot" if as_root else me,
        internal_group="dovecot" if as_root else _group(),
        uid="dovecot" if as_root else me,
        gid="dovecot" if as_root else _group(),
    )
    if as_root:
        for name in ("mail", "home"):
            (folder / name).mkdir(exist_ok=True)
            shutil.chown(folder / name, "dovecot", "dovecot")
    path = folder / "dovecot.conf"
    path.write_text(config, encoding="utf-8")
    path.chmod(0o600)
    return ["dovecot", "-F", "-c", str(path)]


def _pymap(server: MailboxServer) -> list[str]:
    program = str(Path(sys.executable).with_name("pymap"))
    command = [program, "--host", server.host, "--port", str(server.port)]
    account = ["--demo-user", server.username, "--demo-password", server.password]
    return [*command, "--no-tls", "dict", *account]


def _wait_until_it_answers(server: MailboxServer, process: subprocess.Popen[bytes]) -> None:
    give_up_at = time.monotonic() + STARTS_WITHIN_SECONDS
    while time.monotonic() < give_up_at:
        if process.poll() is not None:
            raise RuntimeError(f"The demo's IMAP server ended with status {process.returncode}.")
        try:
            with IMAPClient(server.host, server.port, ssl=False, timeout=5) as client:
                client.login(server.username, server.password)
            return
        except (OSError, IMAPClientError):
            time.sleep(0.1)
    raise RuntimeError(f"The demo's IMAP server did not answer on port {server.port}.")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _account() -> str:

    return pwd.getpwuid(os.getuid()).pw_name


def _group() -> str:

    return grp.getgrgid(os.getgid()).gr_name
