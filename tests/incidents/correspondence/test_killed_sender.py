"""A sender killed at any instant: each letter has gone once, or waits for a person."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from email import message_from_bytes

import pytest

from incidents.correspondence import outbox, tokens
from incidents.models import Letter
from tests import make, servers
from tests.incidents.correspondence.conftest import NOW

# Forty of the thousand of the acceptance. The whole: MEYASU_TEST_LETTERS=1000
LETTERS = int(os.environ.get("MEYASU_TEST_LETTERS", "40"))
KILLS = max(3, LETTERS // 50)

SENDER = """
import django; django.setup()
from datetime import datetime
from incidents.correspondence import outbox
while outbox.send_due(now=datetime.fromisoformat("1998-01-23T02:30:00+00:00")):
    pass
"""


@pytest.mark.django_db(transaction=True)
def test_each_letter_has_gone_once_or_waits_for_a_person(settings):
    make.organisation()
    _letters(make.incident())
    with servers.mail_sink() as sink:
        chance = random.Random(1998)
        for _ in range(KILLS):
            _run_and_kill(sink, chance)
        _sender(sink).wait(timeout=300)
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
        outbox.send_due(now=NOW + outbox.LEASE)

    got = Counter(message_from_bytes(mail.raw)["Message-ID"] for mail in sink.mails)
    states = dict(Letter.objects.values_list("message_id", "state"))
    fates = Counter(states.values())
    print(f"{LETTERS} letters, {KILLS} kills: {dict(fates)}, {sum(got.values())} received")
    assert max(got.values()) == 1
    assert set(states.values()) <= {Letter.State.SENT, Letter.State.UNSURE}
    assert fates[Letter.State.UNSURE] <= KILLS
    assert all(got[one] == 1 for one, state in states.items() if state == Letter.State.SENT)


def _run_and_kill(sink, chance):
    """Kill the sender some milliseconds after it has handed over a letter."""
    before = len(sink.mails)
    sender = _sender(sink)
    while len(sink.mails) == before and sender.poll() is None:
        time.sleep(0.001)
    time.sleep(chance.random() * 0.05)
    os.kill(sender.pid, signal.SIGKILL)
    sender.wait(timeout=10)


def _sender(sink):
    environment = servers.environment_of_this_test(
        MEYASU_SMTP_HOST="127.0.0.1",
        MEYASU_SMTP_PORT=str(sink.port),
        MEYASU_LETTERS_AN_HOUR="1000000",
    )
    return subprocess.Popen([sys.executable, "-c", SENDER], env=environment)


def _letters(incident):
    for number in range(LETTERS):
        token = tokens.new_token()
        Letter.objects.create(
            incident=incident,
            kind="upstream",
            state=Letter.State.APPROVED,
            to_name=f"Desk {number}",
            to_address=f"abuse@desk{number}.example",
            subject="Bulk mail",
            body="Please stop it.",
            token=token,
            message_id=tokens.message_id(token, "example.org"),
            drafted_at=NOW,
            drafted_by="agent",
            approved_at=NOW,
        )
