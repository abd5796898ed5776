"""Task: what a person has to do in an incident, by when, and after which other."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from incidents.querysets import TaskQuerySet


class Task(models.Model):
    """One thing to do, of a kind that its playbook plans; it waits while a blocker is open."""

    class State(models.TextChoices):
        OPEN = "open", _("open")
        DONE = "done", _("done")
        DROPPED = "dropped", _("not needed")

    incident = models.ForeignKey("Incident", on_delete=models.CASCADE, related_name="tasks")
    kind = models.CharField(max_length=40)
    title = models.CharField(_("title"), max_length=200)
    explanation = models.TextField(_("what to do"), blank=True)
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

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        """Whether it is still to be done."""
        return self.state == self.State.OPEN
