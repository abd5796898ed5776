"""Promise: what somebody undertook, until when, and whether the mail log bears it out."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Promise(models.Model):
    """Mail from these networks and domains ends, from one time on, and is watched until another."""

    class State(models.TextChoices):
        WATCHED = "watched", _("watched")
        KEPT = "kept", _("kept")
        BROKEN = "broken", _("broken")
        WITHDRAWN = "withdrawn", _("no longer watched")

    letter = models.ForeignKey("Letter", on_delete=models.PROTECT, related_name="promises")
    reply = models.ForeignKey(
        "Reply", on_delete=models.PROTECT, null=True, blank=True, related_name="promises"
    )
    who = models.CharField(_("who"), max_length=200)
    what = models.TextField(_("what they promise"))
    networks = models.JSONField(_("networks"), default=list, blank=True)
    domains = models.JSONField(_("domains"), default=list, blank=True)
    holds_from = models.DateTimeField(_("from when it holds"))
    until = models.DateTimeField(_("watched until"))
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.WATCHED
    )
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=150)
    checked_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    evidence = models.TextField(_("what the mail log shows"), blank=True)

    class Meta:
        verbose_name = _("promise")
        verbose_name_plural = _("promises")
        ordering = ["pk"]
        indexes = [models.Index(fields=["state", "until"], name="promise_state")]

    def __str__(self) -> str:
        return f"{self.who}: {self.what}"[:100]
