"""Mail from a real Dovecot: what a mail costs to be stored, and to be walked to its end.

`make bench ARGS="-k intake"`, with DATABASE_URL for PostgreSQL. Mails per CPU second of all
processes of ours (the poller; the worker with its reading child); what starting them costs is
measured on an empty mailbox and left out. The references run on the same mails: a bare batch
fetch and insert (with the email package's parse, as one would write it without Django), and
mail-parser alone. Ratios of one run on one machine, medians of three.
"""

import base64
import os
import resource
import statistics
import subprocess
import sys

import pytest
from django.conf import settings
from django.db import connection
from imapclient import IMAPClient

from complaints.models import Complaint, Mailbox
from complaints.secrets import set_password
from tests import make, servers
from tests.make import at

MAILS = int(os.environ.get("MEYASU_BENCH_MAILS", "1000"))
ARRIVED = at("1998-01-20 16:00")
WORDS = "Be rich by Friday, and your neighbours too, if they only read what we offer here. "
SPAM = """\
Received: from riches (line7.dial.example [198.51.100.7])
\tby mail.example.org (8.8.5/8.8.5) with SMTP id AAA{number:05};
\tTue, 20 Jan 1998 04:00:00 +0000
From: winner@riches.example
To: friend{number}@far.example
Subject: Riches for everybody, edition {number}
Date: Tue, 20 Jan 1998 03:59:00 +0000
Message-ID: <spam-{number}@riches.example>

{body}
http://www.riches.example/{number}
"""
HEAD = """\
Received: from relay{number}.far.example (relay.far.example [203.0.113.9])
\tby mail.example.org with ESMTP id BBB{number:05}; Tue, 20 Jan 1998 15:59:30 +0000
From: Reporter {number} <reporter{number}@far.example>
To: abuse@example.org
Date: Tue, 20 Jan 1998 15:59:00 +0000
Subject: Spam through your server, number {number}
Message-ID: <report-{number}@far.example>
MIME-Version: 1.0
"""
TOLD = "Please stop this spam, it was relayed by your server to my mailbox {number}."
SHAPES = {
    "plain": "Content-Type: text/plain\n\n{told}\nYour server is 192.0.2.25.\n",
    "pasted": "Content-Type: text/plain\n\n{told}\n\n{spam}",
    "attached": (
        'Content-Type: multipart/mixed; boundary="b"\n\n--b\nContent-Type: text/plain\n\n{told}\n'
        "--b\nContent-Type: message/rfc822\n\n{spam}\n--b--\n"
    ),
    "feedback": (
        'Content-Type: multipart/report; report-type=feedback-report; boundary="b"\n\n'
        "--b\nContent-Type: text/plain\n\n{told}\n--b\nContent-Type: message/feedback-report\n\n"
        "Feedback-Type: abuse\nUser-Agent: Loop/1.0\nVersion: 1\nSource-IP: 198.51.100.7\n"
        "Original-Mail-From: <winner@riches.example>\n\n"
        "--b\nContent-Type: message/rfc822\n\n{spam}\n--b--\n"
    ),
    "picture": (
        'Content-Type: multipart/mixed; boundary="b"\n\n--b\nContent-Type: text/plain\n\n{told}\n'
        "{spam}\n--b\nContent-Type: image/png\nContent-Transfer-Encoding: base64\n"
        'Content-Disposition: attachment; filename="screen.png"\n\n{picture}\n--b--\n'
    ),
}
BARE = """
import email, hashlib, sys
from imapclient import IMAPClient
host, port, user, password, url, folder = sys.argv[1:]
if url.startswith("postgres"):
    import psycopg
    store = psycopg.connect(url)
    put, kind = "INSERT INTO bare VALUES (%s, %s, %s, %s, %s, %s, %s)", "bytea"
else:
    import sqlite3
    store = sqlite3.connect(url)
    store.execute("PRAGMA journal_mode=WAL")
    put, kind = "INSERT INTO bare VALUES (?, ?, ?, ?, ?, ?, ?)", "blob"
store.execute("DROP TABLE IF EXISTS bare")
columns = f"uid bigint, sha text UNIQUE, size bigint, raw {kind}, id text, subject text, parts int"
store.execute(f"CREATE TABLE bare ({columns})")
with IMAPClient(host, int(port), ssl=False) as client:
    client.login(user, password)
    client.select_folder(folder)
    uids = client.search(["ALL"])
    for start in range(0, len(uids), 100):
        got = client.fetch(uids[start:start + 100], ["BODY.PEEK[]", "INTERNALDATE"])
        rows = []
        for uid, told in got.items():
            raw = told[b"BODY[]"]
            read = email.message_from_bytes(raw)
            facts = str(read["Message-ID"]), str(read["Subject"]), sum(1 for _ in read.walk())
            rows.append((uid, hashlib.sha256(raw).hexdigest(), len(raw), raw, *facts))
        store.cursor().executemany(put, rows)
        store.commit()
        client.add_flags(list(got), ["\\\\Seen"], silent=True)
"""
PARSE = """
import sys
import mailparser
from imapclient import IMAPClient
host, port, user, password, _, folder = sys.argv[1:]
with IMAPClient(host, int(port), ssl=False) as client:
    client.login(user, password)
    client.select_folder(folder, readonly=True)
    uids = client.search(["ALL"])
    for start in range(0, len(uids), 100):
        for told in client.fetch(uids[start:start + 100], ["BODY.PEEK[]"]).values():
            mailparser.parse_from_bytes(told[b"BODY[]"]).mail
"""
WALK = """
import django
django.setup()
from complaints import clock
from complaints.models import Complaint
from complaints.reading import pool
from incidents import pipeline
pool._reader._running()
while pipeline.advance_waiting(now=clock.now()):
    pass
pool._reader.close()
"""


