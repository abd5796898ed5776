"""The only file that hands mail to our outgoing mail server, and tells what may have left.

Until the server has been sent the text, it has nothing of the letter; after that, only its
answer tells. A connection lost in between leaves a letter that has perhaps been sent.
"""

import contextlib
import smtplib

from django.core.mail.backends.smtp import EmailBackend

MOST_WORDS = 1000


class NotSent(Exception):
    """The server does not have the letter; says why. `for_good` if trying again will not help."""

    def __init__(self, why: str, *, for_good: bool) -> None:
        super().__init__(why[:MOST_WORDS])
        self.for_good = for_good


class Unreachable(NotSent):
    """The server could not be used at all, so that no other letter will leave now either."""

    def __init__(self, why: str) -> None:
        super().__init__(why, for_good=False)


class PerhapsSent(Exception):
    """The connection was lost after the text went out: nobody can tell; says what happened."""


def hand_over(raw: bytes, *, sender: str, recipient: str) -> str:
    """Give one mail for one recipient to the server of the settings; returns its answer.

    raises   NotSent, PerhapsSent
    """
    backend = EmailBackend()
    try:
        with contextlib.ExitStack() as stack:
            server = _reached(backend, stack)
            _address(server, sender, recipient)
            return _send(server, raw)
    finally:
        backend.connection = None


def _reached(backend: EmailBackend, stack: contextlib.ExitStack) -> smtplib.SMTP:
    """The server, greeted and signed in to as the settings say."""
    try:
        backend.open()
    except (OSError, smtplib.SMTPException) as error:
        raise Unreachable(f"The mail server could not be used: {error}") from error
    server = backend.connection
    if not isinstance(server, smtplib.SMTP):
        raise Unreachable("There is no connection to the mail server.")
    stack.callback(_leave, server)
    return server


def _address(server: smtplib.SMTP, sender: str, recipient: str) -> None:
    try:
        server.ehlo_or_helo_if_needed()
        for code, words in (server.mail(sender), server.rcpt(recipient)):
            _expect(code, words)
    except (OSError, smtplib.SMTPException) as error:
        raise NotSent(f"The mail server broke off: {error}", for_good=False) from error


def _send(server: smtplib.SMTP, raw: bytes) -> str:
    try:
        code, words = server.data(raw)
    except smtplib.SMTPDataError as refusal:  # it did not want the text, which was not sent
        _expect(refusal.smtp_code, refusal.smtp_error)
        raise
    except (OSError, smtplib.SMTPException) as error:
        raise PerhapsSent(f"The connection was lost while it was being sent: {error}") from error
    _expect(code, words)
    return _said(code, words)


def _expect(code: int, words: bytes | str) -> None:
    if not 200 <= code < 300:
        raise NotSent(f"The mail server said: {_said(code, words)}", for_good=500 <= code < 600)


def _said(code: int, words: bytes | str) -> str:
    text = words.decode("ascii", "replace") if isinstance(words, bytes) else words
    return " ".join(f"{code} {text}".split())[:255]


def _leave(server: smtplib.SMTP) -> None:
    """Say good-bye; whatever is answered, the letter's fate is known already."""
    with contextlib.suppress(OSError, smtplib.SMTPException):
        server.quit()
