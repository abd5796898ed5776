"""What an attachment is by its content, and under which name it may be shown."""

import magic
import pytest

from complaints.evidence.files import actual_type, safe_name


def test_the_content_tells_the_type() -> None:
    assert actual_type(b"%PDF-1.4 never mind the name") == "application/pdf"
    assert actual_type(b"") == "application/x-empty"


@pytest.mark.parametrize(
    "content",
    [
        b'"time","ip","port"\n"2024-03-04 10:00:00","192.0.2.1","25"\n' * 4,
        b'<?xml version="1.0"?>\n<Report><Source>192.0.2.1</Source></Report>\n',
        b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"></svg>\n',
        b'"time","ip","port"\n"2024-03-04 10:00:00","192.0.2.1"\nno list at all\n',
        b'"quoted" words\nand no list\nat all\n',
    ],
)
def test_what_is_told_without_libmagic_is_what_it_says(content: bytes) -> None:
    assert actual_type(content) == magic.from_buffer(content, mime=True)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\a.eml", "a.eml"),
        ("..", "attachment"),
        ("", "attachment"),
        ("a\r\nb.eml", "a  b.eml"),
        ("inv\u202ecod.exe", "inv_cod.exe"),
        ("a\0b", "a␀b"),
    ],
)
def test_a_name_has_no_path_and_no_tricks(name: str, wanted: str) -> None:
    assert safe_name(name) == wanted


def test_a_long_name_is_cut_at_255_bytes() -> None:
    assert len(safe_name("あ" * 400).encode()) <= 255
