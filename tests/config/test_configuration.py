"""All that a desk sets up goes out as one file and comes in again: no secret, all or none."""

import json
from io import StringIO

import pytest
from django.contrib.auth.models import Group, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.core.management.base import CommandError
from django.urls import reverse

from complaints import secrets
from complaints.models import AuditEntry, LogSource, Mailbox, MailHost, Network, Organisation
from config.configuration import document
from config.configuration.document import NotTaken
from incidents.automation import rules
from incidents.automation.terms import Terms
from incidents.correspondence import texts
from incidents.models import Acknowledging, Contact, LetterText, ListZone, ReportReader, Rule
from tests import make
from tests.make import at

pytestmark = pytest.mark.django_db
NOW = at("1998-01-22 12:00")
SECRET = "a long secret"


@pytest.fixture
def desk(tmp_path):
    """A desk with something in every table."""
    make.organisation(name="Ministry", utc_offset="+09:00")
    host = make.mail_host(name="mail")
    box = Mailbox(name="abuse", host="imap.example.org", username="desk", address="a@example.org")
    secrets.set_password(box, SECRET)
    box.save()
    log = tmp_path / "maillog"
    log.write_text("")
    LogSource.objects.create(path=str(log), host=host)
    Contact.objects.create(
        name="Slipstream", kind="provider", email="a@slipstream.example", networks=["192.0.2.0/24"]
    )
    ListZone.objects.create(name="Example list", zone="dnsbl.example", every_minutes=30)
    ReportReader.objects.create(name="Boss", email="boss@example.org", since="1998-01-01")
    Acknowledging.objects.create(pk=1, enabled=True, enabled_at=NOW, hours_between=12)
    anna = make.user("anna", "lead")
    anna.set_password(SECRET)
    anna.is_superuser = True
    anna.save()
    rules.save(Terms("to-lead", "complaint-joined", tell="lead"), based_on=None, by="anna", now=NOW)
    texts.change("upstream", "", "en", subject="S", body="B $host", by="anna", now=NOW)


def empty():
    """As on another machine, on which nothing is set up."""
    for model in (LogSource, Mailbox, Contact, ListZone, ReportReader, Acknowledging, Rule,
                  LetterText, User, Group, Network, MailHost, Organisation):  # fmt: skip
        model.objects.all().delete()


def test_what_goes_out_comes_in_again_as_it_was(desk):
    out = json.loads(json.dumps(document.export()))
    empty()
    changed = document.take_in(out, by="command", now=NOW)
    assert all(changed[section] for section in out if out[section] and section != "meyasu")
    paused = [dict(box, paused=True) for box in out["mailboxes"]]  # no password came with it
    assert json.loads(json.dumps(document.export())) == out | {"mailboxes": paused}
    entries = AuditEntry.objects.count()
    assert not any(document.take_in(document.export(), by="command", now=NOW).values())
    assert AuditEntry.objects.count() == entries  # what stands so already is no change


def test_no_secret_goes_out_and_nobody_becomes_a_superuser_by_it(desk):
    words = json.dumps(document.export())
    kept = bytes(Mailbox.objects.get().password_encrypted).decode()
    for secret in (SECRET, kept, User.objects.get().password, "superuser"):
        assert secret not in words
    empty()
    document.take_in(json.loads(words), by="command", now=NOW)
    anna = User.objects.get()
    assert not anna.is_superuser
    assert not anna.has_usable_password()
    assert anna.has_perm("incidents.approve_notice")  # by the role, which came with its rights
    box = Mailbox.objects.get()
    assert (box.paused, bytes(box.password_encrypted)) == (True, b"")


def test_a_stored_password_goes_to_no_other_server(desk):
    out = document.export()
    document.take_in(out, by="command", now=NOW)
    assert Mailbox.objects.get().password_encrypted
    out["mailboxes"][0]["host"] = "imap.evil.example"
    document.take_in(out, by="command", now=NOW)
    box = Mailbox.objects.get()
    assert (box.host, box.paused, bytes(box.password_encrypted)) == ("imap.evil.example", True, b"")


