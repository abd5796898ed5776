"""What start-up warns of."""

import pytest
from django.core import checks as django_checks

from complaints import checks
from complaints.models import Mailbox


def found(**given) -> list[str]:
    """The identifiers of our own warnings."""
    return [
        message.id
        for message in django_checks.run_checks(**given)
        if str(message.id).startswith("meyasu.")
    ]


def test_nothing_is_wrong_with_an_ordinary_set_up(db):
    Mailbox.objects.create(name="abuse", host="imap.example.org", username="desk")
    Mailbox.objects.create(name="local", host="127.0.0.1", username="desk", security="none")

    assert found(databases=["default"]) == []


def test_a_mailbox_without_encryption_is_named(db):
    Mailbox.objects.create(name="abuse", host="imap.example.org", username="desk", security="none")

    (warning,) = checks.mailboxes_are_encrypted(databases=["default"])

    assert warning.id == "meyasu.W003"
    assert "abuse is fetched from imap.example.org" in warning.msg


def test_a_played_clock_is_told(settings, tmp_path):
    settings.MEYASU_CLOCK_FILE = str(tmp_path / "clock")

    assert "meyasu.W001" in found()


@pytest.mark.parametrize("sprung", [True, False])
def test_each_trap_of_the_python_we_run_on_is_told(monkeypatch, sprung):
    traps = {name: (lambda: sprung, words) for name, (_, words) in checks.TRAPS.items()}
    monkeypatch.setattr(checks, "TRAPS", traps)

    told = [message.id for message in checks.python_is_patched()]

    assert told == (["meyasu.W002", "meyasu.W004", "meyasu.W005"] if sprung else [])


def test_the_traps_can_be_tried_on_any_python():
    for is_sprung, _ in checks.TRAPS.values():
        assert is_sprung() in (True, False)
