"""Time stamps: the year that classic ones lack, zones, and lines without any."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

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


AT = datetime(2026, 3, 2, 9, 0, 1, tzinfo=UTC)
TEXT = "3C1F2A8B04: removed"
TAG = f"postfix/qmgr[7]: {TEXT}"
JOURNAL = (
    '{"__REALTIME_TIMESTAMP":"1772442001000000","_HOSTNAME":"mx1","SYSLOG_PID":"7",'
    '"SYSLOG_IDENTIFIER":"postfix/qmgr","MESSAGE":'
)


def split(line, zone=UTC):
    return Framing(zone=zone, not_after=datetime(2026, 4, 1, tzinfo=UTC)).split(line)


@pytest.mark.parametrize(
    "line",
    [
        f"Mar  2 09:00:01 mx1 {TAG}",
        f"Mar  2 09:00:01.000 mx1 {TAG}",
        f"<22>Mar  2 09:00:01 mx1 {TAG}",
        f"Mar  2 09:00:01 <mail.info> mx1 {TAG}",
        f"Mar  2 09:00:01 mx1 mail.info {TAG}",
        f"Mar  2 09:00:01 mx1 mail:info {TAG}",
        f"Mar  2 09:00:01 mx1 postfix/qmgr[7]: [ID 197553 mail.info] {TEXT}",
        f"Mar  2 09:00:01 relay mx1 {TAG}",
        f"Mar  2 09:00:01 relay Mar  2 09:00:01 mx1 {TAG}",
        f"Mar  2 09:00:01 relay Message forwarded from mx1: {TAG}",
        f"2026-03-02T09:00:01Z relay mx1 {TAG}",
        f"2026-03-02T10:00:01.000000+01:00 mx1 {TAG}",
        f"2026-03-02T10:00:01+0100 mx1 {TAG}",
        f"<22>2026-03-02T09:00:01Z mx1 {TAG}",
        f"<22>1 2026-03-02T09:00:01Z mx1 postfix/qmgr 7 - -  {TEXT}",
        f"1 2026-03-02T09:00:01Z mx1 postfix/qmgr 7 - - {TEXT}",
        f'<22>1 2026-03-02T09:00:01Z mx1 postfix/qmgr 7 ID [a b="] \\"x"][c] \ufeff{TEXT}',
        f"Mon 2026-03-02 09:00:01 UTC mx1 {TAG}",
        f"1772442001.000000 mx1 {TAG}",
        f'{JOURNAL}"{TEXT}"}}',
        f"{JOURNAL}{list(TEXT.encode())}}}",
        f'{JOURNAL}["{TEXT}","again"]}}',
        f'{{"log":"Mar  2 11:00:01 mx1 {TAG}\\n","stream":"stdout","time":"2026-03-02T09:00:01Z"}}',
        f'{{"log":"mx1 {TAG}\\n","stream":"stdout","time":"2026-03-02T09:00:01.000000001Z"}}',
        f'{{"@timestamp":"2026-03-02T09:00:01Z","host":{{"name":"mx1"}},"message":"{TAG}"}}',
        f'{{"ts":1772442001,"hostname":"mx1","msg":"{TAG}"}}',
        f"2026-03-02T09:00:01.000000001Z stdout F mx1 {TAG}",
        f"2026-03-02T09:00:01.000000001Z stderr P Mar  2 11:00:01 mx1 {TAG}",
        f"mail-1  | Mar  2 09:00:01 mx1 {TAG}",
    ],
)
def test_whatever_stands_before_a_line_it_is_the_same(line):
    stamped = split(line)
    assert (stamped.at, stamped.host, stamped.program, stamped.process_id, stamped.text) == (
        AT, "mx1", "postfix/qmgr", "7", TEXT,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("line", "process_id", "zone"),
    [
        ("2026-03-02 09:00:01 1rBcDE-00012a-1x Completed", "", UTC),
        ("2026-03-02 18:00:01 1rBcDE-00012a-1x Completed", "", TOKYO),
        ("2026-03-02 09:00:01.000 +0000 1rBcDE-00012a-1x Completed", "", TOKYO),
        ("2026-03-02 10:00:01 +0100 [7] 1rBcDE-00012a-1x Completed", "7", UTC),
    ],
)
def test_exims_own_stamp_is_read(line, process_id, zone):
    stamped = split(line, zone)
    assert (stamped.at, stamped.host, stamped.program) == (AT, "", "exim")
    assert (stamped.process_id, stamped.text) == (process_id, "1rBcDE-00012a-1x Completed")


@pytest.mark.parametrize(
    "text",
    [
        f'1rBcDE-00012a-1x <= a@b.example T="mx1 {TAG}"',
        f"H=(mx1 {TAG}) [203.0.113.9] F=<a@b.example> rejected RCPT <c@d.example>: no",
        f"H=({TAG}) [203.0.113.9] F=<a@b.example> rejected RCPT <c@d.example>: no",
    ],
)
def test_no_text_of_exim_passes_for_a_line_of_another_program(text):
    stamped = split(f"2026-03-02 09:00:01 {text}")
    assert (stamped.program, stamped.text) == ("exim", text)


@pytest.mark.parametrize(
    "line",
    [
        "{", "{}", "[]", "{" * 9000, '{"log":3}', '{"log":"x","time":[]}', "<22>", "<22><22>",
        "<9999>Mar  2 09:00:01 mx1 a: b", '{"log":"{}","time":"2026-03-02T09:00:01Z"}',
        '{"__REALTIME_TIMESTAMP":"99999999999999999","MESSAGE":"x","_COMM":"y"}',
        '{"__REALTIME_TIMESTAMP":"9999999999999999","MESSAGE":"x","_COMM":"y"}',
        '{"ts":1e400,"msg":"mx1 a[1]: b"}', '{"ts":-1,"msg":"mx1 a[1]: b"}', "9999999999.1 a b: c",
        "Mon 2026-03-02", "1 2", "<22>1 2026-03-02T09:00:01Z", "a | b",
    ],
)  # fmt: skip
def test_what_is_no_line_of_a_log_is_none(line):
    assert split(line) is None


def test_a_line_in_a_container_cannot_end_early():
    line = f'{{"log":"mx1 {TAG}\\nMar  2 09:00:01 mx1 {TAG}","time":"2026-03-02T09:00:01Z"}}'
    assert split(line).text == f"{TEXT}\\nMar  2 09:00:01 mx1 {TAG}"


def test_repeated_lines_are_told_not_guessed():
    stamped = split("Mar  2 09:00:01 mx1 last message repeated 3 times")
    assert (stamped.program, stamped.text) == ("syslogd", "last message repeated 3 times")


BERLIN = ZoneInfo("Europe/Berlin")
AUTUMN = [
    ("01:59:59", "2026-10-24T23:59:59"),
    ("02:00:00", "2026-10-25T00:00:00"),
    ("02:59:58", "2026-10-25T00:59:58"),
    ("02:59:57", "2026-10-25T00:59:57"),  # another program's, a little late
    ("02:00:01", "2026-10-25T01:00:01"),
    ("02:59:59", "2026-10-25T01:59:59"),
    ("03:00:00", "2026-10-25T02:00:00"),
]


@pytest.mark.parametrize(
    "shape",
    ["Oct 25 {} mx1 tag[1]: x", "2026-10-25 {} text of Exim", "2026-10-25 {}.000 text of Exim",
     "2026-10-25T{} mx1 tag[1]: x"],
)  # fmt: skip
def test_the_hour_that_comes_twice_is_told_by_the_order_of_lines(shape):
    framing = Framing(zone=BERLIN, not_after=datetime(2026, 11, 1, tzinfo=UTC))
    for clock, told in AUTUMN:
        assert framing.split(shape.format(clock)).at == datetime.fromisoformat(f"{told}Z")


def test_a_stamp_with_its_own_zone_needs_no_order():
    framing = Framing(zone=BERLIN, not_after=datetime(2026, 11, 1, tzinfo=UTC))
    before = "2026-10-25T00:59:59Z mx1 a[1]: b"
    assert framing.split(before).at == datetime(2026, 10, 25, 0, 59, 59, tzinfo=UTC)
    for line in (
        "2026-10-25T02:30:00+01:00 mx1 a[1]: b",
        "2026-10-25 02:30:00 +0100 text",
        "2026-10-25T01:30:00Z mx1 a[1]: b",
        "1792891800.000000 mx1 a[1]: b",
    ):
        assert framing.split(line).at == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def test_a_clock_that_jumps_is_believed_in_a_zone_without_summer_time():
    framing = Framing(zone=TOKYO, not_after=datetime(2026, 11, 1, tzinfo=UTC))
    for clock, hour in (("12:00:00", 3), ("10:00:00", 1), ("12:00:00", 3)):
        at = framing.split(f"Oct 25 {clock} mx1 tag[1]: x").at
        assert at == datetime(2026, 10, 25, hour, tzinfo=UTC)


def test_the_hour_that_is_missing_in_spring_does_no_harm():
    framing = Framing(zone=BERLIN, not_after=datetime(2026, 11, 1, tzinfo=UTC))
    for clock, told in (
        ("01:59:59", "00:59:59"),
        ("02:30:00", "01:30:00"),
        ("03:00:01", "01:00:01"),
    ):
        at = framing.split(f"Mar 29 {clock} mx1 tag[1]: x").at
        assert at == datetime.fromisoformat(f"2026-03-29T{told}Z")
