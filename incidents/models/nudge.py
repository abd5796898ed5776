"""Nudge: one word to somebody about a task or an incident, said once."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from incidents.querysets import NudgeQuerySet


class Nudge(models.Model):
    """A reminder, an escalation, a task handed over, or what a rule wants somebody to know.

    It is for one person or, where `for_user` is none, for everybody of a role.
    """

    class Kind(models.TextChoices):
        REMINDER = "reminder", _("due soon")
        LATE = "late", _("late")
        HANDED = "handed", _("handed over")
        RELAPSE = "relapse", _("relapsed")
        RULE = "rule", _("a rule")

    kind = models.CharField(max_length=10, choices=Kind.choices)
    incident = models.ForeignKey("Incident", on_delete=models.CASCADE, related_name="nudges")
    task = models.ForeignKey(
        "Task", on_delete=models.CASCADE, null=True, blank=True, related_name="nudges"
    )
    for_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True
    )
    for_role = models.CharField(max_length=20, blank=True)
    # The time that the task was due when it was said: a task that is due anew may be late anew.
    due_at = models.DateTimeField(null=True, blank=True)
    why = models.CharField(max_length=255)
    made_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True, blank=True)

    objects = NudgeQuerySet.as_manager()

    class Meta:
        verbose_name = _("nudge")
        verbose_name_plural = _("nudges")
        constraints = [
            models.UniqueConstraint(
                fields=["task", "kind", "due_at"],
                condition=models.Q(kind__in=["reminder", "late"]),
                name="reminded_once",
            )
        ]
        indexes = [models.Index(fields=["seen_at", "for_user"], name="nudge_unseen")]

    def __str__(self) -> str:
        return self.why
