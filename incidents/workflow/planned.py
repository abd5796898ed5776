"""What is planned already: looked up once where tasks of many complaints are planned together."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max, Q, QuerySet, Value
from django.db.models.functions import Upper

from complaints import audit
from complaints.models import AuditEntry, Complaint
from incidents.models import Incident, Task

# A reporter who writes again within a day of our answer has it already.
ONE_ANSWER_WITHIN = timedelta(days=1)


class _Planned:
    """Tasks of some complaints, and of their writers; nobody else plans any meanwhile."""

    def __init__(self, complaints: Sequence[Complaint]) -> None:
        self.complaints = {complaint.pk for complaint in complaints}
        self.senders = {complaint.sender for complaint in complaints}
        self.last: dict[int, int] = {}
        self.unwritten: list[tuple[Task, AuditEntry]] = []
        self._kinds: set[tuple[int, int, str]] | None = None
        self._answers: dict[tuple[int, str], set[int]] | None = None

    def kinds(self, incident: Incident, complaint: Complaint) -> set[str]:
        if self._kinds is None:
            found = Task.objects.order_by().filter(complaint__in=self.complaints)
            self._kinds = set(found.values_list("incident_id", "complaint_id", "kind"))
        here = (incident.pk, complaint.pk)
        return {kind for *where, kind in self._kinds if tuple(where) == here}

    def answers(self, incident: Incident, sender: str, now: datetime) -> set[int]:
        if self._answers is None:
            self._answers = {}
            for key, complaint, writer in _answers_to(self.senders, now).values_list(
                "incident_id", "complaint_id", "complaint__sender"
            ):
                self._answers.setdefault((key, writer.upper()), set()).add(complaint)
        return self._answers.get((incident.pk, sender.upper()), set())

    def note(self, task: Task) -> None:
        self.last[task.incident_id] = max(task.number, self.last.get(task.incident_id, 0))
        if task.complaint is None:
            return
        if self._kinds is not None:
            self._kinds.add((task.incident_id, task.complaint.pk, task.kind))
        if self._answers is not None and task.kind == "answer":
            key = (task.incident_id, task.complaint.sender.upper())
            self._answers.setdefault(key, set()).add(task.complaint.pk)

    def write(self) -> None:
        Task.objects.bulk_create(task for task, _ in self.unwritten)
        for task, entry in self.unwritten:
            entry.subject_reference = audit.reference_of(task)
        self.unwritten.clear()


_planned: ContextVar[_Planned | None] = ContextVar("planned", default=None)


@contextmanager
def looked_up(complaints: Sequence[Complaint]) -> Iterator[None]:
    """Look up once what is planned for these complaints. For one transaction that locks others out.

    What is planned within must be told by `note`. Within `audit.together`: tasks that may be
    written at the end are, and their entries in the history get their names then.
    """
    planned = _Planned(complaints)
    token = _planned.set(planned)
    try:
        yield
        planned.write()
    finally:
        _planned.reset(token)


def note(task: Task) -> None:
    """A task was made."""
    if planned := _planned.get():
        planned.note(task)


def is_among_others(complaint: Complaint | None) -> bool:
    """Whether tasks of this complaint are planned together with those of others."""
    planned = _planned.get()
    return planned is not None and complaint is not None and complaint.pk in planned.complaints


def write_later(task: Task, entry: AuditEntry) -> None:
    """Write a new task with those of the others; the entry that tells of it is not chained yet."""
    if planned := _planned.get():
        planned.unwritten.append((task, entry))


def kinds(incident: Incident, complaint: Complaint | None) -> set[str]:
    """The kinds of tasks that an incident has for a complaint, or for itself."""
    planned = _planned.get()
    if planned and complaint and complaint.pk in planned.complaints:
        return planned.kinds(incident, complaint)
    return set(incident.tasks.filter(complaint=complaint).values_list("kind", flat=True))


def last_number(incident: Incident) -> int:
    """The number of the last task of an incident, 0 for none."""
    planned = _planned.get()
    if planned and incident.pk in planned.last:
        return planned.last[incident.pk]
    last: int = incident.tasks.aggregate(last=Max("number"))["last"] or 0
    if planned:
        planned.last[incident.pk] = last
    return last


def has_answer(incident: Incident, complaint: Complaint, *, now: datetime) -> bool:
    """Whether the same reporter is being answered in this incident, or was within a day."""
    planned = _planned.get()
    if planned and complaint.sender in planned.senders:
        return bool(planned.answers(incident, complaint.sender, now) - {complaint.pk})
    answers = _answers_to({complaint.sender}, now).filter(incident=incident)
    return answers.exclude(complaint=complaint).exists()


def _answers_to(senders: set[str], now: datetime) -> "QuerySet[Task, Any]":
    """Answers that are open, or were given within a day, by the complaints of these writers.

    A large incident has many more answers than they.
    """
    current = Q(state=Task.State.OPEN) | Q(finished_at__gt=now - ONE_ANSWER_WITHIN)
    writers = Complaint.objects.alias(writer=Upper("sender")).filter(
        writer__in=[Upper(Value(sender)) for sender in sorted(senders)]
    )
    return Task.objects.order_by().filter(current, kind="answer", complaint__in=writers)
