"""What is counted beforehand for reports: figures of each day, of each incident, and how far."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class DayFigure(models.Model):
    """How often one value of one measure occurred on a day of the desk.

    The measures are those of `incidents.reporting.counting`. A day is always counted as a whole,
    so that a row is never corrected, only counted anew.
    """

    measure = models.CharField(max_length=30)
    day = models.DateField()
    value = models.CharField(max_length=200)
    count = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["measure", "day", "value"], name="figure_of_a_day_once")
        ]
        indexes = [models.Index(fields=["day"], name="figure_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.measure} {self.value}: {self.count}"


class IncidentFigure(models.Model):
    """What reports say of one incident, so that a year of them is one query.

    `source_ip` is the address most of its messages came from; the fields after it say whose that
    is. Tasks are counted once they are finished.
    """

    incident = models.OneToOneField(
        "Incident", on_delete=models.CASCADE, primary_key=True, related_name="figure"
    )
    first_action_at = models.DateTimeField(_("first act of a person"), null=True, blank=True)
    first_letter_at = models.DateTimeField(_("first letter sent"), null=True, blank=True)
    complaints = models.PositiveIntegerField(_("complaints"), default=0)
    messages = models.PositiveIntegerField(_("messages"), default=0)
    recipients = models.PositiveIntegerField(_("recipients"), default=0)
    source_ip = models.CharField(_("main source"), max_length=45, blank=True)
    as_number = models.PositiveBigIntegerField(_("AS number"), null=True, blank=True)
    as_name = models.CharField(_("AS name"), max_length=200, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    customer = models.ForeignKey(
        "complaints.Customer", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    tasks_kept = models.PositiveIntegerField(_("tasks done in time"), default=0)
    tasks_late = models.PositiveIntegerField(_("tasks done late"), default=0)
    relapses = models.PositiveIntegerField(_("relapses"), default=0)
    verdict = models.CharField(_("last verdict"), max_length=10, blank=True)
    # Of a large incident what its page shows, as incidents.reporting.extent has it.
    extent = models.JSONField(default=dict)
    counted_at = models.DateTimeField()

    class Meta:
        verbose_name = _("figures of an incident")
        verbose_name_plural = _("figures of incidents")

    def __str__(self) -> str:
        return f"figures of {self.incident_id}"


class RollupState(models.Model):
    """How far the history has been counted, and what the last check found; one row."""

    # Everything up to this entry of the history is in the figures.
    history_sequence = models.BigIntegerField(default=0)
    # The zone whose days were counted: in another one every day is another.
    utc_offset = models.CharField(max_length=6, blank=True)
    counted_at = models.DateTimeField(null=True, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    # [words], one for each difference that the last check found, at most a few.
    differences = models.JSONField(default=list)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="only_one_rollup")]

    def __str__(self) -> str:
        return f"counted up to {self.history_sequence}"
