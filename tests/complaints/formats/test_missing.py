"""What a complaint lacks is asked for, and nothing that it has."""

import pytest

from complaints.formats.registry import read_report


def complaint(text: str, *, subject: str = "spam", zone: str = "+0000") -> bytes:
    return (
        f"From: Orla Finch <orla@meadow-net.example>\nTo: abuse@ministry.example\n"
        f"Subject: {subject}\nDate: Mon, 4 Mar 2024 10:00:00 {zone}\n"
        f"Message-ID: <m1@meadow-net.example>\n\n{text}\n"
    ).encode()


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("Stop sending me your spam!", ("headers", "time")),
        ('Your spam with the subject "Kettles" came on 3 Mar 2024 09:12.', ("headers", "zone")),
        ("Your server 192.0.2.7 sent spam on 3 Mar 2024 09:12:44 +0000.", ()),
        ("Spam from your server. Message-ID: <771@kettle-shop.example>", ()),
        ("192.0.2.7 tried a brute force attack on my server.", ("time",)),
        ("192.0.2.7 brute force attack, 3 Mar 2024 09:12:44 +0000", ()),
        ("There is a phishing page at http://kettle-shop.example/login", ()),
    ],
)
def test_only_what_a_complaint_lacks_is_missing(text: str, missing: tuple[str, ...]) -> None:
    report = read_report(complaint(text))
    assert report.is_complaint
    assert report.missing == missing


def test_shown_received_lines_are_enough() -> None:
    shown = (
        "Received: from gate.ministry.example (gate.ministry.example [192.0.2.7])\n"
        "\tby mx.meadow-net.example with ESMTP id 5C0F21A7B3; Mon, 4 Mar 2024 09:12:44 +0000"
    )
    assert read_report(complaint(f"Your server passes on spam:\n\n{shown}")).missing == ()


def test_what_is_no_complaint_lacks_nothing() -> None:
    assert read_report(complaint("When do you open?", subject="A question")).missing == ()


def test_who_wants_no_more_mail_is_noted() -> None:
    assert read_report(complaint("Spam again. Remove my address from your list.")).asks_removal
