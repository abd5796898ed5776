"""A Message-ID of ours is known by its signature."""

from hypothesis import given
from hypothesis import strategies as st

from incidents.correspondence import tokens


def test_a_token_is_found_in_its_message_id_whatever_stands_around_it():
    token = tokens.new_token()
    identifier = tokens.message_id(token, "example.org")
    assert tokens.tokens_in(f"<a@b> {identifier}\r\n\t<c@d>") == [token]
    assert tokens.tokens_in(identifier.upper()) == [token]


def test_a_changed_token_is_not_ours():
    token = tokens.new_token()
    last = "0" if token[-1] != "0" else "1"
    assert tokens.tokens_in(tokens.message_id(token[:-1] + last, "example.org")) == []
    assert tokens.tokens_in("<letter.0000000000000000.000000000000000000000000@x>") == []


def test_another_installation_does_not_know_our_tokens(settings):
    identifier = tokens.message_id(tokens.new_token(), "example.org")
    settings.SECRET_KEY = "another"
    assert tokens.tokens_in(identifier) == []


@given(st.text())
def test_any_text_is_searched_without_error(text):
    assert tokens.tokens_in(text) == []
