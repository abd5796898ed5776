"""What start-up and `doctor` look at in the settings: traps that raise nothing by themselves."""

from email import message_from_string, policy
from typing import Any

from django.conf import settings
from django.core import checks
from django.db import DatabaseError

from complaints.models import Mailbox


@checks.register()
def clock_is_real(**_given: Any) -> list[checks.CheckMessage]:
    """A played clock outside of the demo would give every act a wrong time."""
    if not settings.MEYASU_CLOCK_FILE:
        return []
    return [
        checks.Warning(
            "MEYASU_CLOCK_FILE is set: the time is a played one.",
            hint="Unset it, unless this is the demo.",
            id="meyasu.W001",
        )
    ]


@checks.register(checks.Tags.security, deploy=True)
def headers_cannot_be_injected(**_given: Any) -> list[checks.CheckMessage]:
    """Some patch levels of Python let an encoded line end in a subject become a header.

    We never build mail that way; the warning is for what else runs on this Python.
    """
    message = message_from_string("Subject: x\n\n", policy=policy.default)
    try:
        message.replace_header("Subject", "=?utf-8?q?a=0ABcc=3A_b=40c.example?=")
        leaks = "\nBcc:" in message.as_string()
    except ValueError:
        leaks = False
    if not leaks:
        return []
    return [
        checks.Warning(
            "This Python lets an encoded line end in a header become a header of its own.",
            hint="Upgrade to the newest patch release of your Python version.",
            id="meyasu.W002",
        )
    ]


@checks.register(checks.Tags.database)
def mailboxes_are_encrypted(**given: Any) -> list[checks.CheckMessage]:
    """Mail fetched in the clear, from another machine, is refused at run time; say so early."""
    if not given.get("databases"):
        return []
    try:
        clear = list(Mailbox.objects.filter(security=Mailbox.Security.NONE, paused=False))
    except DatabaseError:
        return []  # before the first migration there is no table to look into
    return [
        checks.Warning(
            f"The mailbox {mailbox.name} is fetched from {mailbox.host} without encryption.",
            hint="Choose TLS or STARTTLS; without either only this very machine is asked.",
            id="meyasu.W003",
        )
        for mailbox in clear
        if mailbox.host not in ("127.0.0.1", "::1", "localhost")
    ]
