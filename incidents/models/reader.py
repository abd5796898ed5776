"""ReportReader: who gets each report of a month or year by mail; ReportMailing: each that left."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class ReportReader(models.Model):
    """Somebody who gets a report when its month or year is over."""

    class Every(models.TextChoices):
        MONTH = "month", _("every month")
        YEAR = "year", _("every year")

    name = models.CharField(_("name"), max_length=200)
    email = models.EmailField(_("e-mail"))
    every = models.CharField(
        _("how often"), max_length=10, choices=Every.choices, default=Every.MONTH
    )
    language = models.CharField(
        _("language"), max_length=8, choices=settings.LANGUAGES, default="en"
    )
    since = models.DateField(
        _("since"), help_text=_("Reports of months or years that ended before are not sent.")
    )

    class Meta:
        verbose_name = _("reader of reports")
        verbose_name_plural = _("readers of reports")

    def __str__(self) -> str:
        return f"{self.name} <{self.email}>"


class ReportMailing(models.Model):
    """A report on its way to a reader: claimed by this row before it leaves, sent at most once."""

    class State(models.TextChoices):
        SENDING = "sending", _("on its way")
        SENT = "sent", _("sent")
        UNSURE = "unsure", _("perhaps sent")
        FAILED = "failed", _("failed")

    reader = models.ForeignKey(ReportReader, on_delete=models.CASCADE, related_name="mailings")
    period = models.CharField(_("period"), max_length=7)  # 2026-10, or 2026
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.SENDING
    )
    claimed_at = models.DateTimeField(_("sent at"))
    note = models.CharField(_("note"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("mailed report")
        verbose_name_plural = _("mailed reports")
        constraints = [
            models.UniqueConstraint(fields=["reader", "period"], name="report_mailed_once")
        ]

    def __str__(self) -> str:
        return f"{self.period}: {self.state}"
