"""Archives are listed by their tables of contents, whatever is wrong with them."""

import gzip
import io
import tarfile
import zipfile

import pytest

from complaints.evidence import archives, files


def zipped(names: dict[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in names.items():
            archive.writestr(name, content)
    return held.getvalue()


def tarred(names: dict[str, bytes]) -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as archive:
        for name, content in names.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return held.getvalue()


@pytest.mark.parametrize("packed", [zipped, tarred])
def test_an_archive_is_listed_by_names_and_sizes(packed: object) -> None:
    content = packed({"kettle.exe": b"MZ" * 50, "readme.txt": b"hello"})  # type: ignore[operator]
    found = archives.entries_of(content)
    assert [(one.name, one.size_bytes) for one in found] == [("kettle.exe", 100), ("readme.txt", 5)]
    assert "kettle.exe (100 bytes)" in archives.in_words("kettle.zip", found)


def test_a_gzip_is_listed_with_its_size() -> None:
    (found,) = archives.entries_of(gzip.compress(b"a" * 1000))
    assert found.size_bytes == 1000


def test_a_broken_archive_is_not_listed() -> None:
    whole = zipped({"a": b"b" * 1000})
    for end in range(0, len(whole), 7):
        archives.entries_of(whole[:end])
    assert archives.entries_of(b"PK but no archive") == ()


@pytest.mark.parametrize(
    ("name", "declared", "actual", "is_odd"),
    [
        ("invoice.pdf", "application/pdf", "application/x-dosexec", True),
        ("holiday.jpg", "image/jpeg", "image/png", False),
        ("holiday.jpg", "image/jpeg", "application/zip", True),
        ("mail.txt", "text/plain", "message/rfc822", False),
        ("data.bin", "application/octet-stream", "application/zip", False),
        ("log.txt", "text/plain", "application/octet-stream", False),
    ],
)
def test_a_file_that_is_not_what_it_says_is_noted(
    name: str, declared: str, actual: str, is_odd: bool
) -> None:
    assert bool(files.mismatch(name, declared, actual)) == is_odd


def test_an_archive_that_understates_its_directory_is_not_listed() -> None:
    content = bytearray(zipped({f"{n}": b"" for n in range(archives.MAX_ENTRIES + 1)}))
    end = content.rfind(b"PK\x05\x06")
    content[end + 8 : end + 12] = b"\x01\0\x01\0"
    assert archives.entries_of(bytes(content)) == ()
