"""Campaign, what its cases have in common, and where each case was placed and why."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from incidents.models.incident import Incident

MACHINE = "Meyasu"


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
    # The like campaign of an incident that had ended: this one may be its follow-up.
    continues = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="continued_by"
    )
    # The campaign that the first case here was like, though not enough to join it: where each is
    # in an incident, a person is asked whether these are one; and why, as in Placement.reasons.
    resembles = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="resembled_by",
        db_index=False,
    )
    resembles_why = models.JSONField(default=list)
    messages = models.ManyToManyField("complaints.RelayedMessage", related_name="campaigns")
    # [kind, value] of what its cases have in common that tells a person something.
    shown = models.JSONField(default=list)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["incident", "number"], name="campaign_number_once")
        ]
        indexes = [
            # Few rows: asked for each page of triage.
            models.Index(
                fields=["resembles"],
                condition=models.Q(resembles__isnull=False),
                name="campaign_alike",
            )
        ]

    def values_of(self, kind: str) -> list[str]:
        """The commonest values of one trait, as a person is shown them."""
        return [value for shown_kind, value in self.shown if shown_kind == kind]

    def __str__(self) -> str:
        return f"{self.incident.reference}/{self.number}" if self.incident else f"({self.pk})"


class CampaignProfile(models.Model):
    """Counts over the cases of a campaign, as grouping.profile has them: of bounded size.

    A row of its own, so that whoever lists campaigns does not read it. One of another version than
    the program's is made anew.
    """

    campaign = models.OneToOneField(
        Campaign, on_delete=models.CASCADE, related_name="profile", primary_key=True
    )
    data = models.JSONField(default=dict)
    version = models.PositiveSmallIntegerField()

    def __str__(self) -> str:
        return f"profile of {self.campaign_id}"


class KnownValue(models.Model):
    """In how many campaigns a value of a trait was seen, and in which latest ones.

    The index by which like cases find a campaign, and what tells how rare a value is.
    """

    # 64 bits of a hash over trait and value: the values themselves are in the cases.
    key = models.BigIntegerField(primary_key=True)
    number = models.PositiveIntegerField(default=0)
    campaigns = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"{self.key} in {self.number}"


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
    placed_by = models.CharField(max_length=150, default=MACHINE)
    placed_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["at"], name="placement_at"),
            # Few rows: whether a person placed anything in a campaign is asked for each case.
            models.Index(
                fields=["campaign"],
                condition=~models.Q(placed_by=MACHINE),
                name="placement_by_a_person",
            ),
        ]

    def __str__(self) -> str:
        return self.key
