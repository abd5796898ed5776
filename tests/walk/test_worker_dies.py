"""Workers are killed over 300 mails and the broker is emptied: none lost, none doubled."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis

from complaints.intake import store
from complaints.intake.raw import RawMessage
from complaints.models import AuditEntry, Complaint
from incidents.models import Incident
from tests import make, servers
from tests.make import at

MAILS = 300
ENDS = (Complaint.Stage.GROUPED, Complaint.Stage.OPEN)
MAIL = """\
From: Reporter {number} <reporter{number}@far.example>
To: abuse@example.org
Date: Tue, 20 Jan 1998 16:00:00 +0000
Subject: Spam through your server
Message-ID: <report-{number}@far.example>

Please stop this spam, it was relayed by your server:

Received: from riches (line7.dial.example [198.51.100.7])
\tby mail.example.org (8.8.5/8.8.5) with SMTP id AAA{number:05};
\tTue, 20 Jan 1998 04:00:00 +0000
From: winner@riches.example
Subject: Riches for everybody
Message-Id: <spam-{number}@riches.example>

Be rich by Friday. http://www.riches.example/{number}
"""


@pytest.mark.timeout(150)
def test_killed_workers_lose_and_double_nothing(transactional_db, data_dir, tmp_path):
    _have_relayed_all()
    for number in range(MAILS):
        raw = MAIL.format(number=number).encode()
        store.keep_message(
            RawMessage(raw, "file", at("1998-01-20 16:00")), now=at("1998-01-20 16:00")
        )

    with servers.redis_server(tmp_path / "redis") as socket, _beat(socket):
        for kill_at in (MAILS // 6, MAILS // 3, MAILS // 2):
            with _worker(socket) as worker:
                _wait_until(lambda done=kill_at: _ended() >= done, worker)
                os.killpg(worker.pid, signal.SIGKILL)
        redis.Redis(unix_socket_path=socket).flushall()
        with _worker(socket) as worker:
            _wait_until(lambda: _ended() == MAILS, worker)

    assert Complaint.objects.count() == MAILS
    incident = Incident.objects.get()
    assert incident.memberships.count() == MAILS
    for complaint in Complaint.objects.prefetch_related("links__message", "reported_messages"):
        assert len(complaint.reported_messages.all()) == 1
        assert len(complaint.links.all()) == 1
    acts = Counter(AuditEntry.objects.values_list("action", flat=True))
    once_each = ("mail-received", "complaint-parsed", "complaint-linked", "complaint-joined")
    assert [acts[act] for act in once_each] == [MAILS] * 4


def _have_relayed_all():
    make.organisation()
    host = make.mail_host()
    for number in range(MAILS):
        make.relayed_message(
            host=host, queue_id=f"AAA{number:05}", message_id=f"spam-{number}@riches.example"
        )


def _ended():
    return Complaint.objects.filter(stage__in=ENDS).count()


def _wait_until(reached, worker):
    give_up_at = time.monotonic() + 100
    while not reached():
        assert worker.poll() is None, "the worker ended by itself"
        assert time.monotonic() < give_up_at, f"only {_ended()} of {MAILS} came to an end"
        time.sleep(0.02)


@contextmanager
def _worker(socket):
    with _celery(socket, "worker", "--concurrency", "2", "--loglevel", "ERROR") as worker:
        yield worker


@contextmanager
def _beat(socket):
    with _celery(socket, "beat", "--loglevel", "ERROR", "--pidfile=") as beat:
        yield beat


@contextmanager
def _celery(socket, *arguments):
    """A real Celery process in a process group of its own, so that its children die with it."""
    process = subprocess.Popen(
        [str(Path(sys.executable).with_name("celery")), "--app", "config", *arguments],
        env=servers.environment_of_this_test(
            REDIS_URL=f"redis+socket://{socket}", MEYASU_SWEEP_EVERY="1", MEYASU_LEASE="4"
        ),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=10)
