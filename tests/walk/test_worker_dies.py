"""Workers die: at each step of one mail, and again and again over 300; none lost, none doubled."""

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
from django.conf import settings

from complaints import audit
from complaints.intake import store
from complaints.intake.raw import RawMessage
from complaints.models import AuditEntry, Complaint
from incidents import pipeline
from incidents.models import Incident
from tests import make, servers
from tests.make import at

MAILS = 300
ARRIVED = at("1998-01-20 16:00")
ONCE_EACH = ("mail-received", "complaint-parsed", "complaint-linked", "complaint-joined")
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


POINTS = {
    "raw mail is on the disk": "complaints.rawstore.keep_all",
    "its rows are written, not committed": "complaints.intake.store._note_arrivals",
    "its rows are committed": "complaints.intake.store._keep_rows",
    "its lease is taken": "complaints.querysets.ComplaintQuerySet.lease",
    "what it says is written, not committed": "complaints.parsing._save_details",
    "it is read": "complaints.parsing._save",
    "its links are written, not committed": "complaints.linking.link.save_links",
    "its incident is open, not committed": "incidents.grouping.assign._join",
    "it is grouped": "incidents.grouping.assign._group",
}
# Walks one mail, and dies as soon as the function named has done its work.
WALK_UNTIL_KILLED = """
import os, signal, sys
from importlib import import_module
import django
django.setup()
from django.utils.module_loading import import_string
place, _, name = sys.argv[1].rpartition(".")
try:
    owner = import_module(place)
except ImportError:
    owner = import_string(place)
done = getattr(owner, name)
def die(*given, **named):
    done(*given, **named)
    os.kill(os.getpid(), signal.SIGKILL)
setattr(owner, name, die)
from tests.walk import test_worker_dies
test_worker_dies.walk_one()
"""


@pytest.mark.parametrize("point", POINTS)
def test_a_worker_that_dies_after_any_step_loses_and_doubles_nothing(
    transactional_db, data_dir, point
):
    _have_relayed(1)
    died = subprocess.run(
        [sys.executable, "-c", WALK_UNTIL_KILLED, POINTS[point]],
        env=servers.environment_of_this_test(),
        cwd=settings.BASE_DIR,
        check=False,
        timeout=60,
    )
    assert died.returncode == -signal.SIGKILL

    # The source was told nothing, so it hands the mail over again; the lease has run out.
    walk_one(now=ARRIVED + 2 * settings.MEYASU_LEASE)

    complaint = Complaint.objects.get()
    assert complaint.stage == Complaint.Stage.GROUPED
    assert Incident.objects.get().memberships.count() == 1
    assert complaint.reported_messages.count() == complaint.links.count() == 1
    assert complaint.arrivals.count() == 1
    acts = Counter(AuditEntry.objects.values_list("action", flat=True))
    assert [acts[act] for act in ONCE_EACH] == [1] * 4
    assert list(audit.verify()) == []


def walk_one(now=ARRIVED):
    """One mail from its bytes to its incident."""
    raw = MAIL.format(number=0).encode()
    kept = store.keep_message(RawMessage(raw, "file", ARRIVED), now=now)
    pipeline.advance(kept.complaint, now=now)


@pytest.mark.timeout(150)
def test_killed_workers_lose_and_double_nothing(transactional_db, data_dir, tmp_path):
    _have_relayed(MAILS)
    for number in range(MAILS):
        raw = MAIL.format(number=number).encode()
        store.keep_message(RawMessage(raw, "file", ARRIVED), now=ARRIVED)

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
    assert [acts[act] for act in ONCE_EACH] == [MAILS] * 4
    assert list(audit.verify()) == []


def _have_relayed(count):
    make.organisation()
    host = make.mail_host()
    for number in range(count):
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
