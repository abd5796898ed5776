"""The admin: what a desk sets up, each change recorded; evidence that nobody changes."""

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.urls import reverse

from complaints import secrets
from complaints.models import AuditEntry, Mailbox, MailHost, Network, Organisation
from tests import make
from tests.make import at

pytestmark = pytest.mark.django_db
EVIDENCE = ("complaint", "relayedmessage", "refusal", "auditentry")
SET_UP = ("mailbox", "logsource", "organisation", "mailhost", "network", "customer")
BOX = {
    "name": "abuse",
    "host": "imap.example.org",
    "port": 993,
    "security": "tls",
    "username": "desk",
    "password": "a long secret",
    "sign_in": "password",
    "folders": "INBOX",
    "afterwards": "seen",
}


@pytest.fixture
def manager(client):
    client.force_login(User.objects.create_superuser("manager"))
    return client


def address(model: str, *keys) -> str:
    """The list of a table, or the page of one row."""
    what = "change" if keys else "changelist"
    return reverse(f"admin:complaints_{model}_{what}", args=keys)


@pytest.mark.parametrize("model", [*EVIDENCE, *SET_UP])
def test_every_table_is_listed(manager, model):
    make.relayed_message()
    make.refusal()
    make.complaint()

    assert manager.get(address(model)).status_code == 200


@pytest.mark.parametrize("model", EVIDENCE)
def test_evidence_is_neither_added_nor_changed_nor_deleted(manager, model):
    make.refusal()
    make.relayed_message()
    Network.objects.all().delete()
    manager.post(reverse("admin:complaints_mailbox_add"), BOX)  # so that there is a history
    make.complaint()
    row = apps.get_model("complaints", model).objects.first()

    assert manager.get(address(model, row.pk)).status_code == 200
    assert manager.get(reverse(f"admin:complaints_{model}_add")).status_code == 403
    assert manager.post(address(model, row.pk), {}).status_code == 403
    deleting = reverse(f"admin:complaints_{model}_delete", args=[row.pk])
    assert manager.post(deleting, {"post": "yes"}).status_code == 403
    all_of_them = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    manager.post(address(model), all_of_them)
    assert apps.get_model("complaints", model).objects.filter(pk=row.pk).exists()


def test_a_password_is_written_and_never_shown_again(manager):
    manager.post(reverse("admin:complaints_mailbox_add"), BOX)

    box = Mailbox.objects.get()
    page = manager.get(address("mailbox", box.pk)).content.decode()
    assert secrets.password_of(box) == "a long secret"
    assert "a long secret" not in page
    assert bytes(box.password_encrypted).decode() not in page


def test_a_stored_password_is_kept_but_goes_to_no_other_server(manager):
    manager.post(reverse("admin:complaints_mailbox_add"), BOX)
    box = Mailbox.objects.get()

    manager.post(address("mailbox", box.pk), BOX | {"password": "", "folders": "INBOX\nAbuse"})
    box.refresh_from_db()
    assert (box.folders, secrets.password_of(box)) == (["INBOX", "Abuse"], "a long secret")

    other = BOX | {"password": "", "host": "imap.elsewhere.example"}
    page = manager.post(address("mailbox", box.pk), other)
    assert "Enter it again" in page.content.decode()
    box.refresh_from_db()
    assert box.host == "imap.example.org"


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"password": ""}, "A password, or a variable with it, is needed."),
        ({"password_variable": "SECRET_KEY"}, "must begin with MEYASU_MAILBOX_"),
        ({"security": "none"}, "only this very machine is asked"),
        ({"afterwards": "move"}, "Name the folder to move mail to."),
    ],
)
def test_a_mailbox_that_cannot_work_is_refused(manager, change, refusal):
    page = manager.post(reverse("admin:complaints_mailbox_add"), BOX | change)

    assert refusal in page.content.decode()
    assert not Mailbox.objects.exists()


def test_a_mailbox_that_was_put_right_is_asked_at_once(manager):
    manager.post(reverse("admin:complaints_mailbox_add"), BOX)
    Mailbox.objects.update(next_attempt_at=at("2099-01-01 00:00"), failures_in_a_row=9)

    manager.post(address("mailbox", Mailbox.objects.get().pk), BOX)

    assert Mailbox.objects.get().next_attempt_at is None


def test_each_change_stands_in_the_history_with_before_and_after_but_no_secret(manager):
    manager.post(reverse("admin:complaints_mailbox_add"), BOX)
    box = Mailbox.objects.get()
    manager.post(address("mailbox", box.pk), BOX | {"folders": "INBOX\nAbuse"})
    manager.post(reverse("admin:complaints_mailbox_delete", args=[box.pk]), {"post": "yes"})

    acts = AuditEntry.objects.values_list("action", "actor", "details__fields")
    assert [(action, actor) for action, actor, _ in acts] == [
        ("mailbox-added", "manager"),
        ("mailbox-changed", "manager"),
        ("mailbox-deleted", "manager"),
    ]
    assert acts[1][2] == ["folders", "password"]
    changes = AuditEntry.objects.get(action="mailbox-added").details["changes"]
    assert changes["host"] == {"before": "", "after": "imap.example.org"}
    assert "a long secret" not in str(list(AuditEntry.objects.values_list("details", flat=True)))


def test_what_a_value_was_before_can_be_read_in_the_history(manager):
    host = make.mail_host()
    form = {"name": "mail", "fqdn": "mx.example.org", "addresses": "192.0.2.25", "mta": "sendmail"}
    manager.post(
        address("mailhost", host.pk), form | {"log_utc_offset": "+00:00", "probe_port": 25}
    )

    changes = AuditEntry.objects.get(action="mailhost-changed").details["changes"]
    assert changes["fqdn"] == {"before": "mail.example.org", "after": "mx.example.org"}
    assert changes["probe_confirmed_by"] == {"before": "lead", "after": ""}


def test_who_we_are_is_written_a_line_each(manager):
    make.organisation()
    form = {
        "name": "Example",
        "domains": "Example.ORG\r\n\r\nexample.net\r\n",
        "mailboxes": "abuse@example.org",
        "utc_offset": "+09:00",
    }

    manager.post(address("organisation", 1), form)
    assert Organisation.objects.get().domains == ["example.org", "example.net"]

    page = manager.post(address("organisation", 1), form | {"domains": "a b", "utc_offset": "9"})
    assert "is no domain" in page.content.decode()
    assert "such as +09:00" in page.content.decode()


def test_what_is_no_network_is_refused(manager):
    adding = reverse("admin:complaints_network_add")
    manager.post(adding, {"prefix": "198.51.100.7/24"})
    page = manager.post(adding, {"prefix": "everything"})

    assert "is no network" in page.content.decode()
    assert Network.objects.get().prefix == "198.51.100.0/24"


def test_a_host_is_confirmed_by_name_and_anew_when_its_address_changes(manager):
    host = make.mail_host(probe_confirmed_at=None, probe_confirmed_by="")
    manager.post(address("mailhost"), {"action": "confirm_probing", "_selected_action": [host.pk]})
    host.refresh_from_db()
    assert host.probe_confirmed_by == "manager"
    assert AuditEntry.objects.get().action == "probing-confirmed"

    form = {
        "name": host.name,
        "fqdn": host.fqdn,
        "addresses": "192.0.2.26",
        "log_utc_offset": "+00:00",
        "probe_port": 25,
    }
    manager.post(address("mailhost", host.pk), form)
    host.refresh_from_db()
    assert (host.addresses, host.probe_confirmed_at) == (["192.0.2.26"], None)
    assert MailHost.objects.get().probe_confirmed_by == ""
