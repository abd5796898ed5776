"""Mailbox: where mail is fetched, how far we have come, and who is fetching now."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Mailbox(models.Model):
    """An IMAP folder that is polled."""

    class Security(models.TextChoices):
        TLS = "tls", _("TLS")
        STARTTLS = "starttls", _("STARTTLS")
        NONE = "none", _("none (only on this machine)")

    class Afterwards(models.TextChoices):
        LEAVE = "leave", _("leave it as it is")
        SEEN = "seen", _("mark it as read")
        MOVE = "move", _("move it to a folder")

    name = models.SlugField(_("name"), max_length=100, unique=True)
    address = models.EmailField(_("address"), blank=True, help_text="abuse@example.org")
    host = models.CharField(_("server"), max_length=255)
    port = models.PositiveIntegerField(_("port"), default=993)
    security = models.CharField(
        _("security"), max_length=10, choices=Security.choices, default=Security.TLS
    )
    username = models.CharField(_("user name"), max_length=255)
    password_variable = models.CharField(
        _("environment variable with the password"), max_length=100, blank=True
    )
    password_encrypted = models.BinaryField(blank=True, default=b"", editable=False)
    folder = models.CharField(_("folder"), max_length=255, default="INBOX")
    afterwards = models.CharField(
        _("afterwards"), max_length=10, choices=Afterwards.choices, default=Afterwards.SEEN
    )
    move_to = models.CharField(_("folder to move to"), max_length=255, blank=True)
    paused = models.BooleanField(_("paused"), default=False)

    uid_validity = models.BigIntegerField(null=True, blank=True, editable=False)
    last_uid = models.BigIntegerField(default=0, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    lease_holder = models.CharField(max_length=100, blank=True, editable=False)
    last_contact_at = models.DateTimeField(_("last contact at"), null=True, editable=False)
    last_error = models.CharField(_("last error"), max_length=500, blank=True, editable=False)
    failures_in_a_row = models.PositiveIntegerField(default=0, editable=False)
    next_attempt_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("mailbox")
        verbose_name_plural = _("mailboxes")

    def __str__(self) -> str:
        return self.name
