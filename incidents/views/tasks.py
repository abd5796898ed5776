"""What people do with a task, each answered with the task again."""

from typing import Any

from django.contrib import messages
from django.db.models import Case, F, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from complaints import clock
from complaints.views.access import staff
from incidents.correspondence import compose, draft
from incidents.forms import (
    CommentForm,
    CompleteForm,
    HandOverForm,
    LineForm,
    ReasonForm,
    SnoozeForm,
)
from incidents.models import ChecklistLine, Incident, Task
from incidents.workflow import handling, inforce, moves
from incidents.workflow.moves import NotAllowed

MOST_TASKS = 60


def shown_of(incident: Incident) -> tuple[list[Task], bool]:
    """An incident's tasks with all that is shown of them, and whether some are left out.

    Those of the incident itself come before those that answer complaints, of which there may be
    thousands; of these the open ones that are due first. A fixed number of queries.
    """
    tier = Case(
        When(complaint=None, then=Value(0)), When(state=Task.State.OPEN, then=Value(1)),
        default=Value(2),
    )  # fmt: skip
    tasks = (
        Task.objects.with_blocker()
        .with_nudge()
        .filter(incident=incident)
        .select_related("complaint", "taken_by")
        .defer("complaint__text", "complaint__reasons", "complaint__notes")
        .prefetch_related("waits_for", "checklist", "comments")
        .order_by(tier, F("due_at").asc(nulls_last=True), "number")
    )
    found = list(tasks[: MOST_TASKS + 1])
    shown = sorted(found[:MOST_TASKS], key=lambda task: task.number)
    for task in shown:
        task.incident = incident
    return shown, len(found) > MOST_TASKS


@require_POST
@staff("incidents.change_task")
def complete_task(request: HttpRequest, task_id: int) -> HttpResponse:
    """Finish a task with its outcome."""
    return _with_form(request, task_id, CompleteForm(request.POST), moves.complete)


@require_POST
@staff("incidents.change_task")
def take_task(request: HttpRequest, task_id: int) -> HttpResponse:
    """Take a task."""
    return _move(request, task_id, moves.take)


@require_POST
@staff("incidents.change_task")
def drop_task(request: HttpRequest, task_id: int) -> HttpResponse:
    """Say that a task is not needed."""
    return _with_form(request, task_id, ReasonForm(request.POST), moves.drop, _("Say why."))


@require_POST
@staff("incidents.change_task")
def reopen_task(request: HttpRequest, task_id: int) -> HttpResponse:
    """Take a finished task up again."""
    return _with_form(request, task_id, ReasonForm(request.POST), moves.reopen, _("Say why."))


@require_POST
@staff("incidents.change_task")
def hand_over(request: HttpRequest, task_id: int) -> HttpResponse:
    """Give a task to a colleague."""
    form = HandOverForm(request.POST)
    return _with_form(request, task_id, form, handling.hand_over, _("Say to whom."))


@require_POST
@staff("incidents.change_task")
def snooze_task(request: HttpRequest, task_id: int) -> HttpResponse:
    """Put a task off until a time."""
    form = SnoozeForm(request.POST)
    return _with_form(request, task_id, form, handling.snooze, _("Say until when, and why."))


@require_POST
@staff("incidents.change_task")
def wake_task(request: HttpRequest, task_id: int) -> HttpResponse:
    """Take up a task that was put off."""
    return _move(request, task_id, handling.wake)


@require_POST
@staff("incidents.change_task")
def comment_on_task(request: HttpRequest, task_id: int) -> HttpResponse:
    """Write something under a task."""
    form = CommentForm(request.POST)
    return _with_form(request, task_id, form, handling.comment, _("The comment is empty."))


@require_POST
@staff("incidents.change_task")
def add_line(request: HttpRequest, task_id: int) -> HttpResponse:
    """Add a line to a task's checklist."""
    return _with_form(
        request, task_id, LineForm(request.POST), handling.add_line, _("The line is empty.")
    )


@require_POST
@staff("incidents.change_task")
def tick_line(request: HttpRequest, line_id: int) -> HttpResponse:
    """Tick a line of a checklist off, or back."""
    line = get_object_or_404(ChecklistLine.objects.select_related("task__incident"), pk=line_id)
    problem = ""
    try:
        handling.tick(line, done="undo" not in request.POST, by=request.user, now=clock.now())
    except NotAllowed as refusal:
        problem = str(refusal)
    return _answer(request, line.task_id, problem, stays_open=True)


@require_POST
@staff("incidents.add_letter")
def draft_letter(request: HttpRequest, task_id: int) -> HttpResponse:
    """Write the letter a task is done with."""
    task = get_object_or_404(Task.objects.select_related("incident", "complaint"), pk=task_id)
    plan = inforce.playbook_of(task.incident).plan(task.kind)
    kind = plan.letter if plan else task.kind
    try:
        letter = compose.draft_letter(
            task.incident, kind, task=task, by=request.user, now=clock.now()
        )
    except (NotAllowed, draft.NoTemplate) as refusal:
        messages.error(request, str(refusal), extra_tags="bad")
        return redirect("incidents:incident", task.incident.reference)
    return redirect("incidents:letter", letter.pk)


def _with_form(
    request: HttpRequest, task_id: int, form: Any, move: Any, problem: str = ""
) -> HttpResponse:
    """Do what the form says; `problem` is what its errors come to, in one sentence."""
    if form.is_valid():
        return _move(request, task_id, move, **form.cleaned_data)
    return _answer(request, task_id, problem or form.errors.as_text())


def _move(request: HttpRequest, task_id: int, move: Any, **said: Any) -> HttpResponse:
    task = get_object_or_404(Task.objects.select_related("incident", "taken_by"), pk=task_id)
    try:
        move(task, **said, by=request.user, now=clock.now())
    except NotAllowed as refusal:
        return _answer(request, task_id, str(refusal))
    return _answer(request, task_id, "")


def _answer(
    request: HttpRequest, task_id: int, problem: str, *, stays_open: bool = False
) -> HttpResponse:
    """The task again: its partial for htmx, its page for a browser without scripts.

    stays_open  only this task has changed, and its person goes on with it
    """
    task = get_object_or_404(
        Task.objects.with_blocker()
        .with_nudge()
        .select_related("incident__playbook_version", "complaint", "taken_by"),
        pk=task_id,
    )
    if getattr(request, "htmx", False):
        context = {
            "task": task,
            "problem": problem,
            "stays_open": stays_open,
            "form": CompleteForm(),
            "colleagues": handling.colleagues(),
        }
        return render(request, "incidents/_task.html", context)
    if problem:
        messages.error(request, problem, extra_tags="bad")
    address = redirect("incidents:incident", task.incident.reference)
    address["Location"] += f"#task-{task.pk}"
    return address
