"""Phrases are found as whole words, stems and signs, in time linear in the text."""

import pytest

from complaints.formats import unwanted
from complaints.formats.phrasehits import hits, mentions
from tests.growth import ALLOWED, growth


def test_phrases_match_whole_words() -> None:
    assert not mentions(("uce",), "a sauce of reduced produce")
    assert mentions(("uce",), "This is UCE.")
    assert mentions(("harass*",), "harassment")


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("reclamação", "RECLAMACAO urgente"),
        ("do not want this", "I do not\nwant  this."),
        ("port scan*", "port-scans"),
        ("не подписыва*", "я не подписывался"),
        ("迷惑", "これは迷惑メールです"),
        (".zip", "open kettle.ZIP now"),
    ],
)
def test_accents_breaks_and_hyphens_do_not_matter(phrase: str, text: str) -> None:
    assert hits((phrase,), text) == {phrase}


def test_a_phrase_of_several_words_is_not_found_in_parts() -> None:
    assert not mentions(("open relay",), "an open door, a relay")
    assert mentions(("open relay",), "is it open? An open relay!")


def test_twice_the_text_takes_at_most_about_twice_the_time() -> None:
    strong, _ = unwanted.SHOWS["phishing"]
    words = "your account your parcel your package "
    assert growth(lambda n: words * n, lambda text: hits(strong, text), small=400) < ALLOWED
