"""Mails that Outlook packed, as .msg or winmail.dat, are read like any other attached mail."""

import subprocess
import sys
from email.message import EmailMessage

import pytest

from complaints.formats import mime, outlook, rtf, tnef
from complaints.formats.mapi import Unreadable
from complaints.formats.registry import read_report
from tests import outlookfiles
from tests.growth import ALLOWED, growth

HEADERS = """\
Return-Path: <bulk@kettle-shop.example>
Received: from gate.ministry.example (gate.ministry.example [192.0.2.25])
\tby mx.meadow-net.example with ESMTP id 4249CdQ0012345
\tfor <orla@meadow-net.example>; Mon, 4 Mar 2024 09:12:44 +0000
From: Kettles <bulk@kettle-shop.example>
To: orla@meadow-net.example
Subject: Copper kettles at half price
Message-ID: <20240304.771@kettle-shop.example>
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: base64
"""
KETTLES = {
    outlookfiles.HEADERS: HEADERS,
    outlookfiles.SUBJECT: "Copper kettles at half price",
    outlookfiles.BODY: "Order at http://kettle-shop.example/half",
}


def carrier(content: bytes, name: str, kind: str = "application/octet-stream") -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"] = "Orla Finch <orla@meadow-net.example>", "abuse@ministry.example"
    mail["Subject"], mail["Date"] = "spam", "Mon, 04 Mar 2024 10:00:00 +0000"
    mail.set_content("This spam came through your server, see the file.\n")
    main, _, sub = kind.partition("/")
    mail.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return mail.as_bytes()


def test_a_msg_file_is_the_mail_complained_about() -> None:
    report = read_report(carrier(outlookfiles.msg_file(KETTLES), "spam.msg"))

    (original,) = report.originals
    assert (report.format, original.message_id) == (
        "attached",
        "<20240304.771@kettle-shop.example>",
    )
    assert (original.queue_id, original.source_ip) == ("4249CdQ0012345", "192.0.2.25")
    assert original.urls == ("http://kettle-shop.example/half",)


def test_a_mail_within_a_msg_file_is_found() -> None:
    outer = {outlookfiles.SUBJECT: "FW: see this", outlookfiles.BODY: "as attached"}
    mail = mime.read(carrier(outlookfiles.msg_file(outer, inside=KETTLES), "forwarded.msg"))

    (attached,) = mail.mails
    (inner,) = attached.mails
    assert attached.head.first("subject") == "FW: see this"
    assert inner.head.first("message-id") == "<20240304.771@kettle-shop.example>"


def test_a_winmail_gives_its_files_and_mails() -> None:
    inner = outlookfiles.mapi_text(KETTLES)
    packed = outlookfiles.winmail("see below", files={"log.txt": b"one line"}, inside=inner)
    report = read_report(carrier(packed, "winmail.dat", "application/ms-tnef"))

    assert report.format == "attached"
    assert [original.subject for original in report.originals] == ["Copper kettles at half price"]
    assert {"winmail.dat", "log.txt"} <= {file.name for file in report.attachments}


def test_a_file_of_the_same_name_that_is_none_is_only_a_file() -> None:
    report = read_report(carrier(b"not from Outlook", "spam.msg"))
    assert (report.originals[0].hops, report.format) == ((), "plain")


@pytest.mark.parametrize("reader", [outlook.mail_source, tnef.mail_source])
def test_broken_bytes_are_refused_in_words(reader: object) -> None:
    whole = outlookfiles.msg_file(KETTLES)
    if reader is tnef.mail_source:
        whole = outlookfiles.winmail("body", files={"a": b"b" * 100}, inside=whole)
    for end in range(0, len(whole), max(1, len(whole) // 60)):
        for damaged in (whole[:end], whole[:end] + b"\xff" * 40 + whole[end + 40 :]):
            try:
                found = reader(damaged)  # type: ignore[operator]
            except Unreadable as reason:
                found = str(reason)
            assert found


def test_many_small_objects_are_read_in_time() -> None:
    start, small_object = bytes.fromhex("789f3e220100"), outlookfiles._object(1, 0x8004, b"")
    found = growth(lambda n: start + small_object * n, tnef.mail_source, small=50_000)
    assert found < ALLOWED


def test_rich_text_becomes_the_text_a_reader_sees() -> None:
    source = (
        r"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}{\*\generator X;}"
        r"Caf\'e9 \u8364?5\par{\b bold} \{end\}}"
    )
    assert rtf.to_text(source) == "Café €5\nbold {end}"


def test_what_reads_outlook_is_loaded_only_when_it_is_needed() -> None:
    code = (
        "import sys, complaints.formats.registry as r\n"
        "r.read_report(b'Subject: x\\n\\nspam from your server')\n"
        "assert not {'extract_msg', 'tnefparse', 'compressed_rtf'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("spoiled", [b"", b"LZFu", b"\x20\0\0\0" * 2 + b"LZFu" + b"\x01" * 20])
def test_packed_rich_text_that_is_damaged_has_no_text(spoiled: bytes) -> None:
    assert rtf.unpacked_text(spoiled) == ""
