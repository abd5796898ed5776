"""What start-up and `doctor` look at before letters are written: who we are to the outside."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks

LOCAL = ("localhost", "127.0.0.1", "::1")


@checks.register(checks.Tags.security, deploy=True)
def letters_name_us(**_given: Any) -> list[checks.CheckMessage]:
    """Letters must come from an address that answers reach, and point to a site others reach."""
    found: list[checks.CheckMessage] = []
    sender = str(settings.DEFAULT_FROM_EMAIL).rpartition("<")[2].rstrip(">")
    if sender.rpartition("@")[2] in ("", *LOCAL):
        found.append(
            checks.Warning(
                f"MEYASU_FROM is “{sender}”: letters go out under the first address at which "
                "complaints arrive, or under this one if there is none.",
                hint="Set MEYASU_FROM to an address of yours whose mailbox is fetched here.",
                id="meyasu.W010",
            )
        )
    if (urlsplit(settings.MEYASU_PUBLIC_URL).hostname or "localhost") in LOCAL:
        found.append(
            checks.Warning(
                f"MEYASU_PUBLIC_URL is “{settings.MEYASU_PUBLIC_URL}”: the link to the public "
                "notices in letters leads nowhere.",
                hint="Set MEYASU_PUBLIC_URL to the address under which others reach this site.",
                id="meyasu.W011",
            )
        )
    return found


@checks.register(checks.Tags.security, deploy=True)
def outgoing_mail_is_encrypted(**_given: Any) -> list[checks.CheckMessage]:
    """A password sent in the clear to another machine is an open door; said, not forbidden."""
    encrypted = settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL
    if encrypted or settings.EMAIL_HOST in LOCAL or not settings.EMAIL_HOST_USER:
        return []
    return [
        checks.Warning(
            f"The password for the mail server {settings.EMAIL_HOST} is sent in the clear.",
            hint="Set MEYASU_SMTP_STARTTLS or MEYASU_SMTP_TLS to yes.",
            id="meyasu.W012",
        )
    ]
