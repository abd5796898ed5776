"""From raw mail to rows: what is saved, and how a walk may end here."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from complaints import rawstore
from complaints.intake.raw import RawMessage
from complaints.intake.store import keep_message
from complaints.models import AuditEntry, Complaint
from complaints.parsing import parse_complaint, quarantine
from tests.make import at

NOW = at("1998-01-21 12:00")
Stage = Complaint.Stage

COMPLAINT = b"""\
Received: from far.example ([198.51.100.8]) by mail.example.org with SMTP id A1;
\tWed, 21 Jan 1998 11:00:00 +0000
From: Ann Quarry <ann@far.example>
To: abuse@example.org
Cc: postmaster@example.org
Date: Wed, 21 Jan 1998 10:59:00 +0000
Subject: Spam from your server
Message-ID: <report@far.example>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b

This came from your machine, please stop it or we will block you.
--b
Content-Type: message/rfc822

Received: from mail.example.org ([192.0.2.25]) by mx.far.example with ESMTP id FAR1
\tfor <ann@far.example>; Tue, 20 Jan 1998 04:02:00 +0000
Received: from riches (line7.dial.example [198.51.100.7]) by mail.example.org with SMTP id AAA1;
\tTue, 20 Jan 1998 04:00:00 +0000
From: winner@riches.example
To: ann@far.example
Subject: Riches
Message-ID: <spam@riches.example>

Be rich: http://www.riches.example/now
--b
Content-Type: application/octet-stream; name="../../etc/passwd"

