"""Due times in the working hours of the desk."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incidents.workflow.sla import due_at

TOKYO = timezone(timedelta(hours=9))


def tokyo(text):
    return datetime.fromisoformat(text).replace(tzinfo=TOKYO)


def due(start, hours, zone=TOKYO):
    return due_at(tokyo(start), timedelta(hours=hours), zone=zone, working_hours=True)


@pytest.mark.parametrize(
    ("start", "hours", "expected"),
    [
        ("1998-01-20 10:00", 4, "1998-01-20 14:00"),
        ("1998-01-20 10:00", 7, "1998-01-20 17:00"),
        ("1998-01-20 15:00", 8, "1998-01-21 15:00"),
        ("1998-01-20 03:00", 1, "1998-01-20 10:00"),
        ("1998-01-20 20:00", 1, "1998-01-21 10:00"),
        ("1998-01-20 17:00", 1, "1998-01-21 10:00"),
        ("1998-01-23 16:00", 2, "1998-01-26 10:00"),
        ("1998-01-24 12:00", 8, "1998-01-26 17:00"),
        ("1998-01-25 23:59", 1, "1998-01-26 10:00"),
        ("1998-01-23 09:00", 80, "1998-02-05 17:00"),
    ],
)
def test_only_the_hours_of_the_desk_count(start, hours, expected):
    assert due(start, hours) == tokyo(expected)


def test_the_hours_are_those_of_the_desks_zone_and_the_answer_of_the_asker():
    friday_morning_in_tokyo = datetime(1998, 1, 23, 0, 0, tzinfo=UTC)
    answer = due_at(friday_morning_in_tokyo, timedelta(hours=8), zone=TOKYO, working_hours=True)
    assert answer == datetime(1998, 1, 23, 8, 0, tzinfo=UTC)
    assert answer.tzinfo is UTC


def test_hours_by_the_clock_run_through_nights_and_weekends():
    start = tokyo("1998-01-23 16:00")
    assert due_at(start, timedelta(days=2), zone=TOKYO, working_hours=False) == tokyo(
        "1998-01-25 16:00"
    )


# How long drawing numbers takes says how busy the machine is, nothing of the hours of a desk.
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    start=st.integers(0, 10**6).map(lambda m: tokyo("1998-01-01 00:00") + timedelta(minutes=m)),
    first=st.integers(1, 4000),
    second=st.integers(1, 4000),
    offset=st.integers(-12, 14),
)
def test_waiting_twice_is_waiting_once_for_the_sum(start, first, second, offset):
    def after(moment, minutes):
        return due_at(
            moment,
            timedelta(minutes=minutes),
            zone=timezone(timedelta(hours=offset)),
            working_hours=True,
        )

    assert after(after(start, first), second) == after(start, first + second)
