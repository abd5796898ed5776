"""Link: complaint to relayed message, with its score and the reasons a person can check."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Link(models.Model):
    """What ties one reported message to one relayed message."""

    class State(models.TextChoices):
        LINKED = "linked", _("linked")
        PROPOSED = "proposed", _("proposed")
        CONFIRMED = "confirmed", _("confirmed by a person")
        REJECTED = "rejected", _("rejected by a person")

    HOLDING = (State.LINKED, State.CONFIRMED)

    complaint = models.ForeignKey("Complaint", on_delete=models.CASCADE, related_name="links")
    reported_message = models.ForeignKey(
        "ReportedMessage", on_delete=models.SET_NULL, null=True, blank=True, related_name="links"
    )
    message = models.ForeignKey("RelayedMessage", on_delete=models.PROTECT, related_name="links")
    state = models.CharField(max_length=10, choices=State.choices)
    score = models.FloatField()
    # [{"fact": words, "weight": log-likelihood, "name": line of the table of weights}], strongest
    # first; below zero speaks against.
    reasons = models.JSONField(default=list)
    # Of a link that is certain: by how many seconds the host's clock was ahead of the reporter's.
    ahead_seconds = models.FloatField(null=True, blank=True)
    # The version of the table of weights that the score was computed by.
    weighed_by = models.CharField(max_length=20, blank=True)
    linked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["complaint", "message"], name="one_link_a_pair")
        ]
        indexes = [
            # Few rows: the latest decisions of people are looked at, for calibration.
            models.Index(
                fields=["-id"],
                condition=models.Q(state__in=["confirmed", "rejected"]),
                name="link_decided",
            )
        ]

    def __str__(self) -> str:
        return f"{self.complaint_id} to {self.message_id}: {self.score:.2f}"


class LearnedWeights(models.Model):
    """A table of weights that was learned here; the latest is in force."""

    learned_at = models.DateTimeField()
    # {name of the fact: log-likelihood}
    weights = models.JSONField()
    examples = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.pk}, from {self.examples} examples"
