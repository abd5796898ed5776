"""Time stamps: the year that classic ones lack, zones, and lines without any."""

from datetime import UTC, datetime, timedelta, timezone

from complaints.maillog.framing import Framing

TOKYO = timezone(timedelta(hours=9))


def at(line, not_after, zone=UTC):
    stamped = Framing(zone=zone, not_after=not_after).split(f"{line} host sendmail[1]: x: y")
    return stamped.at if stamped else None


def test_the_year_is_the_latest_that_is_not_after_the_log_was_taken():
    taken = datetime(1998, 1, 5, tzinfo=UTC)
    assert at("Jan  4 10:00:00", taken) == datetime(1998, 1, 4, 10, tzinfo=UTC)
    assert at("Dec 31 23:59:59", taken) == datetime(1997, 12, 31, 23, 59, 59, tzinfo=UTC)


def test_a_clock_that_is_a_little_ahead_is_forgiven():
    taken = datetime(1998, 1, 5, 12, tzinfo=UTC)
    assert at("Jan  5 13:00:00", taken) == datetime(1998, 1, 5, 13, tzinfo=UTC)


def test_the_29th_of_february_finds_its_leap_year():
    assert at("Feb 29 10:00:00", datetime(1998, 6, 1, tzinfo=UTC)).year == 1996


def test_a_classic_stamp_is_in_the_zone_of_its_host():
    taken = datetime(1998, 2, 1, tzinfo=UTC)
    assert at("Jan 20 13:04:49", taken, TOKYO) == datetime(1998, 1, 20, 4, 4, 49, tzinfo=UTC)


def test_an_iso_stamp_brings_its_own_zone():
    taken = datetime(2026, 4, 1, tzinfo=UTC)
    assert at("2026-03-02T10:00:00+09:00", taken) == datetime(2026, 3, 2, 1, tzinfo=UTC)


def test_a_line_in_the_new_syslog_format_is_read():
    line = "<22>1 2026-03-02T10:00:00+09:00 mx1 sm-mta 12 - -  QAA00001: to=x, stat=Sent"
    stamped = Framing(zone=UTC, not_after=datetime(2026, 4, 1, tzinfo=UTC)).split(line)
    assert (stamped.at, stamped.host) == (datetime(2026, 3, 2, 1, tzinfo=UTC), "mx1")
    assert (stamped.program, stamped.process_id) == ("sm-mta", "12")
    assert stamped.text == "QAA00001: to=x, stat=Sent"


def test_a_line_without_a_stamp_is_none():
    taken = datetime(1998, 2, 1, tzinfo=UTC)
    for line in (
        "",
        "Foo 20 13:04:49",
        "Jan xx 13:04:49",
        "2026-99-99T00:00:00Z",
        "9999-12-31T23:59:59Z",
    ):
        assert at(line, taken) is None
