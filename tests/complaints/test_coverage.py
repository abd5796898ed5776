"""Coverage: who is read, who is not, and which mails look alike that nobody reads."""

from datetime import timedelta

import pytest

from complaints import coverage
from complaints.models import Complaint
from tests import make

pytestmark = pytest.mark.django_db
NOW = make.at("2024-03-08 12:00")
Stage = Complaint.Stage


def arrived(days_ago: int, **fields):
    return make.complaint(arrived_at=NOW - timedelta(days=days_ago), **fields)


def test_each_sender_and_format_has_its_last_success_and_its_last_failure():
    arrived(3, sender="fbl@Meadow-Net.example", format="arf", stage=Stage.GROUPED)
    arrived(2, sender="other@meadow-net.example", format="arf", stage=Stage.GROUPED)
    arrived(1, sender="fbl@meadow-net.example", format="arf", stage=Stage.QUARANTINED)
    arrived(1, sender="ann@quarry.example", format="plain", stage=Stage.OPEN)
    arrived(40, sender="old@quarry.example", format="plain", stage=Stage.OPEN)

    first, second = coverage.by_sender(NOW - timedelta(days=30))

    assert (first.domain, first.format, first.mails, first.failed) == (
        "meadow-net.example",
        "arf",
        3,
        1,
    )
    assert first.last_read_at == NOW - timedelta(days=2)
    assert first.last_failed_at == NOW - timedelta(days=1)
    assert (second.domain, second.mails, second.failed) == ("quarry.example", 1, 0)


def test_mail_of_a_kind_that_nobody_reads_is_one_shape():
    for number in (3, 2, 1):
        arrived(
            number,
            sender="robot@sensor.example",
            subject=f"Incident 0x{number}af9 at 192.0.2.{number}",
            format="plain",
            is_automatic=True,
        )
    arrived(1, sender="ann@quarry.example", subject="Please stop", format="plain")
    waiting = arrived(1, sender="", subject="", stage=Stage.QUARANTINED, problem="Too deep.")

    shapes = coverage.unknown_shapes(NOW - timedelta(days=30))

    assert [(shape.domain, shape.mails) for shape in shapes] == [("sensor.example", 3), ("", 1)]
    assert shapes[0].newest.arrived_at == NOW - timedelta(days=1)
    assert shapes[1].newest == waiting


def test_the_numbers_in_a_subject_do_not_tell_shapes_apart():
    assert coverage.shape_of("Report 17 of 192.0.2.1") == coverage.shape_of("Report 9 of 10.0.0.12")
    assert coverage.shape_of("Report 17") != coverage.shape_of("Digest 17")
