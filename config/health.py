"""/healthz (alive), /readyz (can work, or what is missing) and /metrics (Prometheus)."""

from collections.abc import Callable
from datetime import timedelta

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_GET
from prometheus_client import CollectorRegistry, Gauge, generate_latest

from complaints import clock
from complaints.models import Complaint, LogSource, Mailbox
from incidents.models import Incident, Task

STALE_AFTER = timedelta(minutes=15)


@require_GET
def alive(request: HttpRequest) -> HttpResponse:
    """The process answers; says nothing about anything else."""
    return HttpResponse("alive\n", content_type="text/plain")


@require_GET
def ready(request: HttpRequest) -> JsonResponse:
    """200 if the system can do its work, else 503; each part with what is missing, in words."""
    checks: dict[str, Callable[[], str]] = {
        "database": _database,
        "broker": broker_problem,
        "mailboxes": _mailboxes,
        "mail logs": _mail_logs,
    }
    problems = {name: problem for name, check in checks.items() if (problem := check())}
    answer = {"ready": not problems, "problems": problems}
    return JsonResponse(answer, status=503 if problems else 200)


@require_GET
def metrics(request: HttpRequest) -> HttpResponse:
    """Counts for Prometheus; no names, no addresses."""
    registry = CollectorRegistry()
    stages = Gauge("meyasu_complaints", "Complaints by stage", ["stage"], registry=registry)
    for stage in Complaint.Stage.values:
        stages.labels(stage).set(Complaint.objects.filter(stage=stage).count())
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


def broker_client() -> redis.Redis:
    """A client of the broker that waits two seconds at most; the caller closes it."""
    if settings.REDIS_URL:
        return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2)
    return redis.Redis(unix_socket_path=str(settings.MEYASU_REDIS_SOCKET), socket_timeout=2)


def broker_problem() -> str:
    """Why Redis does not answer, in words; "" if it does."""
    try:
        with broker_client() as client:
            client.ping()
    except (redis.RedisError, ValueError) as error:  # ValueError: no URL of a Redis
        return f"Redis does not answer ({error}); work goes on, but slowly"
    return ""


def _database() -> str:
    try:
        behind = migrations_behind()
    except DatabaseError as error:
        return f"the database does not answer: {error}"
    return f"{behind} migrations have not run: ./manage.py migrate" if behind else ""


def _mailboxes() -> str:
    overdue = Mailbox.objects.filter(
        paused=False, last_contact_at__lt=clock.now() - STALE_AFTER
    ).values_list("name", flat=True)
    return f"not reached for a quarter of an hour: {', '.join(overdue)}" if overdue else ""


def _mail_logs() -> str:
    overdue = LogSource.objects.filter(
        paused=False, last_read_at__lt=clock.now() - STALE_AFTER
    ).values_list("path", flat=True)
    return f"not read for a quarter of an hour: {', '.join(overdue)}" if overdue else ""
