"""sweep: walks what waits while Redis is away, so that its absence delays mail but stops none."""

import signal
import time
from types import FrameType
from typing import Any, NoReturn

from django.core.management.base import BaseCommand
from django.db import DatabaseError, close_old_connections

from complaints import clock
from config import broker
from incidents import pipeline

LOOK_EVERY_SECONDS = 5.0
AT_ONCE = 50


class Command(BaseCommand):
    """Stand in for scheduler and workers while nobody can ring for them."""

    help = "Walk what waits while Redis does not answer. Example: ./manage.py sweep"

    def handle(self, *args: Any, **options: Any) -> None:
        """Look, and work only while Redis is away; the leases of the rows keep others off."""
        signal.signal(signal.SIGTERM, _end)
        while True:
            if broker.problem() and _walk_some():
                continue
            time.sleep(LOOK_EVERY_SECONDS)


def _walk_some() -> bool:
    """Take some of what waits as far as it goes; False if there was none, or no database."""
    close_old_connections()
    try:
        return pipeline.advance_waiting(now=clock.now(), limit=AT_ONCE) > 0
    except ExceptionGroup:
        return True  # each failure is noted on its row
    except DatabaseError:
        return False


def _end(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)
