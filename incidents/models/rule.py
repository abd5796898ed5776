"""Rule: what the program does by itself; RuleRun: each time; RuleMark: up to where it read."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Rule(models.Model):
    """A rule of the desk. Each change counts its version up; the history keeps what it said."""

    name = models.CharField(_("name"), max_length=34, unique=True)
    version = models.PositiveIntegerField(_("version"), default=1)
    # As incidents.automation.document writes it.
    content = models.JSONField()
    is_on = models.BooleanField(_("switched on"), default=False)
    changed_at = models.DateTimeField(_("changed at"))
    changed_by = models.CharField(_("changed by"), max_length=150)

    class Meta:
        verbose_name = _("rule")
        verbose_name_plural = _("rules")
        ordering = ["name"]

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


class RuleRun(models.Model):
    """That a rule ran on one entry of the history. The constraint keeps it from running twice."""

    rule = models.ForeignKey(Rule, on_delete=models.CASCADE, related_name="runs")
    version = models.PositiveIntegerField()
    sequence = models.BigIntegerField()
    incident = models.ForeignKey("Incident", on_delete=models.CASCADE, related_name="rule_runs")
    at = models.DateTimeField()
    did = models.JSONField(default=list)  # words of the code: priority, assign, task, tell

    class Meta:
        verbose_name = _("run of a rule")
        verbose_name_plural = _("runs of rules")
        constraints = [models.UniqueConstraint(fields=["rule", "sequence"], name="rule_ran_once")]

    def __str__(self) -> str:
        return f"{self.rule_id} on {self.sequence}"


class RuleMark(models.Model):
    """Up to which entry of the history the rules have looked: one row."""

    sequence = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.sequence)
