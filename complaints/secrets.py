"""Secrets of mailboxes: encrypted in the table, or a password named by an environment variable."""

import base64
import hashlib
import os

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from complaints.models import Mailbox

# Only these may be named: else whoever sets up a mailbox could have any secret of the process
# sent to a server of his choice.
VARIABLE_PREFIX = "MEYASU_MAILBOX_"


class NoPassword(Exception):
    """The mailbox has no password that we can use; says what to do."""


def password_of(mailbox: Mailbox) -> str:
    """The password to sign in with.

    raises   NoPassword if there is none, or it was encrypted under another SECRET_KEY
    """
    if mailbox.password_variable:
        return _from_environment(mailbox)
    try:
        return _cipher().decrypt(bytes(mailbox.password_encrypted)).decode()
    except InvalidToken:
        raise NoPassword(
            f"{mailbox.name}: no password is stored, or SECRET_KEY has changed: enter it again."
        ) from None


def set_password(mailbox: Mailbox, password: str) -> None:
    """Encrypt the password into the row, which the caller saves."""
    mailbox.password_encrypted = _cipher().encrypt(password.encode())


def oauth_secrets_of(mailbox: Mailbox) -> tuple[str, str]:
    """The client secret ("" where the client has none) and the refresh token of XOAUTH2.

    raises   NoPassword if there is no refresh token, or SECRET_KEY has changed
    """
    try:
        stored = bytes(mailbox.oauth_secret_encrypted)
        client_secret = _cipher().decrypt(stored).decode() if stored else ""
        return client_secret, _cipher().decrypt(bytes(mailbox.oauth_refresh_encrypted)).decode()
    except InvalidToken:
        raise NoPassword(
            f"{mailbox.name}: no refresh token is stored, or SECRET_KEY has changed: enter it."
        ) from None


def set_oauth_secrets(
    mailbox: Mailbox, *, client_secret: str = "", refresh_token: str = ""
) -> None:
    """Encrypt what is given into the row, which the caller saves; what is empty is kept."""
    if client_secret:
        mailbox.oauth_secret_encrypted = _cipher().encrypt(client_secret.encode())
    if refresh_token:
        mailbox.oauth_refresh_encrypted = _cipher().encrypt(refresh_token.encode())


def _from_environment(mailbox: Mailbox) -> str:
    name = mailbox.password_variable
    if not name.startswith(VARIABLE_PREFIX):
        raise NoPassword(
            f"{mailbox.name}: the variable with the password must begin with {VARIABLE_PREFIX}."
        )
    if value := os.environ.get(name):
        return value
    raise NoPassword(f"{mailbox.name}: the variable {name} is not set where we run.")


def _cipher() -> MultiFernet:
    """Encrypts under SECRET_KEY; reads what was encrypted under one of its fallbacks too."""
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return MultiFernet([_key(str(key)) for key in keys])


def _key(secret: str) -> Fernet:
    digest = hashlib.sha256(b"meyasu mailbox passwords" + secret.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))
