"""Raw mail: what is kept is what came, and damage is seen."""

import hashlib
import stat

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from complaints import rawstore
from complaints.rawstore import RawMessageMissing

RAW = b"Subject: x\r\n\r\n\x00\xff\r"


@given(raw=st.binary(max_size=200))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
def test_any_bytes_come_back_as_they_were(data_dir, raw):
    digest = rawstore.keep(raw)

    assert digest == hashlib.sha256(raw).hexdigest()
    assert rawstore.read(digest) == raw


def test_the_same_bytes_are_kept_once(data_dir):
    assert rawstore.keep(RAW) == rawstore.keep(RAW)

    assert [file.name for file in data_dir.rglob("*") if file.is_file()] == [
        f"{hashlib.sha256(RAW).hexdigest()}.eml"
    ]


def test_raw_mail_is_readable_by_us_alone(data_dir):
    path = rawstore.path_of(rawstore.keep(RAW))

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_changed_or_missing_file_is_told_apart_from_a_whole_one(data_dir):
    path = rawstore.path_of(rawstore.keep(RAW))
    path.write_bytes(RAW[:-1])

    with pytest.raises(RawMessageMissing, match="has been changed"):
        rawstore.read(path.stem)

    path.unlink()
    with pytest.raises(RawMessageMissing, match="No raw message is stored"):
        rawstore.read(path.stem)


def test_a_damaged_file_is_put_right_when_the_mail_comes_again(data_dir):
    path = rawstore.path_of(rawstore.keep(RAW))
    path.write_bytes(b"torn")

    rawstore.keep(RAW)

    assert rawstore.read(path.stem) == RAW


def test_what_cannot_be_written_leaves_nothing_behind(data_dir, monkeypatch):
    def full(_handle):
        raise OSError(28, "No space left on device")

    rawstore.keep(b"the folder is there")
    with monkeypatch.context() as patch:
        patch.setattr(rawstore.os, "fsync", full)
        with pytest.raises(OSError, match="No space left"):
            rawstore.keep(RAW)

    assert not list(data_dir.rglob(".new-*"))
    assert not rawstore.path_of(hashlib.sha256(RAW).hexdigest()).exists()
