"""Task: what a person has to do in an incident, by when, after which other; its checklist."""

from django.conf import settings
from django.db import models
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from incidents.querysets import TaskQuerySet

# What a finished task came to; the values that people choose are in `forms.OUTCOMES`.
OUTCOME_WORDS = {
    "done": _("done"),
    "sent": _("sent"),
    "answered": _("answered"),
    "promise": _("a promise was made"),
    "lifted": _("the threat is lifted"),
    "carried-out": _("the threat was carried out"),
    "ignored": _("not answered"),
    "no-reply": _("no reply"),
    "fixed": _("fixed"),
    "published": _("published"),
    "closed": _("closed"),
    "not-needed": _("not needed"),
    "replaced": _("not planned any more"),
}


class Task(models.Model):
    """One thing to do, of a kind that its playbook plans; it waits while a blocker is open."""

    class State(models.TextChoices):
        OPEN = "open", _("open")
        DONE = "done", _("done")
        DROPPED = "dropped", _("not needed")

    incident = models.ForeignKey("Incident", on_delete=models.CASCADE, related_name="tasks")
    kind = models.CharField(max_length=40)
    title = models.CharField(_("title"), max_length=200)
    title_ja = models.CharField(max_length=200, blank=True)
    explanation = models.TextField(_("what to do"), blank=True)
    explanation_ja = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    role = models.CharField(max_length=20, default="agent")
    number = models.PositiveIntegerField()
    due_at = models.DateTimeField(_("due at"), null=True, blank=True)
    created_at = models.DateTimeField()
    waits_for = models.ManyToManyField("self", symmetrical=False, related_name="releases")
    complaint = models.ForeignKey(
        "complaints.Complaint",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="tasks",
        help_text=_("The complaint it answers, where there is one."),
    )
    snoozed_until = models.DateTimeField(_("put off until"), null=True, blank=True)
    snooze_reason = models.CharField(_("why it is put off"), max_length=255, blank=True)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True
    )
    outcome = models.CharField(_("outcome"), max_length=40, blank=True)
    outcome_note = models.TextField(_("note"), blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    finished_by = models.CharField(max_length=150, blank=True)

    objects = TaskQuerySet.as_manager()

    class Meta:
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        ordering = ["number"]
        constraints = [
            # A playbook plans each kind once an incident, or once a complaint it answers.
            models.UniqueConstraint(
                fields=["incident", "kind"],
                condition=models.Q(complaint=None),
                name="task_planned_once",
            ),
            models.UniqueConstraint(
                fields=["incident", "kind", "complaint"], name="task_planned_once_a_complaint"
            ),
        ]
        indexes = [
            models.Index(fields=["state", "due_at"], name="task_due"),
            # The last number is asked for each complaint of an incident, however many it has.
            models.Index(fields=["incident", "number"], name="task_of_incident"),
        ]
        permissions = [("finish_lead_task", "Can finish tasks meant for the lead")]

    def __str__(self) -> str:
        return self.title

    @property
    def ended_as(self) -> str:
        """What it came to, in the reader's language."""
        return str(OUTCOME_WORDS.get(self.outcome, self.outcome))

    @property
    def called(self) -> str:
        """Its title in the reader's language."""
        return in_reader_language(self.title, self.title_ja)

    @property
    def explained(self) -> str:
        """What to do, in the reader's language."""
        return in_reader_language(self.explanation, self.explanation_ja)

    @property
    def is_open(self) -> bool:
        """Whether it is still to be done."""
        return self.state == self.State.OPEN


class ChecklistLine(models.Model):
    """A line of a task's checklist: from its playbook, or a person's own."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="checklist")
    number = models.PositiveSmallIntegerField()
    words = models.CharField(max_length=255)
    words_ja = models.CharField(max_length=255, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["task", "number"], name="checklist_line_once")
        ]

    def __str__(self) -> str:
        return in_reader_language(self.words, self.words_ja)


class TaskComment(models.Model):
    """What somebody at the desk wrote under a task, for colleagues only."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="comments")
    text = models.TextField()
    at = models.DateTimeField()
    by = models.CharField(max_length=150)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.text


def in_reader_language(english: str, japanese: str) -> str:
    """The Japanese for those who read it, where the desk wrote any; else as translated."""
    if japanese and (get_language() or "").startswith("ja"):
        return japanese
    return gettext(english) if english else ""
