"""What is read in one go of a part's head is what the standard library says of it."""

from email.message import Message

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from complaints.formats import partlabels
from complaints.formats.partlabels import labels_of

VALUES = st.lists(
    st.sampled_from([
        "text/plain", "TEXT/HTML", "text", "a/b/c", ";", "; ", "charset=utf-8", 'charset="a b"',
        "charset=", "name=x.txt", 'filename="a;b"', "filename=a b", "filename*=utf-8''%41",
        'name="=?utf-8?q?a?="', "attachment", "inline", "report-type=X", 'name="a\\"b"', "\n ", " ",
        "=", '"', "format=flowed", "(comment)", "name = y",
    ]),
    max_size=7,
).map("".join)  # fmt: skip


@settings(deadline=None, max_examples=300)
@given(VALUES, VALUES)
def test_plain_labels_are_those_of_the_standard_library(kind: str, disposition: str) -> None:
    part = Message()
    part["Content-Type"], part["Content-Disposition"] = kind, disposition
    part["Content-Transfer-Encoding"] = " Base64 "
    told, asked = labels_of(part), partlabels._asked_for(part)

    assert told.content_type == asked.content_type
    assert told.charset == asked.charset
    assert told.name == asked.name
    assert told.report_type == asked.report_type
    assert told.encoding == asked.encoding
    assert asked.disposition.startswith(told.disposition)


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ('attachment; filename="report.csv"', "report.csv"),
        ("attachment; filename*=utf-8''%E8%BF%B7.csv", "迷.csv"),
        ('attachment; filename="=?utf-8?b?6L+3LmNzdg==?="', "迷.csv"),
    ],
)
def test_file_names_are_read_however_they_are_written(value: str, name: str) -> None:
    part = Message()
    part["Content-Disposition"] = value
    assert labels_of(part).name == name


def test_of_two_fields_the_first_counts() -> None:
    part = Message()
    part["Content-Type"] = "text/csv"
    part["Content-Type"] = "text/html"
    assert labels_of(part).content_type == "text/csv"
