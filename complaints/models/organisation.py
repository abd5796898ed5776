"""Who we are: Organisation, its networks, mail hosts and customers, and the logs we read."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Organisation(models.Model):
    """The one organisation whose mail servers are looked after; there is at most one row."""

    name = models.CharField(_("name"), max_length=200)
    domains = models.JSONField(_("domains"), default=list, help_text=_("Mail domains of ours."))
    mailboxes = models.JSONField(
        _("mailboxes"), default=list, help_text=_("Addresses at which complaints arrive.")
    )
    utc_offset = models.CharField(_("UTC offset"), max_length=6, default="+00:00")
    ticket_example = models.CharField(
        _("reference in subjects"), max_length=100, blank=True, help_text=_("As in [ABUSE #1234].")
    )
    logs_taken_at = models.DateTimeField(
        _("logs taken at"),
        null=True,
        blank=True,
        help_text=_("No line of the imported logs is later; gives yearless stamps their year."),
    )

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisation")
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="only_one_organisation")
        ]

    def __str__(self) -> str:
        return self.name


class Customer(models.Model):
    """Somebody whose machines or mail domain we carry."""

    identifier = models.CharField(_("identifier"), max_length=100, unique=True)
    name = models.CharField(_("name"), max_length=200)
    domain = models.CharField(_("domain"), max_length=255, blank=True)

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")

    def __str__(self) -> str:
        return self.name


class Network(models.Model):
    """A network from which mail may be relayed: ours, or a customer's."""

    prefix = models.CharField(_("prefix"), max_length=50, unique=True, help_text="192.0.2.0/24")
    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, null=True, blank=True, related_name="networks"
    )

    class Meta:
        verbose_name = _("network")
        verbose_name_plural = _("networks")

    def __str__(self) -> str:
        return self.prefix


class MailHost(models.Model):
    """A mail server of ours. Probes go only to hosts that a person has confirmed."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    fqdn = models.CharField(_("full name"), max_length=255)
    addresses = models.JSONField(_("addresses"), default=list)
    mta = models.CharField(_("mail software"), max_length=20, blank=True)
    log_files = models.CharField(_("log file pattern"), max_length=255, blank=True)
    log_utc_offset = models.CharField(_("UTC offset of the log"), max_length=6, default="+00:00")
    probe_port = models.PositiveIntegerField(_("SMTP port for probes"), default=25)
    probe_confirmed_at = models.DateTimeField(_("probing confirmed at"), null=True, blank=True)
    probe_confirmed_by = models.CharField(_("probing confirmed by"), max_length=150, blank=True)
    # No saved line of its log is later: a message that begins after it cannot be known yet.
    log_saved_until = models.DateTimeField(null=True, editable=False)
    # The addresses that stood here when it was confirmed: one added later is nobody's word.
    probe_confirmed_addresses = models.JSONField(default=list, editable=False)

    class Meta:
        verbose_name = _("mail host")
        verbose_name_plural = _("mail hosts")

    def __str__(self) -> str:
        return self.fqdn


class LogSource(models.Model):
    """A mail log that is followed, and how far it has been read."""

    path = models.CharField(_("path"), max_length=500, unique=True)
    host = models.ForeignKey(MailHost, on_delete=models.CASCADE, related_name="log_sources")
    dialect = models.CharField(_("dialect"), max_length=20, default="auto")
    paused = models.BooleanField(_("paused"), default=False)
    # Identity of the file last read: device:inode:SHA-256 of its first line, never its name.
    identity = models.CharField(max_length=200, blank=True, editable=False)
    offset = models.BigIntegerField(default=0, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    last_read_at = models.DateTimeField(_("last read at"), null=True, blank=True, editable=False)
    last_line_at = models.DateTimeField(_("last line at"), null=True, blank=True, editable=False)
    last_error = models.CharField(_("last error"), max_length=500, blank=True, editable=False)
    lines_read = models.BigIntegerField(_("lines read"), default=0, editable=False)
    lines_unknown = models.BigIntegerField(_("lines not understood"), default=0, editable=False)

    class Meta:
        verbose_name = _("log source")
        verbose_name_plural = _("log sources")

    def __str__(self) -> str:
        return self.path
