"""The clock: the present, or the time of a case that is being played."""

import os
import threading
import time
from datetime import UTC, timedelta

import pytest
from django.utils import timezone

from complaints import clock
from tests.make import at


@pytest.fixture
def clock_file(settings, tmp_path):
    """A file with the time of a case, written just now."""
    file = tmp_path / "clock"
    file.write_text("1998-01-25T19:24:00+09:00\n")
    settings.MEYASU_CLOCK_FILE = str(file)
    return file


def test_it_is_the_present_in_utc():
    before = timezone.now()
    told = clock.now()
    assert before <= told <= timezone.now()
    assert told.tzinfo == UTC


def test_a_case_has_its_own_time_in_utc(clock_file):
    os.utime(clock_file, (time.time() + 60, time.time() + 60))  # so that none has passed
    assert clock.now() == at("1998-01-25 10:24")
    assert clock.now().tzinfo == UTC


def test_time_passes_in_a_case_as_it_does_outside(clock_file):
    an_hour_ago = time.time() - 3600
    os.utime(clock_file, (an_hour_ago, an_hour_ago))
    passed = clock.now() - at("1998-01-25 11:24")
    assert timedelta(0) <= passed < timedelta(minutes=1)


def test_the_clock_of_a_case_can_be_read_while_it_is_set(clock_file):
    moment = at("1998-01-25 10:00")
    done = threading.Event()

    def set_it() -> None:
        while not done.is_set():
            clock.play(clock_file, moment)

    clock.play(clock_file, moment)
    setting = threading.Thread(target=set_it, daemon=True)
    setting.start()
    try:
        told = [clock.now() for _ in range(500)]
    finally:
        done.set()
        setting.join()

    assert all(moment <= one < moment + timedelta(hours=1) for one in told)
