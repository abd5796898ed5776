"""/healthz (alive), /readyz (can work, or what is missing) and /metrics (Prometheus)."""

from collections.abc import Callable
from datetime import timedelta

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Min, Q, Sum
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_GET
from prometheus_client import CollectorRegistry, Gauge, generate_latest

from complaints import clock
from complaints.models import Complaint, LogSource, Mailbox, MailFolder
from config import broker
from incidents.models import Incident, Task

STALE_AFTER = timedelta(minutes=15)
SEVERAL = 3  # failures in a row of a mailbox that was never reached


@require_GET
def alive(request: HttpRequest) -> HttpResponse:
    """The process answers; says nothing about anything else."""
    return HttpResponse("alive\n", content_type="text/plain")


@require_GET
def ready(request: HttpRequest) -> JsonResponse:
    """200 if the system can do its work, else 503; each part with what is missing, in words."""
    checks: dict[str, Callable[[], str]] = {
        "database": _database,
        "broker": broker.problem,
        "workers": broker.silence,
    }
    problems = {name: problem for name, check in checks.items() if (problem := check())}
    if "database" not in problems:  # without its tables the rest cannot be asked
        asked = {"walk": _walk(), "mailboxes": _mailboxes(), "mail logs": _mail_logs()}
        problems |= {name: problem for name, problem in asked.items() if problem}
    answer = {"ready": not problems, "problems": problems}
    return JsonResponse(answer, status=503 if problems else 200)


@require_GET
def metrics(request: HttpRequest) -> HttpResponse:
    """Counts for Prometheus; no names, no addresses."""
    registry = CollectorRegistry()
    stages = Gauge("meyasu_complaints", "Complaints by stage", ["stage"], registry=registry)
    oldest = Gauge(
        "meyasu_oldest_waiting_seconds",
        "How long the oldest mail has waited, by stage; quarantined ones wait for a person",
        ["stage"],
        registry=registry,
    )
    now = clock.now()
    for stage in Complaint.Stage.values:
        stages.labels(stage).set(Complaint.objects.filter(stage=stage).count())
    for stage in (*Complaint.WAITING, Complaint.Stage.QUARANTINED):
        first = Complaint.objects.filter(stage=stage).aggregate(at=Min("recorded_at"))["at"]
        oldest.labels(stage).set(max((now - first).total_seconds(), 0) if first else 0)
    fetched = Gauge(
        "meyasu_mailbox_backlog", "Mails that wait at our IMAP servers", registry=registry
    )
    fetched.set(MailFolder.objects.aggregate(sum=Sum("backlog"))["sum"] or 0)
    Gauge("meyasu_open_incidents", "Incidents that are not closed", registry=registry).set(
        Incident.objects.open().count()
    )
    Gauge("meyasu_ready_tasks", "Tasks that wait for a person", registry=registry).set(
        Task.objects.ready().count()
    )
    return HttpResponse(generate_latest(registry), content_type="text/plain; version=0.0.4")


def migrations_behind() -> int:
    """How many migrations have not run; raises django.db.DatabaseError if it does not answer."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _database() -> str:
    try:
        behind = migrations_behind()
    except DatabaseError as error:
        return f"the database does not answer: {error}"
    return f"{behind} migrations have not run: ./manage.py migrate" if behind else ""


def _walk() -> str:
    waiting = Complaint.objects.waiting_since(clock.now() - STALE_AFTER).count()
    return f"{waiting} mails have waited for more than a quarter of an hour" if waiting else ""


def _mailboxes() -> str:
    late = Q(last_contact_at__lt=clock.now() - STALE_AFTER)
    never = Q(last_contact_at=None, failures_in_a_row__gte=SEVERAL)
    overdue = Mailbox.objects.filter(late | never, paused=False).values_list("name", flat=True)
    return f"not reached for a quarter of an hour: {', '.join(overdue)}" if overdue else ""


def _mail_logs() -> str:
    overdue = LogSource.objects.filter(
        paused=False, last_read_at__lt=clock.now() - STALE_AFTER
    ).values_list("path", flat=True)
    return f"not read for a quarter of an hour: {', '.join(overdue)}" if overdue else ""
