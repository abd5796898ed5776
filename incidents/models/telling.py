"""Telling: one approved text to all reporters of an incident; Consent: who may be named."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Telling(models.Model):
    """What the reporters of an incident are told on one occasion; each gets a letter of their own.

    The texts have slots; what fills them is each reporter's own, and nobody sees another.
    """

    class Occasion(models.TextChoices):
        LINKED = "linked", _("the message was found, or not")
        FIXED = "fixed", _("the hole is closed")
        CLOSED = "closed", _("the incident is closed")
        NOT_OURS = "not-ours", _("the mail did not come from us")

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        APPROVED = "approved", _("approved")
        WITHDRAWN = "withdrawn", _("withdrawn")

    incident = models.ForeignKey("Incident", on_delete=models.PROTECT, related_name="tellings")
    occasion = models.CharField(_("occasion"), max_length=10, choices=Occasion.choices)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT)
    # {language: {"subject", "body"}}, with slots.
    texts = models.JSONField(default=dict)
    written_at = models.DateTimeField()
    written_by = models.CharField(max_length=150)
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True
    )

    class Meta:
        verbose_name = _("word to the reporters")
        verbose_name_plural = _("words to the reporters")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "occasion"],
                condition=models.Q(state="draft"),
                name="one_draft_an_occasion",
            )
        ]

    def __str__(self) -> str:
        return f"{self.incident.reference}: {self.get_occasion_display()}"


class Consent(models.Model):
    """A reporter agreed to be named to those we write to. Without this row, none is."""

    complaint = models.OneToOneField(
        "complaints.Complaint", on_delete=models.CASCADE, related_name="consent"
    )
    given_at = models.DateTimeField(_("agreed at"))
    noted_by = models.CharField(_("noted by"), max_length=150)
    how = models.CharField(_("how they agreed"), max_length=255)

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")

    def __str__(self) -> str:
        return self.complaint.reference
