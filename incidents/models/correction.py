"""Correction: what a person changed about which complaint is in which incident; can be undone."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Correction(models.Model):
    """One act of a person, with all that it changed, so that it can be undone at any later time."""

    class Kind(models.TextChoices):
        MOVE = "move", _("moved")
        APART = "apart", _("kept apart")
        MERGE = "merge", _("merged")
        RENAME = "rename", _("renamed")

    kind = models.CharField(max_length=10, choices=Kind.choices)
    incident = models.ForeignKey("Incident", on_delete=models.CASCADE, related_name="corrections")
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
    at = models.DateTimeField()
    by = models.CharField(max_length=150)
    # Rows by their numbers, and what they were before.
    changed = models.JSONField(default=dict)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.kind} {self.incident.reference}"
