"""PlaybookVersion: what a desk does about a kind of incident, as it was from one day to another."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from incidents.playbooks import document
from incidents.playbooks.playbook import Playbook


class PlaybookVersion(models.Model):
    """One version of a playbook; never changed, so that a running incident keeps its own.

    At most one version of a kind is current: new incidents get it.
    """

    kind = models.CharField(_("kind"), max_length=40)
    number = models.PositiveIntegerField(_("version"))
    # As incidents.playbooks.document writes it.
    content = models.JSONField()
    is_shipped = models.BooleanField(_("came with the program"), default=False)
    is_current = models.BooleanField(_("in force"), default=False)
    made_at = models.DateTimeField(_("made at"))
    made_by = models.CharField(_("made by"), max_length=150)
    note = models.CharField(_("what was changed"), max_length=255, blank=True)

    class Meta:
        verbose_name = _("version of a playbook")
        verbose_name_plural = _("versions of playbooks")
        ordering = ["kind", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "number"], name="playbook_version_once"),
            models.UniqueConstraint(
                fields=["kind"],
                condition=models.Q(is_current=True),
                name="one_current_version_a_playbook",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"

    def playbook(self) -> Playbook:
        """The playbook as it is followed."""
        return document.read(self.content)
