"""What repeats an earlier complaint, and what only looks as if it did."""

import itertools
import threading
from datetime import timedelta

import pytest
from django.db import connection

from complaints.intake.raw import RawMessage
from complaints.intake.store import keep_message
from complaints.models import Complaint
from complaints.parsing import parse_complaint
from tests import make
from tests.make import at

NOW = at("1998-01-21 12:00")
Stage = Complaint.Stage

_numbers = itertools.count(1)


def complain(
    *,
    sender: str = "ann@far.example",
    message_id: str = "",
    said: str = "Your server sent me this. Please make it stop at once.",
    recipient: str = "ann@far.example",
    delivery: str = "FAR1",
    spam_id: str = "spam@riches.example",
    to: str = "abuse@example.org",
) -> bytes:
    """A person's complaint that shows the copy of one recipient."""
    return f"""\
From: {sender}
To: {to}
Date: Wed, 21 Jan 1998 10:59:00 +0000
Subject: Spam from your server
Message-ID: <{message_id or f"report-{next(_numbers)}@far.example"}>

{said}

Received: from mail.example.org ([192.0.2.25]) by mx.far.example with ESMTP id {delivery}
\tfor <{recipient}>; Tue, 20 Jan 1998 04:02:00 +0000
Received: from riches (line7.dial.example [198.51.100.7]) by mail.example.org with SMTP id AAA1;
\tTue, 20 Jan 1998 04:00:00 +0000
From: winner@riches.example
Subject: Riches
Message-ID: <{spam_id}>

Be rich: http://www.riches.example/now
""".encode()


def feedback(*, recipient: str, delivery: str, arrival: str = "04:02:00") -> bytes:
    """What a provider's feedback loop says of the same message."""
    return f"""\
From: fbl@provider.example
To: abuse@example.org
Subject: complaint
Message-ID: <fbl-{next(_numbers)}@provider.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary=b

--b

This is a report of abuse.
--b
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: Loop/1
Version: 1
Original-Rcpt-To: <{recipient}>
Source-IP: 192.0.2.25
Arrival-Date: Tue, 20 Jan 1998 {arrival} +0000

--b
Content-Type: message/rfc822

Received: from mail.example.org ([192.0.2.25]) by mx.far.example with ESMTP id {delivery};
\tTue, 20 Jan 1998 {arrival} +0000
From: winner@riches.example
To: undisclosed-recipients:;
Subject: Riches
Message-ID: <spam@riches.example>

Be rich: http://www.riches.example/now
--b--
""".encode()


def read(raw: bytes, arrived_at=NOW) -> Complaint:
    """Store and read a mail."""
    complaint = keep_message(RawMessage(raw, "file", arrived_at), now=arrived_at).complaint
    parse_complaint(complaint, now=arrived_at)
    return complaint


def test_one_mail_sent_to_two_addresses_of_ours_is_one_complaint(db, data_dir):
    first = read(complain(message_id="same@far.example"))
    second = read(complain(message_id="same@far.example", to="postmaster@example.org"))

    assert (second.stage, second.duplicate_of) == (Stage.DUPLICATE, first)


def test_a_complaint_sent_again_with_more_words_is_one(db, data_dir):
    first = read(complain())
    second = read(complain(said="I had no answer. Here is the same message once more."))

    assert second.duplicate_of == first


def test_two_recipients_who_complain_of_one_message_are_two_complaints(db, data_dir):
    read(complain())
    second = read(complain(sender="bob@far.example", recipient="bob@far.example", delivery="FAR1"))
    third = read(complain(sender="eve@far.example", recipient="eve@far.example", delivery="FAR3"))

    assert second.stage == third.stage == Stage.PARSED


def test_one_person_who_forwards_the_copies_of_two_others_reports_two(db, data_dir):
    read(complain(sender="admin@far.example", recipient="ann@far.example"))
    second = read(complain(sender="admin@far.example", recipient="bob@far.example"))

    assert second.stage == Stage.PARSED


def test_a_feedback_loop_that_reports_one_message_for_two_recipients_reports_two(db, data_dir):
    read(feedback(recipient="masked-1@far.example", delivery="FAR1"))
    second = read(feedback(recipient="masked-2@far.example", delivery="FAR2"))

    assert second.stage == Stage.PARSED


def test_a_person_and_the_provider_who_report_one_copy_are_one_complaint(db, data_dir):
    first = read(complain())
    second = read(feedback(recipient="masked-1@far.example", delivery="FAR1"))

    assert second.duplicate_of == first


