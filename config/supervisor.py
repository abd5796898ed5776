"""The one command that runs the whole system: web, worker, scheduler, poller and Redis.

supervisord does the work (supervisord.org): it starts them in order, starts again what dies, and
ends them all when it is told to stop. Its configuration is written anew at each start.
"""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from config import embedded_redis

HEAD = """\
[supervisord]
nodaemon = true
silent = true
logfile = {logs}/supervisord.log
pidfile = {run}/supervisord.pid
childlogdir = {logs}
identifier = meyasu
"""
PROGRAM = """
[program:{name}]
command = {command}
directory = {directory}
priority = {priority}
autorestart = true
startsecs = 1
startretries = 1000000
stopasgroup = true
killasgroup = true
stopwaitsecs = {stop_seconds}
redirect_stderr = true
stdout_logfile = {logs}/{name}.log
stdout_logfile_maxbytes = 10MB
stdout_logfile_backups = 3
"""


@dataclass(frozen=True, slots=True)
class Program:
    """One process to keep alive. Lower priorities start first and stop last."""

    name: str
    command: tuple[str, ...]
    priority: int
    stop_seconds: int = 10


def programs() -> list[Program]:
    """What the system consists of, as it is configured now."""
    python, scripts = sys.executable, Path(sys.executable).parent
    celery = (str(scripts / "celery"), "--app", "config")
    web = (
        str(scripts / "gunicorn"),
        "config.wsgi:application",
        "--bind",
        settings.MEYASU_BIND,
        "--workers",
        str(settings.MEYASU_WEB_WORKERS),
        "--threads",
        "4",
        "--max-requests",
        "5000",
    )
    manage = str(settings.BASE_DIR / "manage.py")
    found = [
        Program("web", web, 20),
        Program("worker", (*celery, "worker", "--loglevel", "INFO"), 30, stop_seconds=60),
        Program("scheduler", (*celery, "beat", "--loglevel", "WARNING", "--pidfile="), 40),
        Program("poller", (python, manage, "poll"), 50),
        Program("sweeper", (python, manage, "sweep"), 45, stop_seconds=30),
    ]
    if settings.MEYASU_LMTP:
        found.append(Program("lmtp", (python, manage, "lmtp"), 15))
    if embedded_redis.is_needed():
        found.insert(0, Program("redis", tuple(embedded_redis.command()), 10))
    return found


def write_configuration() -> Path:
    """Write supervisord's configuration below the data folder and return its path."""
    run, logs = settings.MEYASU_DATA_DIR / "run", settings.MEYASU_DATA_DIR / "logs"
    for folder in (run, logs):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    text = HEAD.format(run=run, logs=logs)
    for program in programs():
        text += PROGRAM.format(
            name=program.name,
            # supervisord expands % in its configuration
            command=" ".join(_quoted(word) for word in program.command),
            directory=settings.BASE_DIR,
            priority=program.priority,
            stop_seconds=program.stop_seconds,
            logs=logs,
        )
    path = run / "supervisord.conf"
    path.write_text(text, encoding="utf-8")
    return path


def command() -> list[str]:
    """The command line that runs everything in the foreground."""
    program = Path(sys.executable).with_name("supervisord")
    return [str(program), "--configuration", str(write_configuration())]


def become() -> None:
    """Replace this process by the supervisor. Does not return."""
    arguments = command()
    os.execv(arguments[0], arguments)  # noqa: S606 (no shell, our own arguments)


def _quoted(word: str) -> str:
    escaped = word.replace("%", "%%")
    return f'"{escaped}"' if not word or " " in word else escaped
