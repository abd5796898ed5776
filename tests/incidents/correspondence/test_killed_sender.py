"""A sender killed at any instant: each letter has gone once, or waits for a person.

The letters leave through a real Postfix, which hands them on to their recipients' server. What
was perhaps sent is looked for in Postfix's own log afterwards, by the job that always does it.
"""

import os
import random
import signal
import smtplib
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from email import message_from_bytes

import pytest

from complaints.intake import maillog
from complaints.models import LogSource
from incidents.correspondence import outbox, sightings, tokens
from incidents.models import Letter
from tests import make, servers

# Forty of the thousand of the acceptance. The whole: MEYASU_TEST_LETTERS=1000
LETTERS = int(os.environ.get("MEYASU_TEST_LETTERS", "40"))
KILLS = max(4, LETTERS // 10)
STARTED_AT = datetime.now(UTC).replace(microsecond=0)
ARRIVES_WITHIN_SECONDS = 60
State = Letter.State

POSTFIX = """
default_transport = onward:[127.0.0.1]:{sink}
relay_transport = onward:[127.0.0.1]:{sink}
smtp_bind_address = 127.0.0.1
maillog_file = {log}
maillog_file_prefixes = /
"""
DOORS = """
onward unix - - n - - smtp
postlog unix-dgram n - n - 1 postlogd
"""
# For each line it reads it lets a child of its own send: starting Django takes longer than sending.
SENDER = """
import os, sys
import django; django.setup()
from datetime import datetime
from incidents.correspondence import outbox
now = datetime.fromisoformat(sys.argv[1])
while sys.stdin.readline():
    child = os.fork()
    if not child:
        while outbox.send_due(now=now):
            pass
        os._exit(0)
    print(child, flush=True)
    sys.stdin.readline()
    os.waitpid(child, 0)
    print("ended", flush=True)
"""


@pytest.mark.timeout(2400)
@pytest.mark.django_db(transaction=True)
def test_each_letter_has_gone_once_or_waits_for_a_person(settings, tmp_path):
    make.organisation()
    _letters(make.incident())
    log = tmp_path / "maillog"
    with servers.mail_sink() as sink:
        main = POSTFIX.replace("{sink}", str(sink.port)).replace("{log}", str(log))
        with servers.postfix(main, doors=DOORS) as port:
            chance = random.Random(1998)
            with _sender(port) as sender:
                for _ in range(KILLS):
                    _run_and_kill(sender, chance)
                _begin(sender)
                _end(sender)
            settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
            outbox.send_due(now=STARTED_AT + outbox.LEASE)  # what was in hand is perhaps sent
            perhaps = set(Letter.objects.filter(state=State.UNSURE).values_list("pk", flat=True))
            _wait_for_the_mail(sink)
        LogSource.objects.create(path=str(log), host=make.mail_host(log_utc_offset="+00:00"))
        maillog.read_new_lines(LogSource.objects.get(), now=STARTED_AT + timedelta(hours=1))
        outbox.send_due(now=STARTED_AT + outbox.LEASE)

    letters = list(Letter.objects.all())
    got = Counter((_id_of(mail), mail.recipients[0]) for mail in sink.mails)
    fates = Counter(letter.state for letter in letters)
    found = perhaps - {letter.pk for letter in letters if letter.state == State.UNSURE}
    print(
        f"{LETTERS} letters, {KILLS} kills: {sum(got.values())} received, each once; "
        f"{len(perhaps)} perhaps sent, {len(found)} of them found in the log: {dict(fates)}"
    )
    assert max(got.values()) == 1
    assert {recipient for _, recipient in got} <= {letter.to_address for letter in letters}
    assert set(fates) <= {State.SENT, State.UNSURE}
    assert len(perhaps) <= KILLS
    for letter in letters:
        went = got[letter.message_id, letter.to_address]
        assert went == (letter.state == State.SENT), letter


@pytest.mark.django_db(transaction=True)
def test_a_letter_that_broke_off_within_its_text_is_not_taken_for_sent(tmp_path):
    """Postfix logs its Message-ID as soon as the head is there, and then throws it away."""
    make.organisation()
    _letters(make.incident(), count=1)
    letter = Letter.objects.get()
    log = tmp_path / "maillog"
    main = POSTFIX.replace("{sink}", "1").replace("{log}", str(log))
    with servers.postfix(main, doors=DOORS) as port:
        with smtplib.SMTP("127.0.0.1", port) as client:
            client.ehlo()
            client.mail("abuse@example.org")
            client.rcpt(letter.to_address)
            client.docmd("DATA")
            client.send(f"Message-ID: {letter.message_id}\r\n\r\n{'x' * 70}\r\n".encode())
            client.send(b"y" * 70 * 4000)
            client.close()
        _wait_for_words(log, "lost connection after DATA")
    LogSource.objects.create(path=str(log), host=make.mail_host(log_utc_offset="+00:00"))
    maillog.read_new_lines(LogSource.objects.get(), now=STARTED_AT + timedelta(hours=1))
    assert letter.message_id in log.read_text()
    assert sightings.in_the_log([letter]) == {}


def _wait_for_words(log, words):
    give_up_at = time.monotonic() + ARRIVES_WITHIN_SECONDS
    while not (log.exists() and words in log.read_text()):
        assert time.monotonic() < give_up_at, f"the log does not say “{words}”"
        time.sleep(0.1)


def _run_and_kill(sender, chance):
    """Kill a sender some milliseconds after it has begun a letter."""
    begun = Letter.objects.exclude(state=State.APPROVED)
    before = begun.count()
    child = _begin(sender)
    while before < LETTERS and begun.count() == before:
        time.sleep(0.001)
    time.sleep(chance.random() * 0.2)
    os.kill(child, signal.SIGKILL)  # where it has ended, it is still there to be waited for
    _end(sender)


def _begin(sender):
    sender.stdin.write("go\n")
    sender.stdin.flush()
    return int(sender.stdout.readline())


def _end(sender):
    sender.stdin.write("wait for it\n")
    sender.stdin.flush()
    assert sender.stdout.readline() == "ended\n"


def _sender(port):
    environment = servers.environment_of_this_test(
        MEYASU_SMTP_HOST="127.0.0.1",
        MEYASU_SMTP_PORT=str(port),
        MEYASU_LETTERS_AN_HOUR="1000000",
    )
    command = [sys.executable, "-c", SENDER, STARTED_AT.isoformat()]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe, text=True)


def _wait_for_the_mail(sink):
    """Until all that is known to be sent is there, and what is perhaps sent has had its time."""
    sent = set(Letter.objects.filter(state=State.SENT).values_list("message_id", flat=True))
    give_up_at = time.monotonic() + ARRIVES_WITHIN_SECONDS
    while sent - {_id_of(mail) for mail in sink.mails}:
        assert time.monotonic() < give_up_at, "letters that were sent did not arrive"
        time.sleep(0.1)
    time.sleep(2)


def _id_of(mail):
    return message_from_bytes(mail.raw)["Message-ID"]


def _letters(incident, *, count=LETTERS):
    for number in range(count):
        token = tokens.new_token()
        Letter.objects.create(
            incident=incident,
            kind="upstream",
            state=State.APPROVED,
            to_name=f"Desk {number}",
            to_address=f"abuse@desk{number}.example",
            subject="Bulk mail",
            body="Please stop it.",
            token=token,
            message_id=tokens.message_id(token, "example.org"),
            drafted_at=STARTED_AT,
            drafted_by="agent",
            approved_at=STARTED_AT,
        )
