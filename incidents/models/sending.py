"""What each sender handed in within an hour, as the log has it; and how far the log was counted."""

from django.db import models


class SentHour(models.Model):
    """What one account, script, customer, machine or stranger sent in one hour.

    So it is known what is usual without reading the log again. Old ones are forgotten.
    """

    # As an IncidentKey has them.
    kind = models.CharField(max_length=20)
    value = models.CharField(max_length=255)
    hour = models.DateTimeField(help_text="When it begins.")
    messages = models.PositiveIntegerField()
    recipients = models.PositiveIntegerField()
    domains = models.PositiveIntegerField(default=0)
    # What was abuse shall not pass as usual.
    is_sign = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "value", "hour"], name="sent_hour_once")
        ]
        indexes = [models.Index(fields=["hour"], name="sent_hour_time")]

    def __str__(self) -> str:
        return f"{self.kind} {self.value}, {self.hour:%Y-%m-%d %H}"


class LogMark(models.Model):
    """The last message of the log that was counted: one row."""

    message = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"up to {self.message}"
