"""Compressed attachments are unpacked in memory, and a bomb among them harms nobody."""

import base64
import gzip
import io
import zipfile
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from complaints.formats import unpack
from complaints.formats.unpack import Unpacked
from tests.growth import ALLOWED, growth


def zipped(files: dict[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", how) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()


def test_what_is_not_compressed_is_given_as_it_came() -> None:
    assert unpack.unpack(b"<xml/>", "a.zip") == (Unpacked("a.zip", b"<xml/>"),)
    assert unpack.unpack(b"", "") == (Unpacked("", b""),)


def test_the_content_decides_and_not_the_name() -> None:
    assert unpack.unpack(gzip.compress(b"text"), "a.xml") == (Unpacked("a.xml", b"text"),)
    assert unpack.unpack(zipped({"b.csv": b"1"}), "a.gz") == (Unpacked("b.csv", b"1"),)


def test_the_ending_of_a_gz_name_goes() -> None:
    assert unpack.unpack(gzip.compress(b"text"), "a.XML.GZ")[0].name == "a.XML"


@pytest.mark.parametrize("behind", [b"\r\n", b"\0" * 512, b"text"])
def test_what_stands_behind_a_gz_is_no_matter(behind: bytes) -> None:
    assert unpack.unpack(gzip.compress(b"text") + behind, "a") == (Unpacked("a", b"text"),)


def test_members_of_a_gz_are_one_file() -> None:
    both = gzip.compress(b"one ") + gzip.compress(b"two")
    assert unpack.unpack(both, "a") == (Unpacked("a", b"one two"),)


def test_archives_inside_archives_are_opened_down_to_a_depth() -> None:
    packed = b"deep"
    for _ in range(unpack.MAX_DEPTH):
        packed = zipped({"a": packed})
    assert unpack.unpack(packed, "a.zip") == (Unpacked("a", b"deep"),)
    (deeper,) = unpack.unpack(zipped({"a": packed}), "a.zip")
    assert unpack.is_packed(deeper.content)
    assert "was not opened" in deeper.notes[0]


def test_an_archive_encoded_twice_is_opened() -> None:
    packed = zlib.compressobj(wbits=31)
    twice = base64.encodebytes(packed.compress(b"text") + packed.flush())
    assert unpack.unpack(twice, "a") == (Unpacked("a", b"text"),)


@pytest.mark.parametrize(
    ("packed", "word"),
    [
        (gzip.compress(b"text" * 99)[:-12], "ends too early"),
        (zipped({"a": b"text"})[:-9], "cannot be read"),
        (b"PK\x03\x04" + b"\0" * 60, "cannot be read"),
        (b"\x1f\x8b\x08" + b"\xff" * 60, "damaged"),
    ],
    # The bytes hold the time of packing, and the test's name must not.
    ids=["gz-cut-off", "zip-cut-off", "zip-of-zeros", "gz-of-noise"],
)
def test_a_broken_archive_is_noted(packed: bytes, word: str) -> None:
    assert any(word in note for one in unpack.unpack(packed, "a") for note in one.notes)


def test_an_encrypted_file_is_noted() -> None:
    packed = bytearray(zipped({"a": b"text"}))
    packed[packed.index(b"PK\x01\x02") + 8] |= 1
    (found,) = unpack.unpack(bytes(packed), "a.zip")
    assert found == Unpacked("a", b"", ("The file a is encrypted.",))


@pytest.mark.parametrize("pack", [gzip.compress, lambda content: zipped({"a": content})])
def test_a_bomb_is_cut_by_its_ratio(pack: Callable[[bytes], bytes]) -> None:
    packed = pack(b"\0" * 40_000_000)
    (found,) = unpack.unpack(packed, "bomb")
    assert len(found.content) <= unpack.MAX_RATIO * len(packed)
    assert "cut at" in found.notes[0]


def test_many_files_share_one_budget() -> None:
    packed = zipped({f"{number}": b"\0" * 2_000_000 for number in range(70)})
    found = unpack.unpack(packed, "a.zip")
    assert len(found) == unpack.MAX_MEMBERS
    assert sum(len(one.content) for one in found) <= unpack.MAX_RATIO * len(packed)
    assert "70 files; 50 were read" in found[0].notes[0]


def test_an_archive_that_holds_copies_of_itself_ends() -> None:
    packed = zipped({str(number): zipped({"a": b"text"}) for number in range(40)})
    packed = zipped({str(number): packed for number in range(40)})
    assert len(unpack.unpack(packed, "a.zip")) <= unpack.MAX_MEMBERS


def test_a_long_list_of_files_is_not_read() -> None:
    (found,) = unpack.unpack(b"PK\x05\x06" + b"PK\x01\x02" * 6000, "a.zip")
    assert "lists more than" in found.notes[0]


def test_twice_the_input_takes_about_twice_the_time() -> None:
    def packed(count: int) -> bytes:
        return gzip.compress(b"x") * count + zlib.compress(bytes(range(256)) * count)

    assert growth(packed, lambda file: unpack.unpack(file, "a.gz"), small=50_000) < ALLOWED


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=400), st.integers(0, 400), st.integers(0, 255))
def test_no_bytes_raise(content: bytes, place: int, byte: int) -> None:
    for packed in (gzip.compress(content), zipped({"a.txt": content, "b": b"x" * 300})):
        broken = bytearray(packed)
        broken[place % len(broken)] = byte
        assert unpack.unpack(bytes(broken), "a")
