"""The page of the mailboxes: how fetching goes in words, pause, and the test of a connection."""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from complaints.intake.mailbox import fetch_mailbox
from complaints.models import AuditEntry, Mailbox, MailFolder
from tests import make
from tests.complaints.intake.conftest import Account, mail, row_of
from tests.make import at
from tests.servers import dovecot

pytestmark = pytest.mark.django_db
NOW = at("1998-01-20 17:00")
PAGE = "/mailboxes/"


@pytest.fixture
def manager(client):
    client.force_login(User.objects.create_superuser("manager"))
    return client


@pytest.fixture
def account(tmp_path):
    """An account on a Dovecot of this test."""
    with dovecot(tmp_path / "dovecot") as server:
        yield Account(server)


def test_a_connection_is_tested_by_signing_in_and_counting(manager, account, data_dir):
    account.deliver(mail(1), mail(2))
    account.make_anew("Spam Reports")
    box = row_of(account)

    page = manager.post(reverse("complaints:test-mailbox", args=[box.name])).content.decode()

    assert "Signed in" in page
    assert "Spam Reports" in page
    assert '<tr><th>INBOX</th><td class="number">2</td><td class="number">2</td></tr>' in page
    assert account.seen() == 0
    box.refresh_from_db()
    assert (box.last_contact_at, box.lease_holder) == (None, "")


def test_what_is_wrong_is_said_in_words(manager):
    Mailbox.objects.create(name="gone", host="127.0.0.1", port=9, security="none", username="x")

    page = manager.post(reverse("complaints:test-mailbox", args=["gone"])).content.decode()

    assert "no usable password is stored" in page


def test_the_page_shows_contact_backlog_rate_and_trouble(manager, account, data_dir):
    account.deliver(mail(1), mail(2))
    box = row_of(account)
    fetch_mailbox(box, now=at("2026-11-24 12:00"))
    MailFolder.objects.update(backlog=41)
    Mailbox.objects.create(
        name="other", host="x", username="x", trouble="untrusted", last_error="x: self-signed"
    )

    page = manager.get(PAGE).content.decode()

    assert "24 Nov 2026, 12:00 UTC" in page
    assert "41" in page
    assert "certificate is not trusted" in page.replace("&#x27;", "'")
    assert "self-signed" in page


def test_rates_count_what_came_in_the_last_hour_and_day(account, data_dir):
    box = row_of(account, folders=["INBOX", "Other"])
    account.make_anew("Other")
    account.deliver(mail(1), mail(2))
    fetch_mailbox(box, now=NOW)
    account.deliver(mail(3), folder="Other")
    fetch_mailbox(box, now=at("1998-01-20 20:00"))

    (row,) = Mailbox.objects.with_rates(at("1998-01-20 20:30"))

    assert (row.last_hour, row.last_day, row.backlog) == (1, 3, 0)


def test_a_paused_mailbox_is_not_fetched_and_the_history_says_who(manager, account, data_dir):
    box = row_of(account)
    account.deliver(mail(1))
    address = reverse("complaints:pause-mailbox", args=[box.name])

    manager.post(address, {"pause": "yes"})
    assert fetch_mailbox(box, now=NOW).busy
    manager.post(address, {"go-on": "yes"})
    manager.post(address, {"go-on": "yes"})

    assert fetch_mailbox(box, now=NOW).stored == 1
    acts = AuditEntry.objects.exclude(action="mail-received").values_list("action", "actor")
    assert list(acts) == [("mailbox-paused", "manager"), ("mailbox-resumed", "manager")]


@pytest.mark.parametrize("role", ["reader", "agent", "lead"])
def test_only_who_sets_up_mailboxes_may_act(client, role):
    Mailbox.objects.create(name="abuse", host="x", username="x")
    client.force_login(make.user(role, role=role))

    assert client.get(PAGE).status_code == (200 if role == "lead" else 403)
    for name in ("pause-mailbox", "test-mailbox"):
        assert client.post(reverse(f"complaints:{name}", args=["abuse"])).status_code == 403
    if role == "lead":
        assert "Test connection" not in client.get(PAGE).content.decode()
