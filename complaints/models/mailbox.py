"""Mailbox and its folders: where mail is fetched, how far we have come, who is fetching now."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from complaints.querysets import MailboxQuerySet


def inbox_alone() -> list[str]:
    """The folders of a mailbox of which none is named."""
    return ["INBOX"]


class Mailbox(models.Model):
    """An IMAP account that is polled, in one folder or several."""

    class Security(models.TextChoices):
        TLS = "tls", _("TLS")
        STARTTLS = "starttls", _("STARTTLS")
        NONE = "none", _("none (only on this machine)")

    class SignIn(models.TextChoices):
        PASSWORD = "password", _("password or app password")
        GOOGLE = "google", _("Google (XOAUTH2)")
        MICROSOFT = "microsoft", _("Microsoft 365 (XOAUTH2)")
        OTHER = "other", _("another token server (XOAUTH2)")

    class Afterwards(models.TextChoices):
        LEAVE = "leave", _("leave it as it is")
        SEEN = "seen", _("mark it as read")
        FLAGGED = "flagged", _("flag it, and leave it unread")
        MOVE = "move", _("move it to a folder")

    class Trouble(models.TextChoices):
        NONE = "", _("none")
        NAME = "name", _("the server's name cannot be found")
        AWAY = "away", _("the server does not answer")
        UNTRUSTED = "untrusted", _("the server's certificate is not trusted")
        CLEAR = "clear", _("the server offers no encryption")
        REFUSED = "refused", _("the server refuses the sign-in")
        TOKEN = "token", _("the token server gives no access token")
        SECRET = "secret", _("no usable password is stored")
        FOLDER = "folder", _("a folder cannot be opened")
        KEPT_BACK = "kept-back", _("the server shows mail that it does not hand over")
        UNMARKED = "unmarked", _("the server does not mark or move what is stored")
        DISK = "disk", _("our disk does not take the mail")
        PROTOCOL = "protocol", _("the server breaks off, or does not keep to IMAP")

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
    sign_in = models.CharField(
        _("signs in with"), max_length=10, choices=SignIn.choices, default=SignIn.PASSWORD
    )
    oauth_client_id = models.CharField(_("client ID"), max_length=255, blank=True)
    oauth_tenant = models.CharField(
        _("tenant"), max_length=100, blank=True, help_text=_("Of Microsoft 365: its ID or domain.")
    )
    oauth_token_url = models.CharField(_("address of the token server"), max_length=200, blank=True)
    oauth_secret_encrypted = models.BinaryField(blank=True, default=b"", editable=False)
    oauth_refresh_encrypted = models.BinaryField(blank=True, default=b"", editable=False)
    folders = models.JSONField(_("folders"), default=inbox_alone)
    afterwards = models.CharField(
        _("afterwards"), max_length=10, choices=Afterwards.choices, default=Afterwards.SEEN
    )
    move_to = models.CharField(_("folder to move to"), max_length=255, blank=True)
    paused = models.BooleanField(_("paused"), default=False)

    lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    lease_holder = models.CharField(max_length=100, blank=True, editable=False)
    last_contact_at = models.DateTimeField(_("last contact at"), null=True, editable=False)
    last_error = models.CharField(_("last error"), max_length=500, blank=True, editable=False)
    trouble = models.CharField(
        max_length=10, choices=Trouble.choices, blank=True, default=Trouble.NONE, editable=False
    )
    failures_in_a_row = models.PositiveIntegerField(default=0, editable=False)
    next_attempt_at = models.DateTimeField(null=True, editable=False)

    objects = MailboxQuerySet.as_manager()

    class Meta:
        verbose_name = _("mailbox")
        verbose_name_plural = _("mailboxes")

    def __str__(self) -> str:
        return self.name


class MailFolder(models.Model):
    """A folder of a mailbox, and how far it has been fetched."""

    mailbox = models.ForeignKey(Mailbox, on_delete=models.CASCADE, related_name="fetched_folders")
    name = models.CharField(_("folder"), max_length=255)
    uid_validity = models.BigIntegerField(null=True, blank=True)
    last_uid = models.BigIntegerField(default=0)
    messages = models.PositiveIntegerField(_("messages"), default=0)
    backlog = models.PositiveIntegerField(_("not fetched yet"), default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["mailbox", "name"], name="mail_folder_once")]

    def __str__(self) -> str:
        return f"{self.mailbox}: {self.name}"
