"""A mail as a tree of parts, whatever is wrong with it."""

import base64
import email

import pytest

from complaints.formats import mime
from complaints.formats.bounds import bounded
from complaints.formats.opened import open_mail
from complaints.formats.parts import Mail

HEAD = "From: a@b.example\nTo: c@d.example\nMessage-ID: <1@b.example>\n"


def read(head: str, body: str = "text\n") -> Mail:
    return mime.read(f"{HEAD}{head}\n{body}".encode("utf-8", "surrogateescape"))


def test_a_field_that_occurs_twice_gives_its_first_value() -> None:
    mail = read("Subject: one\nSubject: two\n")
    assert mail.head.first("subject") == "one"
    assert mail.head.all("subject") == ("one", "two")


def test_a_field_named_like_a_method_is_a_field() -> None:
    assert read("Parse: x\nHeaders_json: y\n").head.first("parse") == "x"


@pytest.mark.parametrize(
    ("field", "name"),
    [
        ("Spam Fighter", "Spam Fighter"),
        ('"Spam Fighter" <>', "Spam Fighter"),
        ("=?utf-8?q?J=C3=B6rg?=", "Jörg"),
        ("undisclosed <no address>", "undisclosed"),
        ("", ""),
    ],
)
def test_a_from_field_without_an_address_keeps_its_name(field: str, name: str) -> None:
    headers = open_mail(f"From: {field}\nSubject: x\n\ntext\n".encode()).headers
    assert (headers.from_name, headers.from_address) == (name, "")


def test_raw_japanese_in_a_subject_is_decoded() -> None:
    raw = HEAD.encode() + b"Subject: " + "迷惑メール".encode("iso-2022-jp") + b"\n\ntext\n"
    assert mime.read(raw).head.first("subject") == "迷惑メール"


def test_a_message_in_base64_is_descended() -> None:
    inner = base64.encodebytes(
        b"From: x@y.example\nSubject: inner\nTo: z@y.example\n\nhi\n"
    ).decode()
    mail = read("Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n", inner)
    assert [one.head.first("subject") for one in mail.mails] == ["inner"]


@pytest.mark.parametrize("first", ["From x@y Mon Mar  4 09:00:00 2024\n", ">From x@y Mon\n"])
def test_an_mbox_line_before_the_first_field_is_skipped(first: str) -> None:
    mail = read(
        "Content-Type: message/rfc822\n", first + "Subject: inner\nFrom: x@y.example\n\nhi\n"
    )
    assert mail.mails[0].head.first("subject") == "inner"


def test_attached_bytes_are_a_mail_only_if_they_look_like_one() -> None:
    assert mime.looks_like_mail(b"From: a\nSubject: b\nX-Foo: c\n\nd")
    assert not mime.looks_like_mail(b"Dear all: this\nis: a\nletter: yes\n")
    assert not mime.looks_like_mail(b"%PDF-1.4")


def test_the_tree_is_read_to_its_limits_and_no_further() -> None:
    body = "--q\n\nx\n" * 1500
    mail = read("Content-Type: multipart/mixed; boundary=q\n", body)
    assert len(mail.parts) < mime.MAX_PARTS
    assert any("more than 1000 parts" in note for note in mail.notes)


def test_plain_text_is_preferred_and_html_read_where_there_is_none() -> None:
    both = (
        "--q\nContent-Type: text/plain\n\nplain\n"
        "--q\nContent-Type: text/html\n\n<p>html</p>\n--q--\n"
    )
    only = "--q\nContent-Type: text/html\n\n<style>x</style><p>a<br>b &amp; c</p>\n--q--\n"
    multipart = "Content-Type: multipart/alternative; boundary=q\n"
    assert read(multipart, both).text.strip() == "plain"
    assert read(multipart, only).text.strip() == "a\nb & c"


@pytest.mark.parametrize(
    ("charset", "raw"),
    [
        ("iso-2022-jp", "迷惑".encode("iso-2022-jp")),
        ("us-ascii", "迷惑".encode("iso-2022-jp")),
        ("", "迷惑".encode("iso-2022-jp")),
        ("shift_jis", "迷惑".encode("cp932")),
        ("x-unknown", "迷惑".encode()),
        ("charset=utf-8; format=flowed", "迷惑".encode()),
    ],
)
def test_a_text_is_decoded_whatever_its_charset_is_called(charset: str, raw: bytes) -> None:
    declared = f'Content-Type: text/plain; charset="{charset}"\n\n' if charset else "\n"
    assert mime.read(HEAD.encode() + declared.encode() + raw).text == "迷惑"


@pytest.mark.parametrize("charset", ["punycode", "undefined", "idna", "rot13", "utf-8\0", "zip"])
def test_an_unsafe_charset_is_not_used(charset: str) -> None:
    raw = HEAD.encode() + f"Content-Type: text/plain; charset={charset}\n\nspam \xe9\n".encode(
        "latin1"
    )
    assert "spam" in mime.read(raw).text


@pytest.mark.parametrize(
    "raw",
    [
        b"Subject: a\n\nbody\n\n of lines\n",
        b"Subject: a\r\nTo: b@example.org\r\n\r\nbody\r\nof\rlines",
        b"Subject: a\nno field\nTo: b@example.org\n\nbody\n",
        b"Subject: a\n",
    ],
)
def test_a_mail_without_parts_has_the_body_that_the_parser_finds(raw: bytes) -> None:
    whole = email.message_from_bytes(bounded(raw).whole)
    found = mime.read(raw)
    assert found.parts[0].content == whole.get_payload(decode=True)
    assert found.head.first("subject") == whole["subject"]
