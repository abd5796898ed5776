"""ProbeRun and ProbeAnswer: one verification of a fix, and what each probe was told."""

from datetime import datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from complaints.models import Refusal


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
    # None where no mail host is what is looked at: a page, an account, a listing.
    host = models.ForeignKey("complaints.MailHost", on_delete=models.PROTECT, null=True, blank=True)
    # The last fix that was done by then; two fixes of an incident are told apart by it.
    fix = models.ForeignKey(
        "Fix", on_delete=models.SET_NULL, null=True, blank=True, related_name="probe_runs"
    )
    address = models.CharField(max_length=60, blank=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    started_by = models.CharField(max_length=150)
    verdict = models.CharField(max_length=10, choices=Verdict.choices, default=Verdict.UNKNOWN)
    # Until when the verdict stands; after that it says what was, not what is.
    expires_at = models.DateTimeField(null=True, blank=True)
    # Each {"words": template, "values": {...}, "evidence": [probe]}, the weightiest first.
    reasons = models.JSONField(default=list)
    missing = models.JSONField(default=list)
    for_manager = models.JSONField(default=dict)
    for_vendor = models.JSONField(default=dict)
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
        return [_in_words(reason) for reason in self.reasons]

    @property
    def clauses(self) -> list[tuple[str, list[str]]]:
        """The same, each with the names of the probes it rests on."""
        return [(_in_words(reason), reason.get("evidence", [])) for reason in self.reasons]

    @property
    def refused_by_hour(self) -> list[dict[str, Any]]:
        """Refused attempts of the last two days: `hour` (UTC), `rule` in words, `count`, who."""
        rules = dict(Refusal.Reason.choices)
        return [
            {
                "hour": datetime.fromisoformat(row["hour"]),
                "rule": rules.get(row["reason"], row["reason"]),
                "is_campaign": row["is_campaign"],
                "count": row["count"],
            }
            for row in reversed(self.sightings.get("hours", []))
        ]

    @property
    def refused_sources(self) -> list[dict[str, Any]]:
        """The addresses that were refused most since the fix: `address`, `count`, by whom."""
        return [
            {"address": address, "count": count, "is_campaign": is_campaign}
            for address, count, is_campaign in self.sightings.get("sources", [])
        ]

    @property
    def lacks(self) -> list[str]:
        """What is missing for the verdict “fixed”."""
        return [_in_words(reason) for reason in self.missing]

    @property
    def to_manager(self) -> str:
        """The verdict in one sentence for who leads; "" for none."""
        return _in_words(self.for_manager) if self.for_manager else ""

    @property
    def to_vendor(self) -> str:
        """The verdict in one sentence for who has to mend it; "" for none."""
        return _in_words(self.for_vendor) if self.for_vendor else ""


def _in_words(reason: dict[str, Any]) -> str:
    return str(gettext(reason["words"]) % reason["values"])


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
    door = models.CharField(max_length=60, blank=True)
    helo = models.CharField(max_length=255, blank=True)
    # What became of the marked message that was sent, as verification.findings.Fate.
    fate = models.CharField(max_length=10, blank=True)
    # False where the server does not offer what the probe is about.
    offered = models.BooleanField(default=True)
    transcript = models.JSONField(default=list)

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        return f"{self.name}: {self.code}"
