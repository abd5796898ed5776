"""Fix: what somebody did to close the hole of an incident: of which kind, by whom, and when."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Fix(models.Model):
    """One thing that was done. A verification tells how far the last one before it holds."""

    class Kind(models.TextChoices):
        BLOCK_LIST = "block-list", _("senders or addresses blocked by name")
        RULE = "rule", _("a rule of the server changed")
        UPGRADE = "upgrade", _("software upgraded or replaced")
        ACCOUNT = "account", _("account closed, or its password changed")
        REMOVAL = "removal", _("page or program removed")
        CUSTOMER = "customer", _("customer stopped, or cut off")
        DELISTING = "delisting", _("taken off a block list")
        OTHER = "other", _("something else")

    incident = models.ForeignKey("Incident", on_delete=models.CASCADE, related_name="fixes")
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    what = models.TextField(_("what was done"))
    done_by = models.CharField(_("done by"), max_length=150)
    done_at = models.DateTimeField(_("done at"))
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=150)

    class Meta:
        verbose_name = _("fix")
        verbose_name_plural = _("fixes")
        ordering = ["done_at", "pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.done_at:%Y-%m-%d %H:%M}"
