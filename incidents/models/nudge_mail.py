"""NudgeWish: who wants reminders by mail too; NudgeMailing: each word that was mailed, once."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class NudgeWish(models.Model):
    """Somebody wants to be mailed what reminds them. Without such a row nobody is."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="nudge_wish"
    )
    language = models.CharField(
        _("language"), max_length=8, choices=settings.LANGUAGES, default="en"
    )
    since = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("reminders by mail")
        verbose_name_plural = _("reminders by mail")

    def __str__(self) -> str:
        return str(self.user)


class NudgeMailing(models.Model):
    """One word to one person on its way: claimed by this row before it leaves, sent once."""

    class State(models.TextChoices):
        SENDING = "sending", _("on its way")
        SENT = "sent", _("sent")
        UNSURE = "unsure", _("perhaps sent")
        FAILED = "failed", _("failed")

    nudge = models.ForeignKey("Nudge", on_delete=models.CASCADE, related_name="mailings")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.SENDING
    )
    claimed_at = models.DateTimeField(_("sent at"))
    note = models.CharField(_("note"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("mailed reminder")
        verbose_name_plural = _("mailed reminders")
        constraints = [models.UniqueConstraint(fields=["nudge", "user"], name="nudge_mailed_once")]

    def __str__(self) -> str:
        return f"{self.nudge_id}: {self.state}"
