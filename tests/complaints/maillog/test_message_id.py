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


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("<202403040912.4249CiA1017405@mx2.ours.example>", ("4249CiA1017405", "mx2.ours.example")),
        ("<20240304091244.5C0F21A7B3@MX1.ours.example>", ("5C0F21A7B3", "mx1.ours.example")),
        ("<E1tDtNs-0020W8-Pk@relay.ours.example>", ("1tDtNs-0020W8-Pk", "relay.ours.example")),
        ("<spam-17@far.example>", ("", "")),
        ("", ("", "")),
    ],
)
def test_a_mail_host_writes_its_queue_id_into_an_id_of_its_making(
    said: str, found: tuple[str, str]
) -> None:
    assert message_id.queue_id_in(said) == found
