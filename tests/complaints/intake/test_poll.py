"""The poll command: once, or staying to listen; told to end, it leaves nothing held."""

import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from complaints.intake import imap, mailbox
from complaints.models import Complaint, Mailbox
from tests import servers
from tests.complaints.intake.conftest import mail, row_of
from tests.make import at

NOW = at("1998-01-20 17:00")


def test_poll_once_fetches_what_is_there_and_says_how_much(inbox, account, capsys):
    account.deliver(mail(1), mail(2))

    call_command("poll", "--once")

    assert capsys.readouterr().out == "abuse: 2 new\n"
    assert Complaint.objects.count() == 2


def test_poll_once_asks_even_a_mailbox_that_waits_after_trouble(inbox, account):
    mailbox.release(inbox, now=at("2099-01-01 00:00"), failure="the server was away")
    account.deliver(mail(1))

    call_command("poll", "--once", "--mailbox", "abuse")

    assert Complaint.objects.count() == 1


def test_poll_says_what_is_wrong(inbox):
    with pytest.raises(CommandError, match=r"no mailbox postmaster\. Known: abuse"):
        call_command("poll", "--once", "--mailbox", "postmaster")

    inbox.password_encrypted = b""
    inbox.save()
    with pytest.raises(CommandError, match="no password is stored"):
        call_command("poll", "--once")


def test_idling_ends_when_mail_comes(inbox, account):
    mailbox.lease(inbox, now=NOW)
    with imap.session(inbox, account.server.password) as session:
        mailbox.fetch_new(session, inbox, now=NOW)
        threading.Timer(0.3, account.deliver, [mail(1)]).start()
        started_at = time.monotonic()

        assert session.wait_for_mail(20)

        assert time.monotonic() - started_at < 10
        assert mailbox.fetch_new(session, inbox, now=NOW).stored == 1


def test_a_poller_listens_and_ends_when_it_is_told(transactional_db, data_dir, account):
    row_of(account)
    with _poller() as poller:
        account.deliver(mail(1))
        _wait_until(lambda: Complaint.objects.count() == 1)
        account.deliver(mail(2))  # while it idles
        _wait_until(lambda: Complaint.objects.count() == 2)
        _wait_until(lambda: account.seen() == 2)

        poller.send_signal(signal.SIGTERM)
        assert poller.wait(timeout=10) == 0

    assert Mailbox.objects.get().lease_holder == ""


def test_a_killed_poller_loses_nothing(transactional_db, data_dir, account):
    box = row_of(account)
    account.deliver(*(mail(number) for number in range(200)))
    for kill_at in (20, 90, 150):
        with _poller() as poller:
            _wait_until(lambda done=kill_at: Complaint.objects.count() >= done)
            poller.kill()
            poller.wait(timeout=10)
        # Its lease would run out by itself, in minutes.
        Mailbox.objects.filter(pk=box.pk).update(lease_until=None)

    call_command("poll", "--once")

    assert Complaint.objects.count() == 200
    assert account.seen() == 200


@contextmanager
def _poller():
    process = subprocess.Popen(
        [sys.executable, str(settings.BASE_DIR / "manage.py"), "poll"],
        env=servers.environment_of_this_test(SECRET_KEY=settings.SECRET_KEY),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait(timeout=10)


def _wait_until(reached):
    give_up_at = time.monotonic() + 90  # a whole process starts meanwhile, on a busy machine too
    while not reached():
        assert time.monotonic() < give_up_at
        time.sleep(0.02)
