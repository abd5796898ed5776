"""Following a log: every line once, through rotation and truncation."""

import gzip
import os

import pytest

from complaints.maillog import archive
from complaints.maillog.archive import UnreadableLog
from complaints.maillog.follow import new_lines


class Follower:
    """Reads a log again and again, as a source does."""

    def __init__(self, path):
        self.path, self.identity, self.offset = path, "", 0
        self.gaps = []

    def read(self):
        lines = []
        for chunk in new_lines(self.path, identity=self.identity, offset=self.offset):
            self.identity, self.offset = chunk.identity, chunk.offset
            lines += chunk.lines
            self.gaps += [chunk.gap] if chunk.gap else []
        return lines


def append(path, text):
    with path.open("a", encoding="utf-8") as file:
        file.write(text)


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "maillog"
    append(path, "one\ntwo\n")
    return path


def test_only_new_lines_are_read(log):
    follower = Follower(log)
    assert follower.read() == ["one", "two"]
    assert follower.read() == []
    append(log, "three\n")
    assert follower.read() == ["three"]


def test_half_a_line_waits_for_its_end(log):
    follower = Follower(log)
    append(log, "thr")
    assert follower.read() == ["one", "two"]
    append(log, "ee\n")
    assert follower.read() == ["three"]


def test_a_renamed_log_is_read_to_its_end_first(log):
    follower = Follower(log)
    follower.read()
    append(log, "three\n")
    log.rename(log.with_name("maillog.1"))
    append(log, "four\n")
    assert follower.read() == ["three", "four"]
    assert follower.gaps == []


def test_a_truncated_log_begins_anew_and_the_gap_is_told(log):
    follower = Follower(log)
    follower.read()
    os.truncate(log, 0)
    append(log, "x\n")
    assert follower.read() == ["x"]
    assert len(follower.gaps) == 1


def test_a_log_that_is_gone_is_told_in_words(tmp_path):
    with pytest.raises(UnreadableLog, match="No such file"):
        Follower(tmp_path / "none").read()


def test_only_a_line_feed_ends_a_line(tmp_path):
    path = tmp_path / "log.gz"
    with gzip.open(path, "wb") as file:
        file.write(b"helo=<a\x0b\x0c\x1c\xc2\x85\xe2\x80\xa8b>\r\nnul\x00byte \xff\n")
    assert list(archive.lines_of(path)) == [
        "helo=<a␋␌␜<U+0085>\u2028b>",
        "nul␀byte \\xff",
    ]


def test_a_log_that_was_packed_since_is_read_on_where_it_was_left(log):
    follower = Follower(log)
    follower.read()
    append(log, "three\n")
    log.with_name("maillog.1.gz").write_bytes(gzip.compress(log.read_bytes()))
    log.unlink()
    append(log, "four\n")
    assert follower.read() == ["three", "four"]
    assert follower.gaps == []


def test_a_truncated_log_is_read_on_in_its_copy(log):
    follower = Follower(log)
    follower.read()
    append(log, "three\n")
    log.with_name("maillog.1").write_bytes(log.read_bytes())
    os.truncate(log, 0)
    assert follower.read() == ["three"]
    append(log, "four\nfive\nsix\n")
    assert follower.read() == ["four", "five", "six"]
    assert follower.gaps == []


def test_the_old_log_is_followed_until_the_new_one_begins(log):
    follower = Follower(log)
    follower.read()
    old = log.rename(log.with_name("maillog.1"))
    log.touch()
    append(old, "three\n")
    assert follower.read() == ["three"]
    append(old, "four\n")
    append(log, "five\n")
    assert follower.read() == ["four", "five"]
    assert follower.gaps == []


def test_logs_that_came_and_went_between_two_readings_are_read(log):
    follower = Follower(log)
    follower.read()
    for number, text in (("2", "three\n"), ("1", "four\n")):
        log.rename(log.with_name(f"maillog.{number}"))
        append(log, text)
        os.utime(log, (2_000_000_000 - int(number), 2_000_000_000 - int(number)))
    assert follower.read() == ["three", "four"]
    assert follower.gaps == []


def test_a_line_without_end_does_not_stop_the_reading(log, monkeypatch):
    monkeypatch.setattr("complaints.maillog.follow.MOST_BYTES", 16)
    append(log, 100 * "x" + "\nthree\n")
    assert Follower(log).read()[-1] == "three"


def test_an_old_log_that_cannot_be_unpacked_stops_nothing(log):
    follower = Follower(log)
    follower.read()
    append(log, "three\n")
    log.rename(log.with_name("maillog.1"))
    log.with_name("maillog.2.zst").write_bytes(b"\x28\xb5\x2f\xfd????")
    log.with_name("maillog.3.gz").write_bytes(b"\x1f\x8b")
    append(log, "four\n")
    assert follower.read() == ["three", "four"]
