"""Encoded words are decoded as mail-parser decodes them, or left to it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from complaints.formats import encodedwords


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("=?utf-8?q?Gr=C3=BC=C3=9Fe_aus?= Ulm", "Grüße aus Ulm"),
        ("Re: =?UTF-8?B?w6TDtg==?= (2)", "Re: äö (2)"),
        ("=?utf-8?b?44K5?=\n =?utf-8?b?44OR44Og?=", "スパム"),
        ("=?utf-8?b?44K544M=?= =?utf-8?b?keODoA==?=", "スパム"),  # cut within a character
        ("=?iso-8859-1?q?a?= =?utf-8?q?b?=", "ab"),
        ("=?iso-2022-jp?b?GyRCTEJPRyVhITwlaxsoQg==?=", "迷惑メール"),
        ("plain", "plain"),
    ],
)
def test_well_formed_words_are_decoded(value: str, text: str) -> None:
    assert encodedwords.decoded(value) == text


@pytest.mark.parametrize(
    "value",
    [
        "=?utf-8?b?w6T?=",  # no whole base64
        "=?x-nobody?q?a?=",
        "=?punycode?q?a-b?=",
        "=?utf-8?q?a b?=",
        "=?utf-8?q?a",
        "a" * 5000,
        "ä",
    ],
)
def test_what_is_not_well_formed_is_left_to_a_parser(value: str) -> None:
    assert encodedwords.decoded(value) is None


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="=?utf-8bqBQ_ \nab1/+", max_size=80))
def test_no_heap_of_marks_is_an_error(value: str) -> None:
    found = encodedwords.decoded(value)
    assert found is None or len(found) <= len(value)
