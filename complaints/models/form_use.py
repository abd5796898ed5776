"""FormUse: how often the public form was filled in within an hour, by whom."""

from django.db import models


class FormUse(models.Model):
    """Uses within one hour; `who` is a keyed hash of an address, or stands for everybody."""

    who = models.CharField(max_length=64)
    hour = models.DateTimeField(db_index=True)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["who", "hour"], name="form_use_once")]

    def __str__(self) -> str:
        return f"{self.hour}: {self.count}"
