"""The machine under the desk: database, storage, broker, clocks, settings."""

import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import redis
from django.conf import settings
from django.core import checks
from django.db import DatabaseError, connection
from django.utils import timezone

from config import broker as doorbell
from config import health
from config.doctor.finding import Finding, advice, good, wrong

LEAST_FREE_BYTES = 1024**3
CLOCKS_DIFFER_BY = timedelta(seconds=10)


def database() -> Iterator[Finding]:
    """Whether it answers, and whether its tables are those of this program."""
    try:
        behind = health.migrations_behind()
    except DatabaseError as error:
        said = " ".join(str(error).split())
        yield wrong("database", said, "Check DATABASE_URL, and that the server runs.")
        return
    if behind:
        yield wrong("database", f"{behind} migrations have not run.", "Run ./manage.py migrate.")
        return
    yield good("database", f"{connection.display_name}, all migrations have run.")


def storage() -> Iterator[Finding]:
    """Whether raw mail can be written, and for how long still."""
    folder = settings.MEYASU_DATA_DIR
    try:
        with tempfile.TemporaryFile(dir=folder):
            free = shutil.disk_usage(folder).free
    except OSError as error:
        remedy = "Let the user that Meyasu runs as write there (MEYASU_DATA_DIR)."
        yield wrong("storage", f"{folder} cannot be written: {error.strerror}.", remedy)
        return
    said = f"{folder} has {free / 1024**3:.1f} GiB free."
    if free < LEAST_FREE_BYTES:
        yield wrong("storage", said, "Make room: without it mail stays at its server.")
        return
    yield good("storage", said)


def broker() -> Iterator[Finding]:
    """Whether Redis answers."""
    problem = doorbell.problem()
    if not problem:
        yield good("broker", "Redis answers.")
        return
    started = "Start the system (make run), or set REDIS_URL."
    remedy = "Check REDIS_URL." if settings.REDIS_URL else started
    yield wrong("broker", problem, remedy)


def workers() -> Iterator[Finding]:
    """Whether jobs begin: that needs the scheduler, Redis and a worker together."""
    if doorbell.problem():
        return
    if silence := doorbell.silence():
        yield wrong("workers", f"{silence[0].upper()}{silence[1:]}.", doorbell.NOBODY)
        return
    yield good("workers", "Jobs begin.")


def clocks() -> Iterator[Finding]:
    """Whether the machines agree what time it is: leases and due times hang on it."""
    others = {"the database": _database_time, "Redis": _redis_time}
    for name, ask in others.items():
        told = ask()
        apart = abs(told - timezone.now()) if told else timedelta()
        if apart > CLOCKS_DIFFER_BY:
            said = f"The clock of {name} and ours are {apart.total_seconds():.0f} s apart."
            yield wrong("clock", said, "Have both machines set their clocks by NTP.")
            return
    yield good("clock", f"It is {timezone.now():%Y-%m-%d %H:%M:%S} UTC.")


def configuration() -> Iterator[Finding]:
    """What the program's own checks say; Django's advice is told by `check --deploy`."""
    told = checks.run_checks(include_deployment_checks=True, databases=["default"])
    ours = [one for one in told if one.is_serious() or str(one.id).startswith("meyasu.")]
    for one in ours:
        judge = wrong if one.is_serious() else advice
        yield judge("settings", str(one.msg), str(one.hint or "See docs/operate.md."))
    if not ours:
        yield good("settings", "Nothing to remark.")


def _database_time() -> datetime | None:
    """None for SQLite, which has no clock but ours."""
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        told: datetime = cursor.fetchone()[0]
    return told


def _redis_time() -> datetime | None:
    """None where Redis does not answer, which `broker` says."""
    try:
        with doorbell.client() as client:
            seconds, microseconds = client.time()
    except (redis.RedisError, ValueError):
        return None
    return datetime.fromtimestamp(seconds, UTC) + timedelta(microseconds=microseconds)
