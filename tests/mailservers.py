"""Real mail servers side by side: Debian's packages unpacked, not installed, each on loopback.

Debian lets one mail server be installed at a time. So they are fetched with apt-get, unpacked into
a folder of the tests, and run in a mount namespace of their own, with the users they expect.
Each serves example.org with the mailbox abuse@, and passes nothing on: its way out is port 1.

Each test has a loopback address of its own (127.0.0.0/8 is one network, RFC 1122), so that ports
are fixed, and neither another test nor another run can take one before the server does. Names are
asked of a port where nobody listens: looking one up fails at once.
"""

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.servers import STARTS_WITHIN_SECONDS

CACHE = Path(__file__).parents[1] / "var" / "test-mail-servers"
USERS = ("Debian-exim", "opensmtpd", "opensmtpq", "smmsp", "smmta", "abuse")
INTO_NAMESPACE = """
mount --make-rprivate /
mount --bind {folder}/passwd /etc/passwd
mount --bind {folder}/group /etc/group
mount --bind {folder}/hosts /etc/hosts
mount --bind {folder}/resolv.conf /etc/resolv.conf
mount --bind {folder}/ld.so.cache /etc/ld.so.cache
hostname mail.example.org
mount -t tmpfs none /var/spool && mkdir -p /var/spool/smtpd && chmod 711 /var/spool/smtpd
mount -t tmpfs none /var/lib && mkdir -p /var/lib/opensmtpd/empty
mount -t tmpfs none /run
exec "$@"
"""


def unpacked(name: str, *packages: str) -> Path:
    """The folder into which these Debian packages are unpacked; the test is skipped without."""
    folder = CACHE / name
    if os.geteuid() != 0 or not shutil.which("apt-get") or not _has_namespaces():
        pytest.skip(f"server missing: {name} needs root, apt-get and a mount namespace")
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # another test process may unpack the same
        if not (folder / "ready").exists():
            _fetch(name, packages, folder)
    return folder


def _fetch(name: str, packages: tuple[str, ...], folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    got = subprocess.run(
        ["apt-get", "download", *packages], cwd=folder, capture_output=True, text=True,
        check=False, timeout=100,
    )  # fmt: skip
    if got.returncode:
        pytest.skip(f"server missing: {name} cannot be fetched: {got.stderr.strip()[-200:]}")
    for package in folder.glob("*.deb"):
        subprocess.run(["dpkg", "-x", str(package), str(folder)], check=True)
    (folder / "ready").touch()


@contextmanager
def running(
    unpacked_in: Path,
    folder: Path,
    command: list[str],
    ports: Iterable[int],
    address: str = "",
) -> Iterator[None]:
    """The server in its namespace while the block runs, and nothing of it after that.

    ports, address   where it listens; on `own_address` unless told otherwise
    """
    places = [(address or own_address(), port) for port in ports]
    _write_users(folder)
    _write_library_cache(unpacked_in, folder)
    script = folder / "enter"
    script.write_text(INTO_NAMESPACE.replace("{folder}", str(folder)))
    with (folder / "out").open("w") as out:
        process = subprocess.Popen(
            ["unshare", "--mount", "--uts", "--pid", "--fork", "sh", str(script), *command],
            stdout=out, stderr=out, cwd=folder,
        )  # fmt: skip
    try:
        for place in places:
            _wait_for(place, process, folder / "out")
        yield
    finally:
        _end(process)
        for place in places:
            wait_until(lambda place=place: not _answers(place))  # type: ignore[misc]


def run_unpacked(root: Path, command: list[Path | str], text: str, cwd: Path | None = None) -> str:
    """What a program of unpacked packages makes of this text."""
    libraries = _libraries(root)
    done = subprocess.run(
        list(map(str, command)), input=text, capture_output=True, text=True, check=False, cwd=cwd,
        env=os.environ | {"LD_LIBRARY_PATH": libraries}, timeout=30,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def _libraries(root: Path) -> str:
    found = (*root.glob("usr/lib/*-linux-gnu"), *root.glob("lib/*-linux-gnu"))
    return ":".join(map(str, found))


@contextmanager
def work_folder() -> Iterator[Path]:
    """A folder that servers under other users may read."""
    with tempfile.TemporaryDirectory(prefix="mailserver-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


def own_address() -> str:
    """The loopback address of this test process, which no other one has."""
    number = os.getpid()
    return f"127.{64 + (number >> 16) % 64}.{(number >> 8) % 256}.{number % 256}"


def own_port(number: int = 0) -> int:
    """A port of this test process, below those that the system gives out: no other test has it."""
    return 10_000 + (os.getpid() * 10 + number) % 20_000


def wait_until(is_so: Callable[[], bool]) -> None:
    """Until it is so; fails if it is not in time."""
    give_up_at = time.monotonic() + STARTS_WITHIN_SECONDS
    while not is_so():
        assert time.monotonic() < give_up_at, "it did not come in time"
        time.sleep(0.05)


def _has_namespaces() -> bool:
    tried = subprocess.run(
        ["unshare", "--mount", "--uts", "true"], capture_output=True, check=False
    )
    return tried.returncode == 0


def _write_library_cache(unpacked_in: Path, folder: Path) -> None:
    """Where the loader finds libraries; set-user-ID programs heed no LD_LIBRARY_PATH."""
    folders = _libraries(unpacked_in).replace(":", "\n")
    (folder / "ld.so.conf").write_text(f"{folders}\ninclude /etc/ld.so.conf\n")
    command = [
        "ldconfig",
        "-X",
        "-C",
        str(folder / "ld.so.cache"),
        "-f",
        str(folder / "ld.so.conf"),
    ]
    subprocess.run(command, check=True, capture_output=True)


def _write_users(folder: Path) -> None:
    passwd, group = Path("/etc/passwd").read_text(), Path("/etc/group").read_text()
    for number, name in enumerate(USERS, start=9900):
        passwd += f"{name}:x:{number}:{number}::/:/bin/false\n"
        group += f"{name}:x:{number}:\n"
    (folder / "passwd").write_text(passwd)
    (folder / "group").write_text(group)
    (folder / "hosts").write_text(
        "127.0.0.1 localhost\n127.0.0.2 probe.desk.example\n"
        f"{own_address()} mail.example.org mail\n"
    )
    (folder / "resolv.conf").write_text("nameserver 127.0.0.1\noptions attempts:1 timeout:1\n")


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Kill the first process of the namespace, with which the kernel ends all others there.

    `unshare --kill-child` is no help: a set-user-ID program, as Exim is, is not told of its
    parent's death, and such servers outlived their tests by hours.
    """
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    for child in children:
        os.kill(int(child), signal.SIGKILL)
    if not children:
        process.kill()
    process.wait(timeout=10)


def _wait_for(place: tuple[str, int], process: "subprocess.Popen[bytes]", out: Path) -> None:
    give_up_at = time.monotonic() + STARTS_WITHIN_SECONDS
    while not _answers(place):
        if time.monotonic() > give_up_at or process.poll() is not None:
            raise RuntimeError(f"the server did not start: {out.read_text()}")
        time.sleep(0.05)


def _answers(place: tuple[str, int]) -> bool:
    try:
        socket.create_connection(place, timeout=5).close()
    except OSError:
        return False
    return True
