"""Incident, the keys that name it, and which complaints belong to it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from incidents.querysets import IncidentQuerySet


class Incident(models.Model):
    """One abuse through our servers: one hole or one abuser, over its time.

    The three headline times of the report run from `discovered_at` to `notice_published_at`,
    `partially_fixed_at` and `fixed_at`.
    """

    class State(models.TextChoices):
        OPEN = "open", _("open")
        PARTIALLY_FIXED = "partially-fixed", _("partially fixed")
        FIXED = "fixed", _("fixed, watched")
        CLOSED = "closed", _("closed")

    class Origin(models.TextChoices):
        LOG = "log", _("the mail log")
        COMPLAINT = "complaint", _("a complaint")
        PERSON = "person", _("a person")

    class Priority(models.IntegerChoices):
        URGENT = 1, _("urgent")
        HIGH = 2, _("high")
        NORMAL = 3, _("normal")
        LOW = 4, _("low")

    reference = models.CharField(_("reference"), max_length=20, unique=True)
    title = models.CharField(_("title"), max_length=200)
    kind = models.CharField(_("kind"), max_length=40, help_text=_("Name of its playbook."))
    playbook_version = models.ForeignKey(
        "PlaybookVersion",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="incidents",
        help_text=_("The version that its tasks were planned by."),
    )
    state = models.CharField(max_length=20, choices=State.choices, default=State.OPEN)
    priority = models.PositiveSmallIntegerField(choices=Priority.choices, default=Priority.NORMAL)
    # [{"fact": word of grouping.urgency, "count": how many, "points": weight}], weightiest first.
    priority_facts = models.JSONField(default=list)
    # The person who said how urgent it is; "" while the facts decide.
    priority_by = models.CharField(max_length=150, blank=True)
    origin = models.CharField(_("opened from"), max_length=10, choices=Origin.choices)
    why_opened = models.TextField(_("why it was opened"))
    host = models.ForeignKey("complaints.MailHost", on_delete=models.PROTECT, null=True, blank=True)
    discovered_at = models.DateTimeField(_("discovered at"))
    first_seen_at = models.DateTimeField(_("first seen at"), null=True, blank=True)
    last_seen_at = models.DateTimeField(_("last seen at"), null=True, blank=True)
    notice_published_at = models.DateTimeField(null=True, blank=True)
    partially_fixed_at = models.DateTimeField(null=True, blank=True)
    fixed_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    # Until when the log is watched for a relapse after the fix.
    watched_until = models.DateTimeField(null=True, blank=True)
    next_verification_at = models.DateTimeField(null=True, blank=True)
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged_from"
    )
    # The same abuse again, so long after the end of the other that it is work of its own.
    follow_up_of = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="followed_by"
    )
    complaints = models.ManyToManyField(
        "complaints.Complaint", through="IncidentComplaint", related_name="incidents"
    )

    objects = IncidentQuerySet.as_manager()

    class Meta:
        verbose_name = _("incident")
        verbose_name_plural = _("incidents")
        indexes = [models.Index(fields=["state", "priority"], name="incident_state")]

    def __str__(self) -> str:
        return self.reference

    @property
    def is_open(self) -> bool:
        """Whether there may still be something to do."""
        return self.state != self.State.CLOSED


class IncidentKey(models.Model):
    """A fact by which a complaint or a relayed message finds its incident.

    While `is_active`, at most one incident has a key: that constraint keeps two workers
    from opening the same incident.
    """

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="keys")
    kind = models.CharField(max_length=40)
    value = models.CharField(max_length=255)
    reason = models.CharField(max_length=255)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "value"],
                condition=models.Q(is_active=True),
                name="one_incident_an_active_key",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"


class IncidentComplaint(models.Model):
    """A complaint in an incident, with the reasons it is there."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="memberships")
    complaint = models.ForeignKey(
        "complaints.Complaint", on_delete=models.PROTECT, related_name="memberships"
    )
    campaigns = models.ManyToManyField("incidents.Campaign", related_name="memberships", blank=True)
    # [{"fact": words}], strongest first.
    reasons = models.JSONField(default=list)
    joined_at = models.DateTimeField()
    joined_by = models.CharField(max_length=150, default="Meyasu")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "complaint"], name="complaint_in_incident_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.complaint_id} in {self.incident_id}"
