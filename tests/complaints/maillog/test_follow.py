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