def test_a_log_that_is_not_there_is_paused(desk, tmp_path):
    out = document.export()
    (tmp_path / "maillog").unlink()
    document.take_in(out, by="command", now=NOW)
    assert LogSource.objects.get().paused


def test_each_change_is_in_the_history_with_before_and_after_and_the_rest_is_left(desk):
    out = document.export()
    out["contacts"] = [
        {"kind": "provider", "name": "Slipstream", "email": "new@slipstream.example"}
    ]
    before = AuditEntry.objects.count()
    assert document.take_in(out, by="anna", now=NOW)["contacts"] == 1
    (told,) = AuditEntry.objects.order_by("sequence")[before:]
    assert told.action == "contact-changed"
    said = told.details["changes"]
    assert said == {"email": {"before": "a@slipstream.example", "after": "new@slipstream.example"}}
    assert Contact.objects.get().networks == ["192.0.2.0/24"]


@pytest.mark.parametrize(
    ("section", "content", "words"),
    [
        ("meyasu", "x", "no configuration"),
        ("gadgets", [], "Unknown"),
        ("organisation", {"name": 1}, "organisation"),
        ("mailboxes", {}, "a list"),
        ("mailboxes", [{"name": "x", "password": "y"}], "nothing else"),
        ("mailboxes", [{"name": "x", "port": "many"}], "port"),
        ("log_sources", [{"path": "/l", "host": "nowhere"}], "no mail host"),
        ("contacts", [{"kind": "friend", "name": "x"}], "kind"),
        ("contacts", [{"kind": "other", "name": "x", "networks": ["house"]}], "no network"),
        ("roles", [{"name": "lead", "permissions": ["x.fly"]}], "no permission"),
        ("people", [{"username": "x", "groups": ["king"]}], "no role"),
        ("people", [{"username": "x", "is_superuser": True}], "nothing else"),
        ("rules", [{"name": "x"}], "trigger"),
        ("playbooks", ["x"], "playbook"),
        ("letter_texts", [{"name": "x"}], "Text 1"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_taken_in(desk, section, content, words):
    wrong = document.export() | {section: content}
    wrong["blocklists"][0]["every_minutes"] = 99
    with pytest.raises(NotTaken, match=words):
        document.take_in(wrong, by="command", now=NOW)
    assert ListZone.objects.get().every_minutes == 30


def test_the_command_and_the_page_do_it_and_only_a_superuser_takes_in(desk, client, tmp_path):
    out = StringIO()
    call_command("configuration", "export", stdout=out)
    file = tmp_path / "desk.json"
    file.write_text(out.getvalue(), encoding="utf-8")
    call_command("configuration", "import", file, stdout=(said := StringIO()))
    assert "contacts: 0" in said.getvalue()
    file.write_text("{", encoding="utf-8")
    with pytest.raises(CommandError, match="no JSON"):
        call_command("configuration", "import", file)

    address = reverse("import-configuration")
    client.force_login(make.user("lead", "lead"))
    assert client.get(reverse("export-configuration")).status_code == 403
    assert client.post(address).status_code == 403
    client.force_login(User.objects.get(username="anna"))
    assert json.loads(client.get(reverse("export-configuration")).content)["meyasu"]
    shown = client.get(reverse("setup")).text
    assert address in shown
    changed = json.loads(out.getvalue()) | {"contacts": [{"kind": "other", "name": "New"}]}
    sent = SimpleUploadedFile("desk.json", json.dumps(changed).encode())
    (message,) = client.post(address, {"file": sent}, follow=True).context["messages"]
    assert "contacts 1" in str(message)
    bad = SimpleUploadedFile("desk.json", b"[]")
    (message,) = client.post(address, {"file": bad}, follow=True).context["messages"]
    assert message.level_tag == "error"
