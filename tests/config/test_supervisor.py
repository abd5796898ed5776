"""One command runs the whole system: what dies comes back, and nothing is left when it stops."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis

from config import broker, supervisor
from tests import servers

WITHIN_SECONDS = 150


@contextmanager
def system(bind):
    """`manage.py serve` as a user starts it."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", "serve"],
        env=servers.environment_of_this_test(MEYASU_BIND=bind),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(timeout=90)


@pytest.mark.timeout(600)
def test_a_killed_worker_comes_back_and_stopping_leaves_nothing(transactional_db, data_dir):
    data_dir.mkdir(parents=True)
    bind = f"127.0.0.1:{servers.free_port()}"
    with system(bind) as process:
        _wait_until(lambda: _answers(f"http://{bind}/healthz") == 200)
        first = _wait_until(lambda: _workers(data_dir))
        for pid in first:
            os.kill(pid, signal.SIGKILL)
        _wait_until(lambda: (now := _workers(data_dir)) and not now & first)
        # The new worker takes up work again: a job begins, and is noted anew.
        with redis.Redis(unix_socket_path=str(data_dir / "redis" / "redis.sock")) as noted:
            noted.delete(broker.LAST_JOB)
        _wait_until(lambda: _answers(f"http://{bind}/readyz") == 200)
        everybody = _ours(data_dir)
        assert len(everybody) >= 5
        process.terminate()
        process.wait(timeout=90)
    _wait_until(lambda: not _ours(data_dir))


def test_redis_is_run_only_where_no_other_is_named(settings):
    settings.REDIS_URL = ""
    assert "redis" in [program.name for program in supervisor.programs()]
    settings.REDIS_URL = "redis://127.0.0.1:6379/0"
    assert "redis" not in [program.name for program in supervisor.programs()]


def _answers(url):
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status
    except urllib.error.HTTPError as refusal:
        return refusal.code
    except OSError:
        return 0


def _workers(data_dir):
    """The process IDs of this system's Celery worker, found by its environment."""
    return {pid for pid, command in _ours(data_dir).items() if b"\0worker\0" in command}


def _ours(data_dir):
    """Every process that has this test's data folder in its environment, but this one's."""
    wanted = f"MEYASU_DATA_DIR={data_dir}".encode()
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if wanted in (folder / "environ").read_bytes().split(b"\0"):
                found[int(folder.name)] = (folder / "cmdline").read_bytes()
        except OSError:
            continue  # it ended while we looked
    return {pid: command for pid, command in found.items() if command}


def _wait_until(condition):
    give_up_at = time.monotonic() + WITHIN_SECONDS
    while True:
        if reached := condition():
            return reached
        assert time.monotonic() < give_up_at, "it did not happen in time"
        time.sleep(0.2)
