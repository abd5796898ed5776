"""What journalctl writes on several lines becomes one line an entry, binary fields and all."""

import gzip

import pytest

from complaints.maillog.archive import lines_of

LINE = "2026-03-02T09:00:01.000000+00:00 mx1 postfix/qmgr[7]: 3C1F2A8B04: removed"
EXPORT = b"""__CURSOR=s=1;i=1
__REALTIME_TIMESTAMP=1772442009000000
_SOURCE_REALTIME_TIMESTAMP=1772442001000000
_HOSTNAME=mx1
SYSLOG_IDENTIFIER=postfix/qmgr
SYSLOG_PID=7
MESSAGE=3C1F2A8B04: removed

"""
VERBOSE = b"""Mon 2026-03-02 10:00:01.000000 CET [s=1;i=1;b=2;m=3;t=64c06cfdac640;x=5]
    _HOSTNAME=mx1
    SYSLOG_IDENTIFIER=postfix/qmgr
    SYSLOG_PID=7
    MESSAGE=3C1F2A8B04: removed
"""


def binary(value):
    return EXPORT.replace(
        b"MESSAGE=3C1F2A8B04: removed\n",
        b"MESSAGE\n" + len(value).to_bytes(8, "little") + value + b"\n",
    )


def read(tmp_path, content):
    path = tmp_path / "journal"
    path.write_bytes(content)
    return list(lines_of(path))


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_an_entry_is_one_line(tmp_path, pack):
    assert read(tmp_path, pack(EXPORT * 2)) == [LINE, LINE]


def test_verbose_takes_the_time_from_the_cursor_which_has_no_zone(tmp_path):
    assert read(tmp_path, VERBOSE) == [LINE]


def test_a_binary_message_cannot_begin_another_line(tmp_path):
    value = b"3C1F2A8B04: x\n\n__CURSOR=s=9\nMESSAGE=forged\n\xff"
    (line,) = read(tmp_path, binary(value))
    assert line.endswith("3C1F2A8B04: x\\n\\n__CURSOR=s=9\\nMESSAGE=forged\\n\\xff")


def test_a_field_that_claims_to_be_endless_ends_with_the_file(tmp_path):
    content = binary(b"short").replace((5).to_bytes(8, "little"), b"\xff" * 8)
    (line,) = read(tmp_path, content)
    assert ": short" in line


def test_an_entry_without_time_or_program_is_left_out(tmp_path):
    assert read(tmp_path, EXPORT.replace(b"SYSLOG_IDENTIFIER", b"OTHER")) == []
    assert read(tmp_path, EXPORT.replace(b"1772442001000000", b"soon")) == []