%PDF-1.4 not really
--b--
"""


def stored(raw: bytes, **arrival) -> Complaint:
    """A complaint that waits to be read."""
    message = RawMessage(raw, "file", arrival.pop("arrived_at", NOW))
    return keep_message(message, now=NOW).complaint


def test_all_that_a_mail_says_is_saved(db, data_dir):
    complaint = stored(COMPLAINT)

    assert parse_complaint(complaint, now=NOW)

    complaint.refresh_from_db()
    assert complaint.stage == Stage.PARSED
    assert complaint.sender == "ann@far.example"
    assert complaint.sender_name == "Ann Quarry"
    assert complaint.recipient == "abuse@example.org"
    assert complaint.sent_at == at("1998-01-21 10:59")
    assert complaint.format == "attached"
    assert complaint.language == "en"
    assert complaint.threatens_block
    message = complaint.reported_messages.get()
    assert message.message_id == "<spam@riches.example>"
    assert [hop["queue_id"] for hop in message.hops] == ["FAR1", "AAA1"]
    assert message.urls == ["http://www.riches.example/now"]
    assert complaint.observables.filter(kind="ip", value="198.51.100.7").exists()
    assert "/" not in complaint.attachments.get(actual_type="application/pdf").name


def test_reading_a_second_time_changes_nothing(db, data_dir):
    complaint = stored(COMPLAINT)
    seen_by_another_worker = Complaint.objects.get()
    parse_complaint(complaint, now=NOW)
    entries = AuditEntry.objects.count()

    assert not parse_complaint(seen_by_another_worker, now=NOW)

    assert complaint.reported_messages.count() == 1
    assert AuditEntry.objects.count() == entries


def test_a_mail_that_is_read_anew_has_its_parts_once(db, data_dir):
    complaint = stored(COMPLAINT)
    parse_complaint(complaint, now=NOW)
    before = _counts(complaint)
    quarantine(complaint, "a person wants it read again", now=NOW)
    Complaint.objects.move(complaint, to=Stage.RECEIVED)

    parse_complaint(complaint, now=NOW)

    assert _counts(complaint) == before


def _counts(complaint):
    parts = (complaint.reported_messages, complaint.observables, complaint.attachments)
    return [part.count() for part in parts]


def test_what_is_no_complaint_is_set_aside_with_the_reason(db, data_dir):
    complaint = stored(
        b"From: bob@far.example\nSubject: Out of office\n"
        b"Auto-Submitted: auto-replied\n\nBack soon.\n"
    )

    parse_complaint(complaint, now=NOW)

    assert complaint.stage == Stage.SET_ASIDE
    assert complaint.set_aside_reason
    assert complaint.is_automatic


def test_a_report_that_says_nothing_is_quarantined_with_the_reason(db, data_dir):
    complaint = stored(
        b"From: fbl@far.example\nMIME-Version: 1.0\n"
        b"Content-Type: multipart/report; report-type=feedback-report; boundary=b\n\n"
        b"--b\n\nA report.\n--b\nContent-Type: message/feedback-report\n\nVersion: 1\n\n--b--\n"
    )

    parse_complaint(complaint, now=NOW)

    assert complaint.stage == Stage.QUARANTINED
    assert "Feedback-Type" in complaint.problem
    assert AuditEntry.objects.filter(action="complaint-quarantined").exists()


def test_a_raw_mail_that_was_changed_is_quarantined(db, data_dir):
    complaint = stored(COMPLAINT)
    rawstore.path_of(complaint.raw_sha256).write_bytes(COMPLAINT.replace(b"Ann", b"Bob"))

    parse_complaint(complaint, now=NOW)

    assert complaint.stage == Stage.QUARANTINED
    assert "has been changed" in complaint.problem


def test_an_answer_in_a_thread_follows_the_first_mail_of_it(db, data_dir):
    first = stored(COMPLAINT)
    parse_complaint(first, now=NOW)
    answer = stored(
        b"From: ann@far.example\nTo: abuse@example.org\nSubject: Re: Spam from your server\n"
        b"Message-ID: <second@far.example>\nIn-Reply-To: <ours@example.org>\n"
        b"References: <report@far.example> <ours@example.org>\n\nAny news about this?\n"
    )

    parse_complaint(answer, now=NOW)

    assert answer.follows == first
    assert answer.format == "follow-up"


@pytest.mark.parametrize(
    ("subject", "writer", "follows"),
    [
        ("Re: [EX-2024-77] Spam from your server", "ann", True),
        ("Spam from your server", "ann", True),
        ("AW: [EX-2024-77] Re: Spam from your server", "ann", True),
        ("Re: [EX-2024-77] Spam from your server", "bob", False),
        ("Re: No Spam from your server", "ann", False),
    ],
)
def test_an_answer_to_our_word_of_receipt_follows_what_it_answers(
    db, data_dir, subject, writer, follows
):
    first = stored(COMPLAINT)
    parse_complaint(first, now=NOW)
    answer = stored(
        f"From: {writer}@far.example\nTo: abuse@example.org\nSubject: {subject}\n"
        "Message-ID: <second@far.example>\nIn-Reply-To: <receipt@example.org>\n\n"
        "Any news about this?\n".encode()
    )

    parse_complaint(answer, now=NOW)

    assert answer.follows == (first if follows else None)


def test_an_answer_that_does_not_tell_is_about_what_the_first_mail_was_about(db, data_dir):
    first = stored(COMPLAINT.replace(b"Subject: ", b"Subject: phishing, ", 1))
    parse_complaint(first, now=NOW)
    answer = stored(
        b"From: ann@far.example\nTo: abuse@example.org\nSubject: Re: your case\n"
        b"Message-ID: <third@far.example>\nIn-Reply-To: <report@far.example>\n\nAny news?\n"
    )

    parse_complaint(answer, now=NOW)

    assert (first.category, answer.category) == ("phishing", "phishing")


ODD = st.one_of(
    st.binary(max_size=400),
    st.text(max_size=200).map(
        lambda text: f"From: {text}\nSubject: {text}\nMessage-ID: <{text}>\n\n{text}".encode(
            "utf-8", "surrogatepass"
        )
    ),
)


@given(raw=ODD)
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None
)
def test_any_bytes_come_to_an_end(db, data_dir, raw):
    complaint = stored(b"X-Odd: 1\n" + raw)

    if complaint.stage == Stage.RECEIVED:
        parse_complaint(complaint, now=NOW)

    assert Complaint.objects.get(pk=complaint.pk).stage != Stage.RECEIVED


@pytest.mark.parametrize("field", ["From", "To", "Subject", "Message-ID", "References", "List-Id"])
def test_a_field_of_any_length_and_kind_fits_its_column(db, data_dir, field):
    value = "<" + "ü\x00\x85x" * 5000 + "@far.example>"
    complaint = stored(f"{field}: {value}\n\nPlease stop this spam.\n".encode())

    parse_complaint(complaint, now=NOW)

    assert Complaint.objects.get().stage != Stage.RECEIVED
