"""Text that may be stored and shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaints.cleantext import clean_line, clean_text


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("a\0b\x1b[2J", "a␀b␛[2J"),
        ("a\r\nb\rc\td", "a\nb\nc\td"),
        ("a\x85b", "a<U+0085>b"),
        ("a\ud800b", "a\ufffdb"),
        ("12345678901", "123456789…"),
        ("1234567890", "1234567890"),
    ],
)
def test_what_cannot_be_stored_is_made_visible(value: str, wanted: str) -> None:
    assert clean_text(value, 10) == wanted


@given(st.text(alphabet=st.characters(codec=None), max_size=60), st.integers(1, 40))
def test_clean_text_is_bounded_storable_and_stays_as_it_is(value: str, limit: int) -> None:
    once = clean_text(value, limit)

    assert len(once) <= limit
    assert "\0" not in once
    once.encode("utf-8")
    assert clean_text(once, limit) == once


def test_a_line_is_one_line() -> None:
    assert clean_line(" a\r\nb\tc ", 20) == "a  b c"
