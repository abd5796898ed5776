"""Correction: what a person changed about which complaint is in which incident; can be undone."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Correction(models.Model):
    """One act of a person, with all that it changed, so that it can be undone at any later time."""

    class Kind(models.TextChoices):
        MOVE = "move", _("moved")
        APART = "apart", _("kept apart")
        MERGE = "merge", _("merged")
        SPLIT = "split", _("split off")
        RENAME = "rename", _("renamed")

    kind = models.CharField(max_length=10, choices=Kind.choices)
    incident = models.ForeignKey("Incident", on_delete=models.CASCADE, related_name="corrections")
    # Where it put things; for an incident kept apart from another, the other.
    into = models.ForeignKey(
        "Incident",
        on_delete=models.CASCADE,
        related_name="corrections_into",
        null=True,
        blank=True,
    )
    complaint = models.ForeignKey(
        "complaints.Complaint", on_delete=models.CASCADE, null=True, blank=True
    )
    # Those that a person chose to be split off; they are kept out of the incident they left.
    complaints = models.ManyToManyField("complaints.Complaint", related_name="splits", blank=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=150)
    # Rows by their numbers, and what they were before.
    changed = models.JSONField(default=dict)
    # A large incident is taken along, or back, in batches: whether all are through.
    is_done = models.BooleanField(default=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            # Few rows: what a worker died over is taken up again.
            models.Index(
                fields=["at"], condition=models.Q(is_done=False), name="correction_under_way"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.incident.reference}"


class CorrectionBatch(models.Model):
    """What one transaction of a large correction took along."""

    correction = models.ForeignKey(Correction, on_delete=models.CASCADE, related_name="batches")
    # The last membership that was looked at; the next batch begins behind it.
    reached = models.BigIntegerField()
    # As grouping.carrying has it.
    changed = models.JSONField(default=dict)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.correction_id} up to {self.reached}"
