"""The Celery app. It is a doorbell: what waits is in the database."""

import os
from typing import Any

from celery import Celery
from celery.signals import task_prerun

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("meyasu")
app.config_from_object("config.timetable")  # read at first use, when Django's settings are there


@task_prerun.connect
def _note_that_a_job_begins(**_given: Any) -> None:
    """For /readyz and `doctor`: only a worker that hears the scheduler begins jobs."""
    from config import broker

    broker.note_job()
