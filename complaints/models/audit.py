"""AuditEntry: who did what, when, each entry chained to the one before."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class AuditEntry(models.Model):
    """One act. Written only by complaints.audit.record(), never changed."""

    sequence = models.BigIntegerField(unique=True)
    at = models.DateTimeField(_("at"))
    actor = models.CharField(_("who"), max_length=150)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True
    )
    action = models.CharField(_("act"), max_length=60)
    subject_kind = models.CharField(max_length=30)
    subject_reference = models.CharField(_("of"), max_length=60, db_index=True)
    incident_reference = models.CharField(max_length=20, blank=True, db_index=True)
    details = models.JSONField(default=dict)
    previous_hash = models.CharField(max_length=64)
    entry_hash = models.CharField(max_length=64, unique=True)

    class Meta:
        verbose_name = _("history entry")
        verbose_name_plural = _("history")
        ordering = ["sequence"]
        indexes = [
            models.Index(
                fields=["at"],
                condition=models.Q(user__isnull=False),
                name="audit_acts_of_people",
            )
        ]

    def __str__(self) -> str:
        return f"{self.sequence} {self.action} {self.subject_reference}"
