"""Start-up says what would make letters fail or mislead."""

import pytest

from incidents import checks


@pytest.fixture(autouse=True)
def well_set_up(settings):
    settings.DEFAULT_FROM_EMAIL = "Abuse desk <abuse@example.org>"
    settings.MEYASU_PUBLIC_URL = "https://abuse.example.org"
    settings.EMAIL_HOST = "smtp.example.org"
    settings.EMAIL_USE_TLS = True
    settings.EMAIL_HOST_USER = "desk"


def found():
    return [one.id for one in [*checks.letters_name_us(), *checks.outgoing_mail_is_encrypted()]]


def test_a_desk_that_is_well_set_up_is_left_in_peace():
    assert found() == []


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("DEFAULT_FROM_EMAIL", "abuse@localhost", "meyasu.W010"),
        ("MEYASU_PUBLIC_URL", "http://127.0.0.1:8000", "meyasu.W011"),
        ("EMAIL_USE_TLS", False, "meyasu.W012"),
    ],
)
def test_what_is_missing_is_named(settings, name, value, expected):
    setattr(settings, name, value)
    assert found() == [expected]


def test_mail_handed_over_on_this_machine_needs_no_encryption(settings):
    settings.EMAIL_USE_TLS = False
    settings.EMAIL_HOST = "localhost"
    assert found() == []