def mail(number: int) -> bytes:
    """One mail of the mix, about 5 KB as the peers' were."""
    shape = list(SHAPES)[number % len(SHAPES)]
    spam = SPAM.format(number=number, body=WORDS * 40)
    picture = base64.encodebytes(b"\x89PNG\r\n\x1a\n" + bytes(2000)).decode()
    body = SHAPES[shape].format(told=TOLD.format(number=number), spam=spam, picture=picture)
    return (HEAD.format(number=number) + body).replace("\n", "\r\n").encode()


def _cpu(command: list[str], environment: dict[str, str]) -> float:
    """CPU seconds of a process with those it started."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, env=environment, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


ROUNDS = 3


@pytest.fixture
def account(tmp_path):
    """A mailbox with a folder of other mails for each round, and an empty one."""
    with servers.dovecot(tmp_path / "dovecot") as server:
        with IMAPClient(server.host, server.port, ssl=False) as client:
            client.login(server.username, server.password)
            for folder in range(ROUNDS):
                client.create_folder(f"Round{folder}")
                for number in range(folder * MAILS, (folder + 1) * MAILS):
                    client.append(f"Round{folder}", mail(number), (), ARRIVED)
        yield server


@pytest.mark.timeout(1200)
def test_what_a_mail_costs(transactional_db, data_dir, tmp_path, account):
    make.organisation()
    for number in range(0, ROUNDS * MAILS, 2):  # half of what is reported passed through us
        make.relayed_message(
            queue_id=f"AAA{number:05}",
            message_id=f"spam-{number}@riches.example",
            recipients=[f"friend{number}@far.example"],
        )
    box = Mailbox(
        name="abuse", host=account.host, port=account.port, security="none", folders=["INBOX"]
    )
    box.username = account.username
    set_password(box, account.password)
    box.save()
    environment = servers.environment_of_this_test(SECRET_KEY=settings.SECRET_KEY)
    url = environment["DATABASE_URL"]
    bare_url = url if url.startswith("postgres") else str(tmp_path / "bare.sqlite3")
    signed_in = [account.host, str(account.port), account.username, account.password, bare_url]
    python = sys.executable
    poll = [python, str(settings.BASE_DIR / "manage.py"), "poll", "--once"]
    walk = [python, "-c", WALK]
    idle_poll, idle_walk = (
        statistics.median(_cpu(command, environment) for _ in range(ROUNDS))
        for command in (poll, walk)
    )
    rates: dict[str, list[float]] = {"bare": [], "mail-parser": [], "stored": [], "walked": []}
    for folder in range(ROUNDS):
        for name, program in (("bare", BARE), ("mail-parser", PARSE)):
            command = [python, "-c", program, *signed_in]
            idle = _cpu([*command, "INBOX"], environment)
            rates[name].append(MAILS / (_cpu([*command, f"Round{folder}"], environment) - idle))
        Mailbox.objects.update(folders=[f"Round{folder}"])
        storing = _cpu(poll, environment) - idle_poll
        assert Complaint.objects.filter(stage="received").count() == MAILS
        walking = _cpu(walk, environment) - idle_walk
        assert not Complaint.objects.filter(stage__in=Complaint.WAITING).exists()
        rates["stored"].append(MAILS / storing)
        rates["walked"].append(MAILS / (storing + walking))
    told = {name: statistics.median(found) for name, found in rates.items()}
    print(
        f"\n{connection.vendor}, {MAILS} mails, mails a CPU second: "
        + ", ".join(f"{name} {rate:,.0f}" for name, rate in told.items())
        + f"; stored {told['stored'] / told['bare']:.0%} of bare"
    )
