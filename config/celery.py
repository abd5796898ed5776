"""The Celery app. It is a doorbell: what waits is in the database."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("meyasu")
app.config_from_object("config.timetable")  # read at first use, when Django's settings are there
