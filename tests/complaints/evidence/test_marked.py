"""Evidence is marked where it stands in a text, and nothing of the text is lost or turned."""

from hypothesis import given
from hypothesis import strategies as st

from complaints.evidence import marked


def marks(text, *found):
    return [(span.text, span.kind) for span in marked.spans(text, found) if span.kind]


def test_a_value_is_marked_where_it_stands_defanged_or_not():
    text = "From 198.51.100.7, hxxp://bad[.]example/x by Ann[@]far.example; 198.51.100[.]7 again"
    found = [("ip", "198.51.100.7"), ("url", "http://bad.example/x"), ("sender", "ann@far.example")]
    assert marks(text, *found) == [
        ("198.51.100.7", "ip"),
        ("hxxp://bad[.]example/x", "url"),
        ("Ann[@]far.example", "sender"),
        ("198.51.100[.]7", "ip"),
    ]


def test_the_longer_of_two_values_is_marked_and_only_the_first_mark_is_led_to():
    spans = marked.spans(
        "bad.example/a bad.example", [("domain", "bad.example"), ("url", "bad.example/a")]
    )
    assert [(s.text, s.kind, s.first) for s in spans if s.kind] == [
        ("bad.example/a", "url", True),
        ("bad.example", "domain", True),
    ]


def test_characters_that_turn_the_direction_are_shown():
    spans = marked.spans("cod\u202eexe.fdp", [])
    assert spans[0].text == "cod⟨U+202E⟩exe.fdp"


@given(st.text(), st.lists(st.tuples(st.just("x"), st.text(max_size=20))))
def test_nothing_of_a_text_is_lost(text, found):
    assert "".join(span.text for span in marked.spans(text, found)) == marked.plainly(text)
