"""The bytes of our mails have just the listed fields, whatever a letter contains."""

import email
from email import policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.correspondence import wire
from incidents.models import Letter
from tests.make import at

FIELDS = {"MIME-Version", "Content-Type", "Content-Transfer-Encoding"} | set(wire.FIELDS)
HOSTILE = "x\r\nBcc: all@far.example\r\n\r\nbody =?utf-8?q?a=0D=0ABcc:_all@far.example?= \x00\u2028"


def mail_of(letter):
    return wire.mail_of(
        letter, sender="abuse@example.org", sender_name="Ministry", at=at("1998-01-23 02:30")
    )


def letter(**fields):
    facts = {
        "kind": "upstream",
        "subject": "Bulk mail",
        "body": "Dear colleagues,\n\nplease stop.\n",
        "to_name": "Slipstream",
        "to_address": "abuse@slipstream.example",
        "message_id": "<letter.1@example.org>",
    } | fields
    return Letter(**facts)


def head(raw):
    return raw.partition(b"\r\n\r\n")[0]


def names(raw):
    unfolded = head(raw).replace(b"\r\n ", b" ").replace(b"\r\n\t", b" ")
    return [line.split(b":")[0].decode() for line in unfolded.split(b"\r\n")]


def test_a_letter_is_plain_text_with_the_listed_fields_once_each():
    raw = mail_of(letter())
    assert sorted(names(raw)) == sorted(
        [
            "Date",
            "From",
            "To",
            "Subject",
            "Message-ID",
            "MIME-Version",
            "Content-Type",
            "Content-Transfer-Encoding",
        ]
    )
    assert b'From: "Ministry" <abuse@example.org>' in raw
    assert raw.endswith(b"please stop.\r\n")
    assert b"\n" not in raw.replace(b"\r\n", b"")


@pytest.mark.parametrize("field", ["subject", "to_name", "body"])
def test_line_ends_in_any_value_make_no_field(field):
    raw = mail_of(letter(**{field: HOSTILE}))
    assert set(names(raw)) <= FIELDS
    assert len(names(raw)) == len(set(names(raw)))
    for rules in (policy.default, policy.compat32, policy.SMTP):
        assert email.message_from_bytes(raw, policy=rules)["Bcc"] is None


@given(subject=st.text(max_size=300), name=st.text(max_size=80), body=st.text(max_size=400))
def test_any_text_makes_seven_bit_lines_of_bounded_length_and_no_other_field(subject, name, body):
    raw = mail_of(letter(subject=subject, to_name=name, body=body))
    assert raw.isascii()
    assert set(names(raw)) <= FIELDS
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    assert b"\n" not in raw.replace(b"\r\n", b"")


def test_a_field_that_is_not_listed_is_refused():
    with pytest.raises(ValueError, match="Bcc"):
        wire.wire_bytes({"Bcc": "all@far.example"}, "")


def test_japanese_arrives_as_it_was_written():
    raw = mail_of(
        letter(subject="不正中継に関するご報告" * 3, body="ご担当者様\n\nご報告いたします。\n")
    )
    read = email.message_from_bytes(raw, policy=policy.default)
    assert read["Subject"] == "不正中継に関するご報告" * 3
    assert read.get_content().replace("\r\n", "\n") == "ご担当者様\n\nご報告いたします。\n"


def answer(references=(), message_id="q@quarry.example"):
    from complaints.models import Complaint

    return letter(
        kind="answer",
        answers=Complaint(message_id=message_id, references=list(references)),
    )


def test_an_answer_stands_in_the_thread_it_answers_and_no_program_says_so_of_it():
    read = email.message_from_bytes(mail_of(answer(["<first@quarry.example>"])))
    assert read["In-Reply-To"] == "<q@quarry.example>"
    assert read["References"].split() == ["<first@quarry.example>", "<q@quarry.example>"]
    assert read["Auto-Submitted"] is None
    assert read["X-Loop"] == "abuse@example.org"


def test_one_text_to_all_who_complained_says_that_it_is_automatic():
    assert (
        email.message_from_bytes(mail_of(letter(kind="told")))["Auto-Submitted"] == "auto-replied"
    )


def test_a_letter_that_a_person_wrote_does_not_claim_to_be_automatic():
    read = email.message_from_bytes(mail_of(letter()))
    assert (read["Auto-Submitted"], read["X-Loop"]) == (None, None)


def test_long_threads_are_cut_in_the_middle():
    ids = [f"<{number}@quarry.example>" for number in range(100)]
    thread = wire.thread_of(answer(ids).answers)
    assert len(thread) == wire.MOST_REFERENCES + 1
    assert (thread[0], thread[-2], thread[-1]) == (ids[0], ids[-1], "<q@quarry.example>")


@pytest.mark.parametrize(
    "bad", ["<a b@c>", "no brackets", "<a@b>\r\nBcc: x", "<>", "<" + "a" * 600 + ">"]
)
def test_what_is_no_message_id_is_left_out_of_the_thread(bad):
    assert wire.thread_of(answer([bad]).answers) == ["<q@quarry.example>"]


@pytest.mark.parametrize("field", wire.FIELDS)
def test_no_field_lets_a_line_end_through(field):
    raw = wire.wire_bytes({field: "x\r\nBcc: all@far.example\n\nbody"}, "text")
    assert names(raw)[0] == field
    assert email.message_from_bytes(raw)["Bcc"] is None
    assert email.message_from_bytes(raw).get_payload() == "text\r\n"


def test_what_looks_like_an_encoded_word_arrives_as_it_was_written():
    subject = "Re: =?utf-8?q?a=0D=0ABcc:_all@far.example?="
    raw = mail_of(letter(subject=subject))
    assert b"=0ABcc" not in raw
    assert email.message_from_bytes(raw, policy=policy.default)["Subject"] == subject
