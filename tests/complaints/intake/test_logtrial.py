"""A log source is tried before it is followed: what its newest lines say, and nothing is stored."""

import gzip

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from complaints.intake import logtrial
from complaints.maillog.archive import UnreadableLog
from complaints.maillog.dialects import NotAMailLog
from complaints.models import LogSource, RelayedMessage
from tests import make
from tests.make import at

pytestmark = pytest.mark.django_db
NOW = at("1998-01-22 12:00")
LINE = "Jan 20 13:{:02}:00 mail postfix/qmgr[3]: 4F{:06X}: from=<a@far.example>, size=9, nrcpt=1\n"
ODD = "Jan 21 10:00:00 mail postfix/smtpd[9]: gobbledygook of a patched server\n"


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "maillog"
    path.write_text("".join(LINE.format(number % 60, number) for number in range(200)) + ODD)
    return LogSource.objects.create(path=str(path), host=make.mail_host(log_utc_offset="+09:00"))


def test_the_newest_lines_are_read_and_nothing_is_kept(source):
    tried = logtrial.try_source(source, now=NOW)
    assert (tried.read, tried.understood) == (201, 200)
    assert tried.unknown == (("postfix/smtpd: gobbledygook of a", 1),)
    assert tried.last_at == at("1998-01-21 01:00")
    source.refresh_from_db()
    assert (source.offset, source.identity, source.lines_read) == (0, "", 0)
    assert not RelayedMessage.objects.exists()


def test_of_a_large_file_only_the_end_is_read(source, monkeypatch):
    monkeypatch.setattr(logtrial, "TAIL_BYTES", 1000)
    tried = logtrial.try_source(source, now=NOW)
    assert 5 < tried.read < 15
    assert tried.size_bytes > 1000


def test_a_packed_log_is_read_too(source, tmp_path):
    packed = tmp_path / "maillog.1.gz"
    packed.write_bytes(gzip.compress((tmp_path / "maillog").read_bytes()))
    source.path = str(packed)
    assert logtrial.try_source(source, now=NOW).understood == 200


def test_what_is_no_log_or_cannot_be_read_is_said(source, tmp_path):
    (tmp_path / "maillog").write_text("Dear diary,\n" * 50)
    with pytest.raises(NotAMailLog):
        logtrial.try_source(source, now=NOW)
    (tmp_path / "maillog").unlink()
    with pytest.raises(UnreadableLog, match="No such file"):
        logtrial.try_source(source, now=NOW)


@pytest.fixture
def manager(client):
    client.force_login(User.objects.create_superuser("manager"))
    return client


def test_the_button_in_the_admin_says_how_it_went(source, manager, tmp_path):
    page = reverse("admin:complaints_logsource_change", args=[source.pk])
    address = reverse("admin:complaints_logsource_try_it", args=[source.pk])
    assert address in manager.get(page).text
    told = manager.get(address, follow=True)
    (message,) = told.context["messages"]
    assert "Of its newest 201 lines 200 are understood" in str(message)
    assert "gobbledygook" in str(message)
    (tmp_path / "maillog").unlink()
    (message,) = manager.get(address, follow=True).context["messages"]
    assert "No such file" in str(message)


def test_only_a_log_that_can_be_read_is_saved_unless_it_is_paused(manager, tmp_path):
    host = make.mail_host()
    said = {"path": str(tmp_path / "later"), "host": host.pk, "dialect": "auto"}
    add = reverse("admin:complaints_logsource_add")
    assert "No such file" in str(manager.post(add, said).context["errors"])
    assert "whole path" in str(manager.post(add, said | {"path": "later"}).context["errors"])
    assert "dialect" in manager.post(add, said | {"dialect": "vax"}).context["adminform"].errors
    assert manager.post(add, said | {"paused": "on"}).status_code == 302
