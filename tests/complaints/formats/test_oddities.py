"""What is odd about a mail is told, and of an honest one nothing is."""

import pytest

from complaints.formats import mime
from complaints.formats.oddities import oddities

HEAD = "From: Ann <ann@far.example>\nTo: abuse@example.org\nSubject: Spam\nMIME-Version: 1.0\n"
PARTS = "--b\nContent-Type: text/plain; charset=utf-8\n\nPlease stop it.\n"


def told(mail: str) -> str:
    raw = mail.encode("utf-8", "surrogateescape").replace(b"\n", b"\r\n")
    return " ".join(oddities(raw, mime.read(raw)))


def multipart(body: str, more: str = "") -> str:
    return f'{HEAD}Content-Type: multipart/mixed; boundary="b"\n{more}\n{body}'


@pytest.mark.parametrize(
    "honest",
    [
        f"{HEAD}\nPlease stop it.\n",
        multipart(f"This is a multi-part message in MIME format.\n{PARTS}--b--\n"),
        multipart(f"{PARTS}--b--\n"),
        HEAD.replace("Ann", "=?utf-8?q?J=C3=B6rg?=").replace("far.example", "xn--bcher-kva.example")
        + "Content-Type: text/plain; charset=iso-2022-jp\n\n\x1b$B$\x1b(B\n",
        f"{HEAD}Content-Transfer-Encoding: base64\n\nUGxlYXNlIHN0b3AgaXQu\n",
        f"{HEAD}Content-Type: text/plain; charset=windows-31j\n\nbegin 644 or so\n",
    ],
)
def test_of_an_honest_mail_nothing_is_told(honest):
    assert told(honest) == ""


@pytest.mark.parametrize(
    ("odd", "words"),
    [
        (HEAD + "Subject: Other\n\nx\n", "has 2 Subject fields; the first"),
        (HEAD.replace("Spam", "Sp\x00am") + "\nx\n", "control characters"),
        (HEAD + "no colon here\n\nx\n", "1 lines in the head of the mail are no header fields"),
        (HEAD.replace("Spam", "invoice \u202efdp.exe") + "\nx\n", "Invisible characters"),
        (HEAD.replace("far.", "f\u0430r.") + "\nx\n", "mixes Latin letters"),
        (HEAD + "Reply-To: x@xn--bnk-5cd.example\n\nx\n", "mixes Latin letters"),
        (multipart(PARTS), "has no end; it may have been cut off"),
        (multipart("nothing\n"), "has none"),
        (multipart(f"Look here first.\n{PARTS}--b--\n"), "stands before the first part"),
        (HEAD + "Content-Type: multipart/mixed\n\n--b\n\nx\n", "not what divides them"),
        (HEAD + "Content-Transfer-Encoding: x-rot26\n\nx\n", "encoding “x-rot26”"),
        (HEAD + "Content-Transfer-Encoding: base64\n\nSize: 3!\n", "holds what base64 does not"),
        (HEAD + "Content-Type: text/plain; charset=punycode\n\nx\n", "charset “punycode”"),
        (HEAD + "\na" + "\u0315\u0300" * 20 + "\n", "Marks are heaped on letters"),
        (HEAD + "\nbegin 644 a\nM####\n", "uuencoded file in the text has no end"),
        (HEAD + "Content-Type: text/html\n\n" + "<div>" * 5001, "unusually large or nested"),
        (
            multipart('--b\nContent-Type: application/json\n\n{"a": "\\u0000"}\n--b--\n'),
            "escaped characters that no text may have",
        ),
    ],
)
def test_what_is_odd_is_told_in_words(odd, words):
    assert words in told(odd)
