"""How Celery runs, and the timetable of jobs: Celery's own settings, read by config.celery."""

from typing import Any

from celery.schedules import crontab
from django.conf import settings

from config import embedded_redis


def _every(job: str, seconds: float) -> dict[str, Any]:
    # A ring that nobody answered before the next one is dropped: the rows still wait.
    return {"task": job, "schedule": seconds, "options": {"expires": max(seconds, 10)}}


_sweep = settings.MEYASU_SWEEP_EVERY.total_seconds()

broker_url = embedded_redis.url()
broker_connection_retry_on_startup = True
# Redis keeps no list of unanswered rings: the rows do. Such a list is written back when a
# connection ends, and where Redis has died that ends the worker too (kombu 5, restore_unacked).
broker_transport_options = {"ack_emulation": False}
task_ignore_result = True
task_serializer = "json"
accept_content = ["json"]
task_acks_late = True
task_reject_on_worker_lost = False  # the sweeper retries, and counts
worker_prefetch_multiplier = 1
worker_max_tasks_per_child = 500
worker_concurrency = settings.MEYASU_WORKERS
task_soft_time_limit = 240  # seconds; below the lease of a row (MEYASU_LEASE)
task_time_limit = 270
timezone = "UTC"
imports = ["complaints.jobs", "incidents.jobs"]
worker_hijack_root_logger = False
beat_schedule_filename = str(settings.MEYASU_DATA_DIR / "celerybeat-schedule")
beat_schedule = {
    "advance waiting": _every("incidents.jobs.advance_waiting", _sweep),
    "read mail logs": _every("complaints.jobs.read_mail_logs", _sweep),
    "forget old mail log": _every("complaints.jobs.forget_old_mail_log", 3600),
    "send letters": _every("incidents.jobs.send_letters", _sweep),
    "fetch mailboxes": _every(
        "complaints.jobs.fetch_mailboxes", settings.MEYASU_POLL_EVERY.total_seconds()
    ),
    "detect abuse": _every(
        "incidents.jobs.detect_abuse", settings.MEYASU_DETECT_EVERY.total_seconds()
    ),
    "acknowledge": _every("incidents.jobs.acknowledge", 30),
    "verify": _every("incidents.jobs.verify_due", 60),
    "index search": _every("incidents.jobs.index_search", 10),
    "remind": _every("incidents.jobs.remind", 60),
    "mail nudges": _every("incidents.jobs.mail_nudges", 60),
    "chase": _every("incidents.jobs.chase", 300),
    "look up": _every("incidents.jobs.look_up", _sweep),
    "watch promises": _every("incidents.jobs.watch_promises", 300),
    "watch listings": _every("incidents.jobs.watch_listings", 60),
    "read answers to threats": _every("incidents.jobs.read_answers_to_threats", 60),
    "follow rules": _every("incidents.jobs.follow_rules", 10),
    "keep priorities": _every("incidents.jobs.keep_priorities", 120),
    "rebuild campaigns": _every("incidents.jobs.rebuild_campaigns", 600),
    "finish corrections": _every("incidents.jobs.finish_corrections", 60),
    "mail reports": _every("incidents.jobs.mail_reports", 3600),
    "keep rollups": _every("incidents.jobs.keep_rollups", 60),
    "check rollups": {
        "task": "incidents.jobs.check_rollups",
        "schedule": crontab(hour=3, minute=17),
    },
}
