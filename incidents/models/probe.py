"""ProbeRun and ProbeAnswer: one verification of a fix, and what each probe was told."""

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class ProbeRun(models.Model):
    """One verification: the battery against one host, the log since the fix, the verdict."""

    class Verdict(models.TextChoices):
        UNKNOWN = "unknown", _("not known")
        NONE = "none", _("not fixed")
        PARTIAL = "partial", _("partially fixed")
        FIXED = "fixed", _("fixed")

    incident = models.ForeignKey(
        "Incident", on_delete=models.CASCADE, null=True, blank=True, related_name="probe_runs"
    )
    host = models.ForeignKey("complaints.MailHost", on_delete=models.PROTECT)
    address = models.CharField(max_length=60)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    started_by = models.CharField(max_length=150)
    verdict = models.CharField(max_length=10, choices=Verdict.choices, default=Verdict.UNKNOWN)
    # [{"words": template, "values": {...}}], the weightiest first, as verification.verdict.Reason.
    reasons = models.JSONField(default=list)
    # What the log said at that time: verification.watch.Sightings as JSON.
    sightings = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("verification")
        verbose_name_plural = _("verifications")
        ordering = ["started_at"]

    def __str__(self) -> str:
        return f"{self.host_id} at {self.started_at:%Y-%m-%d %H:%M}: {self.verdict}"

    @property
    def sentences(self) -> list[str]:
        """The reasons of the verdict, each in the reader's language."""
        return [gettext(reason["words"]) % reason["values"] for reason in self.reasons]


class ProbeAnswer(models.Model):
    """What one probe tried, and the server's answer, with the whole SMTP dialogue."""

    run = models.ForeignKey(ProbeRun, on_delete=models.CASCADE, related_name="answers")
    number = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=60)
    tries = models.CharField(max_length=255)
    sender = models.CharField(max_length=320, blank=True)
    recipient = models.CharField(max_length=320)
    is_own_mail = models.BooleanField(default=False)
    stage = models.CharField(max_length=10)
    code = models.PositiveSmallIntegerField(null=True, blank=True)
    text = models.CharField(max_length=500, blank=True)
    accepted = models.BooleanField(null=True)
    transcript = models.JSONField(default=list)

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        return f"{self.name}: {self.code}"
