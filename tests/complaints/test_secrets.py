"""Passwords of mailboxes: readable by us alone, never another secret of the process."""

import pytest

from complaints.models import Mailbox
from complaints.secrets import NoPassword, password_of, set_password


def test_a_password_is_stored_unreadable_and_comes_back(db):
    box = Mailbox(name="abuse", host="imap.example.org", username="desk")
    set_password(box, "pass wörd")
    box.save()

    stored = Mailbox.objects.get()
    assert b"pass" not in bytes(stored.password_encrypted)
    assert password_of(stored) == "pass wörd"


def test_a_password_outlives_a_change_of_the_key_if_the_old_one_is_named(settings):
    box = Mailbox(name="abuse")
    set_password(box, "secret")
    settings.SECRET_KEY, old = "another key", settings.SECRET_KEY

    with pytest.raises(NoPassword, match="SECRET_KEY has changed: enter it again"):
        password_of(box)

    settings.SECRET_KEY_FALLBACKS = [old]
    assert password_of(box) == "secret"


def test_a_password_may_be_in_a_variable_of_its_own(monkeypatch):
    box = Mailbox(name="abuse", password_variable="MEYASU_MAILBOX_ABUSE")

    with pytest.raises(NoPassword, match="MEYASU_MAILBOX_ABUSE is not set"):
        password_of(box)

    monkeypatch.setenv("MEYASU_MAILBOX_ABUSE", "secret")
    assert password_of(box) == "secret"


def test_no_other_variable_is_given_away(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "the key of the house")

    with pytest.raises(NoPassword, match="must begin with MEYASU_MAILBOX_"):
        password_of(Mailbox(name="abuse", password_variable="SECRET_KEY"))
