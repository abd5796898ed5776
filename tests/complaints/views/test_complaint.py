"""A complaint on the screen: what a stranger wrote is text there, and the raw mail a file."""

import pytest

from complaints import rawstore
from complaints.models import AuditEntry
from tests import make

pytestmark = pytest.mark.django_db


def test_markup_in_a_mail_is_shown_as_text_everywhere(client, data_dir):
    client.force_login(make.user("agent"))
    evil = '"><script>alert(1)</script>'
    complaint = make.complaint(
        subject=evil, sender_name=evil, text=evil, notes=[evil], message_id=evil, problem=evil
    )

    page = client.get(f"/complaints/{complaint.reference}/").content.decode()

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_complaint_that_waits_for_the_log_says_since_when(client, data_dir):
    client.force_login(make.user("agent"))
    waits = make.complaint(waiting_for_log_since=make.at("2024-03-04 12:05"))

    page = client.get(f"/complaints/{waits.reference}/").content.decode()

    assert "The mail log of that time has not come yet." in page
    assert "It has waited since <time" in page
    assert 'datetime="2024-03-04T12:05' in page


def test_the_raw_mail_is_a_download_that_nothing_opens_and_is_in_the_history(client, data_dir):
    client.force_login(make.user("agent"))
    raw = b"From: ann@quarry.example\r\n\r\n<script>alert(1)</script>\r\n"
    complaint = make.complaint(raw_sha256=rawstore.keep(raw))

    answer = client.get(f"/complaints/{complaint.reference}/raw/")

    assert answer.content == raw
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert AuditEntry.objects.get(action="raw-downloaded").actor == "agent"


def test_a_reader_sees_neither_source_nor_raw_mail(client, data_dir):
    client.force_login(make.user("reader", role="reader"))
    raw = b"X-Secret-Header: seen\r\n\r\nPlease stop this.\r\n"
    complaint = make.complaint(raw_sha256=rawstore.keep(raw))

    assert b"X-Secret-Header" not in client.get(f"/complaints/{complaint.reference}/").content
    assert client.get(f"/complaints/{complaint.reference}/raw/").status_code == 403


def test_what_a_complaint_lacks_is_shown_with_a_letter_that_asks_for_it(client, db):
    client.force_login(make.user("agent"))
    lacking = make.complaint(
        missing=["time"], language="en", reasons=["Category spam: it says “junk”."]
    )

    page = client.get(f"/complaints/{lacking.reference}/").content.decode()

    assert "when it happened" in page
    assert "The date and the time of day when it arrived" in page
    assert "Category spam: it says “junk”." in page
