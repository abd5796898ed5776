"""What people do at the desk: acts of triage, saved views, and who looks at what now."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class TriageAct(models.Model):
    """One act of triage on one or several things, with what they were before: it can be undone."""

    class Kind(models.TextChoices):
        ACCEPT = "accept", _("accepted")
        LEAVE = "leave", _("seen")
        REFUSE = "refuse", _("refused")
        TAKE = "take", _("taken")

    kind = models.CharField(max_length=10, choices=Kind.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    # [{"complaint" or "task": number of the row, what it was before}], or {"decided": number of
    # the correction}
    changed = models.JSONField(default=list)
    # Things that somebody else was faster with.
    missed = models.PositiveIntegerField(default=0)
    undone_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.kind} {len(self.changed)}"


class SavedView(models.Model):
    """A choice of filters of the triage list, by a name."""

    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(max_length=500, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views"
    )
    is_shared = models.BooleanField(_("for everybody at the desk"), default=False)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="one_view_a_name_and_owner")
        ]

    def __str__(self) -> str:
        return self.name


class Presence(models.Model):
    """Somebody looks at a complaint or an incident, until the lease runs out."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    about = models.CharField(max_length=20)  # the reference
    until = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["about", "user"], name="one_presence_a_page")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} at {self.about}"
