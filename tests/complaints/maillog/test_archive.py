"""Files as they lie in log folders: packed, renamed, broken, with lines that never end."""

import bz2
import gzip
import lzma
import tracemalloc

import pytest
import zstandard

from complaints.maillog import archive
from complaints.maillog.archive import UnreadableLog, lines_of

TEXT = b"one\ntwo\n"


@pytest.mark.parametrize(
    "pack", [bytes, gzip.compress, bz2.compress, lzma.compress, zstandard.compress]
)
def test_a_packed_log_is_known_by_its_content(tmp_path, pack):
    path = tmp_path / "maillog.1"
    path.write_bytes(pack(TEXT))
    assert list(lines_of(path)) == ["one", "two"]


def test_the_last_line_may_lack_its_end(tmp_path):
    path = tmp_path / "maillog"
    path.write_bytes(b"one\ntwo")
    assert list(lines_of(path)) == ["one", "two"]


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, zstandard.compress])
@pytest.mark.parametrize("damage", [lambda raw: raw[:-4], lambda raw: raw[:20] + b"??" + raw[22:]])
def test_a_broken_archive_is_told_in_words(tmp_path, pack, damage):
    path = tmp_path / "maillog.1"
    path.write_bytes(damage(pack(TEXT * 1000)))
    with pytest.raises(UnreadableLog, match=r"maillog\.1"):
        list(lines_of(path))


def test_a_zstandard_file_of_several_frames_is_one_log_read_from_any_place(tmp_path):
    path = tmp_path / "maillog.1.zst"
    path.write_bytes(zstandard.compress(TEXT) + zstandard.compress(b"three\n"))
    assert list(lines_of(path)) == ["one", "two", "three"]
    with archive.open_log(path) as file:
        assert file.read() == TEXT + b"three\n"
        file.seek(4)
        assert file.read(3) == b"two"
        file.seek(8)
        assert file.read() == b"three\n"


def test_a_small_file_that_unpacks_to_much_takes_bounded_memory(tmp_path):
    path = tmp_path / "maillog.zst"
    path.write_bytes(zstandard.compress(b"x" * (256 * archive.BLOCK_BYTES)))
    tracemalloc.start()
    lines = list(lines_of(path))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [len(line) for line in lines] == [archive.LONGEST_LINE]
    assert peak < 48 * archive.BLOCK_BYTES


def test_a_missing_file_is_told_in_words(tmp_path):
    with pytest.raises(UnreadableLog, match=r"none: No such file or directory$"):
        list(lines_of(tmp_path / "none"))


def test_a_line_without_end_takes_bounded_memory(tmp_path):
    path = tmp_path / "maillog"
    with path.open("wb") as file:
        for _ in range(64):
            file.write(b"x" * archive.BLOCK_BYTES)
        file.write(b"\nnext\n")
    tracemalloc.start()
    lines = list(lines_of(path))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [len(line) for line in lines] == [archive.LONGEST_LINE, 4]
    assert peak < 16 * archive.BLOCK_BYTES
