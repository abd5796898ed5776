"""A masked mail says nothing of the people in it, and is still the mail that it was."""

import base64

from hypothesis import given, settings
from hypothesis import strategies as st

from complaints.formats.registry import read_report
from complaints.masking import masked
from tests.growth import ALLOWED, growth

MAIL = """\
Return-Path: <orla.byrne@meadow-net.ie>
Received: from orla-laptop.meadow-net.ie (orla-laptop.meadow-net.ie [93.184.216.34])
\tby mx1.quarrywork.org with ESMTP id 4B10dffE062221; Mon, 4 Mar 2024 09:12:45 +0000
From: =?utf-8?q?Orla_B=C3=BDrne?= <orla.byrne@meadow-net.ie>
To: abuse@quarrywork.org
Subject: =?utf-8?q?Spam_von_93=2E184=2E216=2E34_an_orla=2Ebyrne=40meadow-net=2Eie?=
Date: Mon, 4 Mar 2024 09:12:45 +0000
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="cut-here"
DKIM-Signature: v=1; d=meadow-net.ie; h=from:to;
\tb=abcdef

--cut-here
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

Please stop this. Call me: +353 1 555 0199. It came from 93[.]184[.]216[.]34, 2606=
:2800:220:1::5 and http://shop.kettle-deals.com/go?user=3Dorla12345

Orla

--cut-here
Content-Type: message/rfc822

Received: from shop.kettle-deals.com ([93.184.216.34]) by mx1.quarrywork.org
\twith SMTP id 4B10dffE062221; Mon, 4 Mar 2024 09:10:00 +0000
Message-ID: <77.orla@shop.kettle-deals.com>
From: Kettle Deals <deals@kettle-deals.com>
To: Orla <orla.byrne@meadow-net.ie>
Subject: Half price
Content-Type: text/plain
Content-Transfer-Encoding: base64

{body}
--cut-here--
"""
BODY = base64.encodebytes(
    b"Dear orla.byrne@meadow-net.ie, buy at shop.kettle-deals.com.\n"
).decode()
RAW = MAIL.replace("{body}", BODY).encode()
SECRETS = (b"orla", b"meadow-net", b"93.184", b"quarrywork", b"kettle-deals", b"555 0199", b"2606:")


def test_nobody_is_named_any_more_in_whatever_encoding():
    found = masked(RAW)
    report = read_report(found)
    everything = (found + repr(report).encode()).lower()

    assert [secret for secret in SECRETS if secret in everything] == []
    assert BODY.encode()[:30] not in found
    assert b"DKIM-Signature" not in found


def test_the_same_value_has_the_same_mask_everywhere():
    report = read_report(masked(RAW))
    (original,) = report.originals

    assert original.recipient == report.headers.from_address
    assert original.source_ip in report.text.replace("[.]", ".")
    assert original.source_ip in report.headers.subject
    assert original.source_ip.startswith("192.0.2.")


def test_it_is_read_as_the_mail_was():
    before, after = read_report(RAW), read_report(masked(RAW))

    assert after.format == before.format == "attached"
    assert [one.queue_id for one in after.originals] == ["4B10dffE062221"]
    assert after.category == before.category
    assert after.headers.date == before.headers.date


def test_those_who_only_play_a_part_keep_their_names():
    raw = b"From: Mail Delivery Subsystem <MAILER-DAEMON@meadow-net.ie>\nSubject: Failure\n\nx\n"

    found = masked(raw)

    assert b"Mail Delivery Subsystem <MAILER-DAEMON@domain1.example>" in found


def test_a_file_in_a_mail_is_cut_after_what_tells_its_type():
    content = b"PK\x03\x04" + bytes(200) + b"orla.byrne@meadow-net.ie"
    raw = b"From: a@meadow-net.ie\nContent-Type: application/zip\n"
    raw += b"Content-Transfer-Encoding: base64\n\n" + base64.encodebytes(content)

    body = masked(raw).partition(b"\n\n")[2]

    assert base64.b64decode(body) == content[:8]


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=3000))
def test_any_bytes_can_be_masked(raw: bytes):
    assert isinstance(masked(b"From: " + raw), bytes)


def test_twice_the_mail_takes_no_more_than_twice_the_time():
    line = b"a.b-c@d.e.f 1.2.3.4 :::: +1 aaaa.bbbb ?a=b <>" * 100 + b"\n"
    assert growth(lambda n: RAW + line * n, masked, small=40) < ALLOWED


def test_a_sample_encoded_within_a_report_is_masked_too():
    inner = base64.b64encode(RAW[:900]).decode()
    report = f'Subject: x\n\n{{"Samples": [{{"Payload": "{inner}"}}], "Hash": "{"ab" * 32}"}}\n'

    found = masked(report.encode()).decode()

    payload = base64.b64decode(found.partition('"Payload": "')[2].partition('"')[0])
    assert [secret for secret in SECRETS if secret in payload.lower()] == []
    assert b"domain1.example" in payload
    assert "ab" * 32 in found


def test_a_mail_encoded_within_an_encoded_mail_is_masked_too():
    once = b"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n"
    raw = once + base64.encodebytes(once + base64.encodebytes(RAW))

    outer = base64.b64decode(masked(raw).partition(b"\n\n")[2])
    inner = base64.b64decode(outer.partition(b"\n\n")[2])

    assert b"domain1.example" in inner
    assert [secret for secret in SECRETS if secret in inner.lower()] == []


def test_only_names_that_are_parts_through_and_through_stay():
    raw = b"""\
From: Jane Doe Support <jane.doe.mail@bigcorp.de>
To: no-reply@bigcorp.de

See https://far.example/u/john%40bigcorp.de/ of Jane.
"""
    found = masked(raw).lower()

    assert [word for word in (b"jane", b"doe", b"john", b"bigcorp") if word in found] == []
    assert b"no-reply@" in found


def test_twice_as_many_names_take_no_more_than_twice_the_time():
    def mail(count: int) -> bytes:
        names = ", ".join(f"Ann{n} Quarry{n} <a{n}@b.org>" for n in range(count))
        return f"To: {names}\n\nx\n".encode()

    assert growth(mail, masked, small=2_000) < ALLOWED
