"""Numbers of other ticket systems are repeated as they are written; ours are none of theirs."""

import pytest

from incidents.correspondence.tickets import their_ticket


@pytest.mark.parametrize(
    ("subject", "ticket"),
    [
        ("[slipstream.example #12345] Bulk mail from your network", "[slipstream.example #12345]"),
        ("Re: Bulk mail [Ticket#2024010110000012]", "[Ticket#2024010110000012]"),
        ("[Case: 00123456] Re: Bulk mail", "[Case: 00123456]"),
        ("Bulk mail [ ref:_00D20.!500Kx:ref ]", "[ ref:_00D20.!500Kx:ref ]"),
        ("##-4711-## Bulk mail", "##-4711-##"),
        ("[ABUSE-4711] Bulk mail", "[ABUSE-4711]"),
        ("Bulk mail INC0012345", "INC0012345"),
        ("JPCERT#12345678 ご報告の件", "JPCERT#12345678"),
        ("Re: Bulk mail (Case ID: 8812-x)", "Case ID: 8812-x"),
        ("ご連絡の件（受付番号：20240101-7）", "受付番号：20240101-7"),
    ],
)
def test_a_number_in_the_subject_is_repeated_in_its_own_form(subject, ticket):
    assert their_ticket(subject) == ticket


@pytest.mark.parametrize(
    ("text", "ticket"),
    [
        ("Thank you. Your case number is #12345.", "#12345"),
        ("We stop them. Case #4711", "#4711"),
        ("The ticket number is ABC-77, please quote it.", "#ABC-77"),
        ("お問い合わせを受け付けました。受付番号は 998877 です。", "#998877"),
    ],
)
def test_a_number_in_the_text_is_found(text, ticket):
    assert their_ticket("Re: Bulk mail", text) == ticket


@pytest.mark.parametrize(
    "words",
    [
        "Re: Bulk mail [I-1998-0001:0123456789abcd]",
        "Re: our reference is I-1998-0001",
        "In any case: thank you",
        "your reference C-1998-000001",
        "",
    ],
)
def test_our_own_number_and_plain_words_are_no_ticket(words):
    assert their_ticket(words, words) == ""


def test_it_is_linear_in_hostile_words():
    assert their_ticket("[" * 100_000 + "#" * 100_000, "your ticket " * 50_000) == ""
