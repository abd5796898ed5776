"""Times as mails and people write them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaints.evidence.dates import ambiguous, mail_date, stated_time, stated_times

EASTERN = timezone(timedelta(hours=-5))
WRITTEN = datetime(1998, 1, 20, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("Tue, 20 Jan 1998 14:41:31 +0900 (JST)", "1998-01-20T05:41:31+00:00"),
        ("Mon, 4 Mar 24 09:00 EST", "2024-03-04T14:00:00+00:00"),
        ("4 Mar 2024 09:00:00", "2024-03-04T09:00:00+00:00"),
        ("2024-03-04T09:12:44.123Z", "2024-03-04T09:12:44+00:00"),
        ("2024-03-04 18:12 KST", "2024-03-04T09:12:00+00:00"),
        ("Mon Mar  4 09:12:44 UTC 2024", "2024-03-04T09:12:44+00:00"),
        ("Tue, 11 Nov 2003 09:06:37 -0400 (ES", "2003-11-11T13:06:37+00:00"),
    ],
)
def test_a_mail_date_is_read_as_utc(value: str, wanted: str) -> None:
    found = mail_date(value)
    assert found is not None
    assert found.isoformat() == wanted


@pytest.mark.parametrize(
    "value", ["", "yesterday", "32 Jan 1998 10:00", "9999-12-31T23:59:59-1400", "1.2.3.4", "0" * 99]
)
def test_what_is_no_time_is_none(value: str) -> None:
    assert mail_date(value) is None


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("On January 20 at about 01:13 AM I got", "1998-01-20T06:13:00+00:00"),
        ("20.01.1998 um 01:13 Uhr", "1998-01-20T06:13:00+00:00"),
        ("1月20日 1時13分ごろ", "1998-01-20T06:13:00+00:00"),
        ("on the 20th of January, 1:13 a.m.", "1998-01-20T06:13:00+00:00"),
        ("01/20/1998 01:13", "1998-01-20T06:13:00+00:00"),
        ("01/02/1998 01:13", "1998-01-02T06:13:00+00:00"),
        ("on December 24 at 01:13", "1997-12-24T06:13:00+00:00"),
    ],
)
def test_a_time_in_prose_is_read_in_the_writers_zone(text: str, wanted: str) -> None:
    found = stated_time(text, EASTERN, WRITTEN)

    assert found is not None
    assert found.at.isoformat() == wanted
    assert not found.zone_stated


def test_a_day_without_a_time_says_so() -> None:
    found = stated_time("3 Mar 2014")
    assert found is not None
    assert not found.clock_stated


def test_several_times_come_in_the_order_of_the_text() -> None:
    found = stated_times("first 2024-03-04 09:00Z, then 4 Mar 2024 10:00 +0000")
    assert [one.at.hour for one in found] == [9, 10]


@given(st.text(alphabet="0123456789/-:. +TZJanMar月日時", max_size=120))
def test_no_text_raises(text: str) -> None:
    for found in stated_times(text, EASTERN, WRITTEN):
        assert found.at.tzinfo is UTC


def test_a_date_that_is_two_days_is_named_as_it_is_written() -> None:
    text = "on 03/04/2024 09:12 and 13/04/2024, 4/4/24, http://a.example/1/2/2024/x, 5/3/24"
    assert ambiguous(text) == ("03/04/2024", "5/3/24")
