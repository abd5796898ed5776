"""Passwords of mailboxes: encrypted in the table, or named by an environment variable."""

import base64
import hashlib
import os

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

from complaints.models import Mailbox


class NoPassword(Exception):
    """The mailbox has no password that we can use; says what to do."""


def password_of(mailbox: Mailbox) -> str:
    """The password to sign in with.

    raises   NoPassword if there is none, or it was encrypted under another SECRET_KEY
    """
    if mailbox.password_variable:
        if value := os.environ.get(mailbox.password_variable):
            return value
        raise NoPassword(
            f"{mailbox.name}: the variable {mailbox.password_variable} is not set where we run."
        )
    try:
        return _cipher().decrypt(bytes(mailbox.password_encrypted)).decode()
    except InvalidToken:
        raise NoPassword(
            f"{mailbox.name}: no password is stored, or SECRET_KEY has changed: enter it again."
        ) from None


def set_password(mailbox: Mailbox, password: str) -> None:
    """Encrypt the password into the row, which the caller saves."""
    mailbox.password_encrypted = _cipher().encrypt(password.encode())


def _cipher() -> Fernet:
    key = hashlib.sha256(b"meyasu mailbox passwords" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
