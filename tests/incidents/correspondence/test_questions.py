"""A reporter is asked for just what the complaint lacks, and a program is asked for nothing."""

import pytest

from complaints.formats.missing import ALL
from incidents.correspondence.questions import letter_asking
from tests import make

pytestmark = pytest.mark.django_db


def test_the_letter_asks_for_what_is_missing_and_nothing_else():
    make.organisation(name="Ministry of Kettles")
    lacking = make.complaint(missing=["headers", "zone"], language="en", subject="Spam!")

    letter = letter_asking(lacking)

    assert lacking.reference in letter.subject
    assert "full headers" in letter.body
    assert "time zone" in letter.body
    assert "IP address" not in letter.body
    assert "Ministry of Kettles" in letter.body


@pytest.mark.parametrize("language", ["en", "ja"])
def test_each_question_is_there_in_each_language_we_ship(language):
    letter = letter_asking(make.complaint(missing=list(ALL), language=language))
    assert letter.language == language
    assert letter.body.count("\n  -" if language == "en" else "\n  ・") == len(ALL)


def test_another_language_is_answered_in_english():
    assert letter_asking(make.complaint(missing=["time"], language="fi")).language == "en"


def test_nobody_is_asked_where_nothing_is_missing_or_a_program_wrote():
    assert letter_asking(make.complaint()) is None
    assert letter_asking(make.complaint(missing=["time"], is_automatic=True)) is None
