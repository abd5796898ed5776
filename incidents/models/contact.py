"""Contact: whom we write to, and how we know; LookUp: what registries said of an address."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Contact(models.Model):
    """Somebody to write to: a provider's abuse desk, a response team, an originator."""

    class Kind(models.TextChoices):
        PROVIDER = "provider", _("provider")
        CSIRT = "csirt", _("response team")
        ORIGINATOR = "originator", _("originator")
        CUSTOMER = "customer", _("customer")
        BLOCKLIST = "blocklist", _("operator of a blocklist")
        OTHER = "other", _("other")

    class Source(models.TextChoices):
        PERSON = "person", _("our own list")
        RDAP = "rdap", _("registry (RDAP)")
        DNS = "dns", _("abuse contacts by DNS")
        GUESS = "guess", _("guess (RFC 2142)")

    name = models.CharField(_("name"), max_length=200)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    email = models.EmailField(_("e-mail"), blank=True)
    fax = models.CharField(_("fax"), max_length=50, blank=True)
    postal_address = models.TextField(_("postal address"), blank=True)
    domains = models.JSONField(_("domains"), default=list, blank=True)
    networks = models.JSONField(_("networks"), default=list, blank=True)
    language = models.CharField(_("language"), max_length=8, default="en")
    source = models.CharField(
        _("known from"), max_length=10, choices=Source.choices, default=Source.PERSON
    )
    source_detail = models.CharField(_("where it was found"), max_length=500, blank=True)
    found_at = models.DateTimeField(_("found at"), null=True, blank=True)
    confirmed_by = models.CharField(_("confirmed by"), max_length=150, blank=True)
    doubtful_since = models.DateTimeField(_("doubtful since"), null=True, blank=True)
    doubtful_why = models.TextField(_("why it is doubtful"), blank=True)

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        indexes = [models.Index(fields=["email"], name="contact_email")]

    def __str__(self) -> str:
        return self.name


class LookUp(models.Model):
    """What one source said about one address or domain, and when; asked again when it is old."""

    class State(models.TextChoices):
        WANTED = "wanted", _("is being looked up")
        FOUND = "found", _("found")
        NOTHING = "nothing", _("nothing known")
        FAILED = "failed", _("failed")

    about = models.CharField(_("about"), max_length=255)
    source = models.CharField(_("source"), max_length=10, choices=Contact.Source.choices)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WANTED)
    # [{"address", "name", "role", "is_weak", "where"}], best first.
    answers = models.JSONField(default=list)
    problem = models.CharField(_("problem"), max_length=500, blank=True)
    wanted_at = models.DateTimeField(_("wanted at"))
    wanted_by = models.CharField(_("wanted by"), max_length=150, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    looked_up_at = models.DateTimeField(_("looked up at"), null=True, blank=True)

    class Meta:
        verbose_name = _("look-up")
        verbose_name_plural = _("look-ups")
        constraints = [
            models.UniqueConstraint(fields=["about", "source"], name="looked_up_once_a_source")
        ]
        indexes = [models.Index(fields=["state", "lease_until"], name="look_up_state")]

    def __str__(self) -> str:
        return f"{self.about} ({self.source})"


class RegistryList(models.Model):
    """Which registry knows which addresses (RFC 9224), as it was last fetched."""

    name = models.CharField(max_length=10, unique=True)
    services = models.JSONField(default=list)
    fetched_at = models.DateTimeField()

    class Meta:
        verbose_name = _("list of registries")
        verbose_name_plural = _("lists of registries")

    def __str__(self) -> str:
        return self.name
