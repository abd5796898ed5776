"""Threat: who will refuse our mail, and what came of it; Listing: a host of ours in a blocklist."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from incidents.querysets import ListingQuerySet, ThreatQuerySet


class Threat(models.Model):
    """Somebody will refuse our mail, or does: on which condition, by when, and how it ended.

    One from a complaint is made by the program, once; a person may write down any other.
    """

    class State(models.TextChoices):
        OPEN = "open", _("open")
        LIFTED = "lifted", _("lifted")
        CARRIED_OUT = "carried-out", _("carried out")
        EMPTY = "empty", _("it was none")

    incident = models.ForeignKey("Incident", on_delete=models.CASCADE, related_name="threats")
    complaint = models.ForeignKey(
        "complaints.Complaint",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="threats",
    )
    who = models.CharField(_("who threatens"), max_length=320)
    condition = models.TextField(_("on which condition"), blank=True)
    deadline = models.DateTimeField(_("by when"), null=True, blank=True)
    sentence = models.TextField(_("in their words"), blank=True)
    proof = models.TextField(_("proof that was sent"), blank=True)
    proof_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.OPEN)
    outcome = models.TextField(_("what came of it"), blank=True)
    # The mail that lifted it, where one did.
    lifted_by = models.ForeignKey(
        "Reply", on_delete=models.SET_NULL, null=True, blank=True, related_name="lifted"
    )
    # Up to which answer it was looked whether they lift it.
    looked_at = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=150)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=150, blank=True)

    objects = ThreatQuerySet.as_manager()

    class Meta:
        verbose_name = _("threat to refuse our mail")
        verbose_name_plural = _("threats to refuse our mail")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "complaint"],
                condition=Q(complaint__isnull=False),
                name="threat_of_a_complaint_once",
            )
        ]
        indexes = [models.Index(fields=["state", "deadline"], name="threat_state")]

    def __str__(self) -> str:
        return self.who

    @property
    def is_open(self) -> bool:
        """Whether it still stands over us."""
        return self.state == self.State.OPEN


class ListZone(models.Model):
    """A blocklist that is asked by DNS whether it has our own hosts. Source: RFC 5782."""

    name = models.CharField(_("name"), max_length=100)
    zone = models.CharField(_("zone"), max_length=253, unique=True, help_text="dnsbl.example")
    removal = models.URLField(
        _("where one asks to be taken off"), blank=True, help_text=_("Shown with a listing.")
    )
    every_minutes = models.PositiveSmallIntegerField(
        _("asked again after, in minutes"),
        default=60,
        help_text=_("At least 15. Each address of an open incident's host is one question."),
    )
    is_on = models.BooleanField(_("is asked"), default=True)
    # RFC 5782, section 5: 127.0.0.2 is always listed, 127.0.0.1 never. Asked once a day.
    tried_at = models.DateTimeField(null=True, blank=True, editable=False)
    problem = models.CharField(_("problem"), max_length=500, blank=True, editable=False)

    class Meta:
        verbose_name = _("blocklist that is asked")
        verbose_name_plural = _("blocklists that are asked")

    def __str__(self) -> str:
        return f"{self.name} ({self.zone})"


class ListCheck(models.Model):
    """When a blocklist was last asked about an address of ours, and when it is next."""

    zone = models.ForeignKey(ListZone, on_delete=models.CASCADE, related_name="checks")
    address = models.GenericIPAddressField(_("address"))
    next_at = models.DateTimeField()
    asked_at = models.DateTimeField(_("asked at"), null=True, blank=True)
    problem = models.CharField(_("problem"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("look into a blocklist")
        verbose_name_plural = _("looks into blocklists")
        constraints = [
            models.UniqueConstraint(fields=["zone", "address"], name="one_check_an_address")
        ]

    def __str__(self) -> str:
        return f"{self.address} in {self.zone_id}"


class Listing(models.Model):
    """A time in which a host of ours was in a blocklist: from when it was seen until it was not."""

    host = models.ForeignKey(
        "complaints.MailHost", on_delete=models.CASCADE, related_name="listings"
    )
    zone = models.ForeignKey(ListZone, on_delete=models.PROTECT, related_name="listings")
    address = models.GenericIPAddressField(_("address"))
    codes = models.JSONField(_("answer"), default=list)  # ["127.0.0.2"]
    reason = models.CharField(_("their reason"), max_length=500, blank=True)
    listed_at = models.DateTimeField(_("listed since"))
    seen_at = models.DateTimeField(_("seen last"))
    cleared_at = models.DateTimeField(_("no longer listed since"), null=True, blank=True)

    objects = ListingQuerySet.as_manager()

    class Meta:
        verbose_name = _("listing of a host of ours")
        verbose_name_plural = _("listings of our hosts")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["zone", "address"],
                condition=Q(cleared_at__isnull=True),
                name="one_standing_listing",
            )
        ]
        indexes = [models.Index(fields=["host", "cleared_at"], name="listing_of_host")]

    def __str__(self) -> str:
        return f"{self.address} in {self.zone_id}"
