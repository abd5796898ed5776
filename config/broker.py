"""The broker, and whether it is heard: each job notes there that it began."""

import time

import redis
from django.conf import settings

LAST_JOB = "meyasu:last-job-began"
# Longer than any job may take (task_time_limit): by then the next one must have begun.
SILENT_SECONDS = 300
NOBODY = "Is the system running (make run)? A worker and the scheduler belong to it."


def client() -> redis.Redis:
    """A client that waits two seconds at most; the caller closes it."""
    if url := settings.REDIS_URL:
        # Celery's word for a Unix socket, which redis-py does not know
        url = url.replace("redis+socket://", "unix://", 1).replace("?virtual_host=", "?db=", 1)
        return redis.Redis.from_url(url, socket_timeout=2)
    return redis.Redis(unix_socket_path=str(settings.MEYASU_REDIS_SOCKET), socket_timeout=2)


def problem() -> str:
    """Why Redis does not answer, in words; "" if it does."""
    try:
        with client() as connection:
            connection.ping()
    except (redis.RedisError, ValueError) as error:  # ValueError: no URL of a Redis
        return f"Redis does not answer ({error}); work goes on, but slowly"
    return ""


def note_job() -> None:
    """Note that a job begins: the scheduler rang, and a worker heard it.

    raises   redis.RedisError
    """
    with client() as connection:
        connection.set(LAST_JOB, int(time.time()))


def silence() -> str:
    """Since when no job has begun, in words; "" if one has within five minutes.

    By the machine's clock, never the played one. Where Redis does not answer, `problem` says so.
    """
    try:
        with client() as connection:
            noted = connection.get(LAST_JOB)
    except (redis.RedisError, ValueError):
        return ""
    if noted is None:
        return "no job has begun yet"
    seconds = int(time.time()) - int(noted)
    return f"no job has begun for {seconds // 60} minutes" if seconds > SILENT_SECONDS else ""
