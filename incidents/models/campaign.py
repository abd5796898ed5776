"""Campaign, what its cases have in common, and where each case was placed and why."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from incidents.models.incident import Incident
from incidents.querysets import CampaignKeyQuerySet


class Campaign(models.Model):
    """One family of content by one abuser.

    It is in an incident as soon as something ties it to a hole or an abuser, or two complaints
    are about it; until then its complaints are in none.
    """

    incident = models.ForeignKey(
        Incident, on_delete=models.CASCADE, related_name="campaigns", null=True, blank=True
    )
    number = models.PositiveSmallIntegerField(default=0)
    title = models.CharField(max_length=200)
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged_from"
    )
    messages = models.ManyToManyField("complaints.RelayedMessage", related_name="campaigns")
    # Counts over its cases, as grouping.profile has them.
    profile = models.JSONField(default=dict)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["incident", "number"], name="campaign_number_once")
        ]

    def __str__(self) -> str:
        return f"{self.incident.reference}/{self.number}" if self.incident else f"({self.pk})"


class CampaignKey(models.Model):
    """A value that some case of a campaign has; the index by which like cases find it."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="keys")
    kind = models.CharField(max_length=20)
    value = models.CharField(max_length=255)

    objects = CampaignKeyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "value", "campaign"], name="campaign_has_key_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"


class Placement(models.Model):
    """Where one case was placed, by whom, why, and what came second.

    A case is one reported message of a complaint, or a burst of messages in the log; then there
    is no complaint.
    """

    key = models.CharField(max_length=40, unique=True)
    complaint = models.ForeignKey(
        "complaints.Complaint",
        on_delete=models.CASCADE,
        related_name="placements",
        null=True,
        blank=True,
    )
    campaign = models.ForeignKey(
        Campaign, on_delete=models.SET_NULL, related_name="placements", null=True, blank=True
    )
    at = models.DateTimeField(help_text=_("When the message passed."))
    # What grouping compares, as grouping.case has it.
    case = models.JSONField(default=dict)
    # [kind, value, reason] of each incident that the case names by itself.
    incident_keys = models.JSONField(default=list)
    # [{"fact": words, "weight": log-odds}], strongest first; below zero speaks against.
    reasons = models.JSONField(default=list)
    # {"campaign": number of the row, "score": log-odds, "reasons": as above}; {} for none.
    runner_up = models.JSONField(default=dict)
    score = models.FloatField(default=0)
    rules = models.CharField(max_length=10)
    placed_by = models.CharField(max_length=150, default="Meyasu")
    placed_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["at"], name="placement_at")]

    def __str__(self) -> str:
        return self.key
