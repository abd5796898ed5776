"""Where victims are to turn: what is found in a text, and what only looks like it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.grouping.contacts import contacts_in


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Call +1 (406) 555-0142 now!", {"phone …65550142"}),
        ("Phone: 406.555.0142", {"phone …65550142"}),
        ("お電話は 03-5550-1234 まで", {"phone …55501234"}),
        ("телефон: 8 (495) 555-01-42", {"phone …55550142"}),
        ("Write to Dr.Mensah@bank.example.", {"dr.mensah@bank.example"}),
        ("removal: list@bulk [at] nowhere", set()),
        ("Order 20240117 4711 for 29,90 only", set()),
        ("up to 1998-01-20 04:00 we called", set()),
        (
            "to bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq please",
            {"wallet bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"},
        ),
    ],
)
def test_what_is_found(text, found):
    assert contacts_in(text) == found


def test_who_got_the_mail_and_who_sent_it_says_nothing():
    text = "ann@far.example, you won! Mail bob@far.example or help@ours.example or x@drop.example"
    without = ("Ann@far.example", "bob@far.example", "@ours.example")
    assert contacts_in(text, without=without) == {"x@drop.example"}


@given(st.text(max_size=3000))
def test_any_text_is_read(text):
    assert len(contacts_in(text)) <= 20


def test_a_long_text_takes_linear_time():
    """Each is cut where a number could begin again and again."""
    for piece in ("+1 ", "tel tel", "(0) ", "1-"):
        assert contacts_in(piece * 100_000) is not None
