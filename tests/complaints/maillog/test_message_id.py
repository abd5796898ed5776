"""A Message-ID is looked for in every form in which a log may show it."""

import pytest

from complaints.maillog import message_id


@pytest.mark.parametrize(
    ("said", "forms"),
    [
        ("", []),
        (" <a@far.example> ", ["a@far.example"]),
        ("<" + 99 * "a" + ">", [99 * "a"]),
        ("<" + 120 * "a" + ">", [120 * "a", 99 * "a"]),
        (
            "<ï@far.example>",
            [
                "ï@far.example",
                "??@far.example",
                r"\303\257@far.example",
                "?@far.example",
                r"\357@far.example",
            ],
        ),
    ],
)
def test_the_forms_of_a_message_id(said, forms):
    assert message_id.logged_forms(said) == forms
    assert len(message_id.digests(said)) == len(forms)
