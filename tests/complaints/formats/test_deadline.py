"""By when an answer is wanted, in the words of several languages."""

from datetime import UTC, datetime

import pytest

from complaints.formats.deadline import answer_by

WRITTEN = datetime(2024, 3, 4, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "by"),
    [
        ("Please answer within 48 hours.", "2024-03-06T10:00"),
        ("Unless it stops by tomorrow we will refuse your mail.", "2024-03-05T10:00"),
        ("Bitte stellen Sie das bis zum 8.3.2024 ab.", "2024-03-08T00:00"),
        ("innerhalb von 5 Tagen", "2024-03-09T10:00"),
        ("Répondez sous 72 heures.", "2024-03-07T10:00"),
        ("antes del 10/03/2024", "2024-03-10T00:00"),
        ("3日以内にご回答ください。", "2024-03-07T10:00"),
        ("3月8日までにご回答ください。", "2024-03-08T00:00"),
        ("в течение 24 часов", "2024-03-05T10:00"),
    ],
)
def test_a_limit_is_a_time(text: str, by: str) -> None:
    found = answer_by(f"Hello,\n{text}\nRegards", WRITTEN, UTC)
    assert found is not None
    assert found.isoformat().startswith(by)


@pytest.mark.parametrize(
    "text", ["I got a mail by 2 March 2024.", "I was there until 5 pm.", "within reach", ""]
)
def test_what_sets_no_limit_gives_none(text: str) -> None:
    assert answer_by(text, WRITTEN, UTC) is None


def test_without_a_time_of_writing_nothing_is_said() -> None:
    assert answer_by("within 48 hours", None, UTC) is None
