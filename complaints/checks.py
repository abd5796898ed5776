"""What start-up and `doctor` look at in the settings: traps that raise nothing by themselves."""

import ipaddress
from collections.abc import Callable
from email import message_from_string, policy
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core import checks
from django.db import DatabaseError

from complaints.intake.imap import LOOPBACK
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


def lets_headers_be_injected() -> bool:
    """An encoded line end in a subject becomes a header of its own."""
    message = message_from_string("Subject: x\n\n", policy=policy.default)
    try:
        message.replace_header("Subject", "=?utf-8?q?a=0ABcc=3A_b=40c.example?=")
        return "\nBcc:" in message.as_string()
    except ValueError:
        return False


def takes_the_wrong_address() -> bool:
    """Of `a@x <b@y>` the first address is taken, which is only a name (CVE-2023-27043)."""
    return parseaddr("alice@trusted.example <mallory@bad.example>")[1] == "alice@trusted.example"


def calls_multicast_global() -> bool:
    """Addresses that are nobody's count as addresses on the Internet."""
    return ipaddress.ip_address("224.0.0.1").is_global


TRAPS: dict[str, tuple[Callable[[], bool], str]] = {
    "meyasu.W002": (
        lets_headers_be_injected,
        "This Python lets an encoded line end in a header become a header of its own.",
    ),
    "meyasu.W004": (
        takes_the_wrong_address,
        "This Python reads the wrong address out of `a@x <b@y>`.",
    ),
    "meyasu.W005": (
        calls_multicast_global,
        "This Python calls multicast addresses global.",
    ),
}


@checks.register(checks.Tags.security, deploy=True)
def python_is_patched(**_given: Any) -> list[checks.CheckMessage]:
    """Faults of some patch levels of Python that raise nothing.

    None of them is met by our own code; the warning is for what else runs on this Python.
    """
    hint = "We do not depend on it. Upgrade to the newest patch release of your Python version."
    return [
        checks.Warning(words, hint=hint, id=identifier)
        for identifier, (is_sprung, words) in TRAPS.items()
        if is_sprung()
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
        if mailbox.host not in LOOPBACK
    ]