def test_which_of_two_is_read_first_does_not_matter(db, data_dir):
    first = keep_message(RawMessage(complain(), "file", NOW), now=NOW).complaint
    second = read(complain(said="I had no answer. Here is the same message once more."))

    parse_complaint(first, now=NOW)

    assert second.stage == Stage.PARSED
    assert first.duplicate_of == second


def test_another_message_from_the_same_person_is_another_complaint(db, data_dir):
    read(complain())

    assert read(complain(spam_id="more@riches.example", delivery="FAR2")).stage == Stage.PARSED


def test_two_mails_that_only_share_their_message_id_are_two(db, data_dir):
    read(complain(message_id="same@far.example"))
    other = read(
        complain(
            message_id="same@far.example",
            sender="bob@far.example",
            recipient="bob@far.example",
            said="Something quite different.",
            delivery="FAR9",
        )
    )

    assert other.stage == Stage.PARSED


def test_without_a_message_id_the_content_tells(db, data_dir):
    def said(words: str) -> bytes:
        text = f"From: ann@far.example\nSubject: spam\nDate: {words}\n\nPlease stop this spam.\n"
        return text.encode()

    first = read(said("Tue, 20 Jan 1998 15:59:00 +0000"))
    again = read(said("Tue, 20 Jan 1998 16:03:00 +0000"))

    assert (again.stage, again.duplicate_of) == (Stage.DUPLICATE, first)


def test_both_mails_of_one_message_id_are_shown_with_the_other(db, data_dir, client):
    client.force_login(make.user("agent"))
    one = read(complain(message_id="same@far.example"))
    two = read(
        complain(message_id="same@far.example", sender="bob@far.example", said="Something else.")
    )

    for shown, other in ((one, two), (two, one)):
        page = client.get(f"/complaints/{shown.reference}/").content.decode()
        assert "has the same Message-ID, but says something else" in page
        assert other.reference in page


def test_an_answer_that_quotes_the_complaint_is_no_repetition_of_it(db, data_dir):
    first = complain(message_id="first@far.example")
    read(first)
    quoted = "\n".join(f"> {line}" for line in first.decode().split("\n\n", 1)[1].split("\n"))
    answer = (
        "From: ann@far.example\nSubject: Re: Spam from your server\n"
        "Message-ID: <answer@far.example>\nIn-Reply-To: <first@far.example>\n\n"
        f"It has not stopped, what do you do about it?\n\n{quoted}\n"
    )

    assert read(answer.encode()).stage == Stage.PARSED


def test_two_reminders_in_the_same_words_are_two(db, data_dir):
    def reminder() -> bytes:
        number = next(_numbers)
        return (
            f"From: ann@far.example\nSubject: Re: spam\nMessage-ID: <again-{number}@far.example>\n"
            "In-Reply-To: <ours@example.org>\n\n"
            "I am still waiting for an answer to my complaint of last week. Please write back.\n"
        ).encode()

    read(reminder())

    assert read(reminder()).stage == Stage.PARSED


@pytest.mark.parametrize(("days", "stage"), [(29, Stage.DUPLICATE), (31, Stage.PARSED)])
def test_after_a_month_it_counts_again(db, data_dir, days, stage):
    read(complain())

    assert read(complain(), arrived_at=NOW + timedelta(days=days)).stage == stage


def test_of_two_read_at_once_one_is_the_repetition(transactional_db, data_dir):
    both = [
        keep_message(RawMessage(raw, "file", NOW), now=NOW).complaint
        for raw in (complain(), complain(said="The same message once more, as you can see."))
    ]
    start = threading.Barrier(2)

    def parse(complaint):
        try:
            start.wait(timeout=10)
            parse_complaint(complaint, now=NOW)
        finally:
            connection.close()

    workers = [threading.Thread(target=parse, args=(complaint,)) for complaint in both]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert sorted(Complaint.objects.values_list("stage", flat=True)) == ["duplicate", "parsed"]


def test_a_screenshot_sent_again_with_words_of_impatience_is_one(db, data_dir):
    plain = b"From: ann@far.example\nTo: abuse@example.org\nSubject: %b\nMessage-ID: <%b>\n\n%b\n"
    said = b"Please see the picture, this came today."
    first = read(plain % (b"Picture of spam", b"1@far.example", said))
    again = read(
        plain % (b"[again] Picture of spam", b"2@far.example", b"Still waiting:\n\n" + said),
        NOW + timedelta(days=2),
    )
    assert again.stage == Stage.DUPLICATE
    assert again.duplicate_of == first
