"""Enclosure: a file that goes with a letter, or the copy of it that is kept."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Enclosure(models.Model):
    """Made from the incident when the letter is drafted; what is read is what is sent."""

    class Kind(models.TextChoices):
        ARF = "arf", _("feedback report (ARF)")
        XARF = "xarf", _("report in JSON (XARF 4)")
        IODEF = "iodef", _("incident report (IODEF)")
        LOG = "log", _("log extract")
        COPY = "copy", _("copy of what was sent")

    letter = models.ForeignKey("Letter", on_delete=models.CASCADE, related_name="enclosures")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    name = models.CharField(max_length=100)
    content_type = models.CharField(max_length=100)
    content = models.BinaryField()
    size_bytes = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    # How many addresses of third persons were replaced.
    redacted = models.PositiveIntegerField(default=0)
    made_at = models.DateTimeField()

    class Meta:
        verbose_name = _("enclosure")
        verbose_name_plural = _("enclosures")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["letter", "name"], name="enclosure_named_once")
        ]

    def __str__(self) -> str:
        return self.name
