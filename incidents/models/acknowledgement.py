"""Acknowledging: whether reporters get a word at once; Acknowledgement: what became of each."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


class Acknowledging(models.Model):
    """How the desk acknowledges; without this one row it does not."""

    enabled = models.BooleanField(_("acknowledge automatically"), default=False)
    enabled_at = models.DateTimeField(_("since"), null=True, blank=True, editable=False)
    hours_between = models.PositiveSmallIntegerField(
        _("hours between two to one address"),
        default=24,
        validators=[MinValueValidator(1), MaxValueValidator(720)],
    )
    most_an_hour = models.PositiveSmallIntegerField(
        _("at most in an hour, to everybody"),
        default=60,
        validators=[MinValueValidator(1), MaxValueValidator(1000)],
    )

    class Meta:
        verbose_name = _("acknowledging")
        verbose_name_plural = _("acknowledging")
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="only_one_acknowledging")
        ]

    def __str__(self) -> str:
        return str(_("on")) if self.enabled else str(_("off"))


class Acknowledgement(models.Model):
    """The word that a complaint got, or why it got none; decided once."""

    class State(models.TextChoices):
        SENDING = "sending", _("on its way")
        SENT = "sent", _("sent")
        UNSURE = "unsure", _("perhaps sent")
        FAILED = "failed", _("failed")
        WITHHELD = "withheld", _("withheld")

    complaint = models.OneToOneField(
        "complaints.Complaint", on_delete=models.CASCADE, related_name="acknowledgement"
    )
    state = models.CharField(_("state"), max_length=10, choices=State.choices)
    to_address = models.CharField(_("to"), max_length=320, blank=True)
    to_domain = models.CharField(max_length=255, blank=True)
    message_id = models.CharField(max_length=255, blank=True)
    decided_at = models.DateTimeField(_("decided at"))
    note = models.CharField(_("note"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("acknowledgement")
        verbose_name_plural = _("acknowledgements")
        indexes = [
            models.Index(fields=["to_address", "decided_at"], name="acknowledged_address"),
            models.Index(fields=["decided_at"], name="acknowledged_at"),
        ]

    def __str__(self) -> str:
        return f"{self.complaint_id}: {self.state}"
