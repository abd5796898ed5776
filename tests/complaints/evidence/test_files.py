"""What an attachment is by its content, and under which name it may be shown."""

import pytest

from complaints.evidence.files import actual_type, safe_name


def test_the_content_tells_the_type() -> None:
    assert actual_type(b"%PDF-1.4 never mind the name") == "application/pdf"
    assert actual_type(b"") == "application/x-empty"


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
