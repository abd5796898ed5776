"""Calibration: the probabilities of links against what people decided, on a page."""

import pytest

from complaints.linking.calibration import error, steps
from complaints.linking.link import confirm_link, link_complaint, reject_link
from tests import make
from tests.make import at


def test_links_are_counted_by_tenths_the_surest_first():
    found = steps([(0.95, True), (1.0, True), (0.91, False), (0.35, False)])
    assert [(step.low, step.links, step.right) for step in found] == [
        (0.9, 3, 2 / 3),
        (0.3, 1, 0.0),
    ]


def test_the_error_is_weighed_by_how_many_were_decided():
    assert error(steps([(0.9, True), (0.9, True), (0.5, False), (0.5, True)])) == pytest.approx(
        0.05
    )
    assert error([]) is None


def test_the_page_shows_decisions_and_weights(client, db):
    make.organisation()
    make.mail_host()
    for number in range(2):
        make.relayed_message(message_id=f"{number}@riches.example")
        complaint = make.parsed_complaint(reported=[{"message_id": f"{number}@riches.example"}])
        link_complaint(complaint, now=at("1998-01-20 17:00"))
        decide = confirm_link if number else reject_link
        decide(complaint.links.get(), by="agent", now=at("1998-01-20 18:00"))
    client.force_login(make.user("agent"))
    page = client.get("/calibration/").content.decode()
    assert "90 % – 100 %" in page
    assert "50 %" in page
    assert "relayed for a stranger" in page


def test_the_page_says_that_nobody_decided_yet(client, db):
    client.force_login(make.user("agent"))
    assert "Nobody has confirmed or rejected" in client.get("/calibration/").content.decode()
