"""Figures of one incident, by the days of the desk."""

from datetime import date

import pytest

from complaints.models import Delivery, Refusal
from incidents.reporting import figures
from tests import make
from tests.make import at

pytestmark = pytest.mark.django_db


@pytest.fixture
def incident():
    make.organisation(utc_offset="+09:00")
    return make.incident(discovered_at=at("1998-01-20 04:30"))


def delivered(message, *recipients):
    for recipient in recipients:
        Delivery.objects.create(
            message=message,
            recipient=recipient,
            recipient_domain=recipient.partition("@")[2],
            status="sent",
            at=message.queued_at,
        )


def test_a_message_of_two_campaigns_counts_once(incident):
    first = make.relayed_message(queued_at=at("1998-01-20 04:00"))
    second = make.relayed_message(
        queued_at=at("1998-01-20 06:00"), client_ip="203.0.113.9", sender="pilot@bulk.example"
    )
    make.campaign(incident, first, second, number=1)
    make.campaign(incident, first, number=2)
    make.relayed_message()  # of no campaign of this incident
    delivered(first, "a@one.example", "b@one.example")
    delivered(second, "a@one.example", "c@two.example")
    make.joined(incident)

    radius = figures.blast_radius(incident)

    assert (radius.messages, radius.recipients, radius.recipient_domains) == (2, 3, 2)
    assert (radius.sources, radius.senders, radius.complaints) == (2, 2, 1)
    assert (radius.first_at, radius.last_at) == (first.queued_at, second.queued_at)


def test_an_incident_without_messages_has_no_extent(incident):
    radius = figures.blast_radius(incident)
    assert (radius.messages, radius.recipients, radius.first_at) == (0, 0, None)


def test_the_three_times_are_counted_in_days_of_the_desk(incident):
    incident.notice_published_at = at("1998-01-23 02:00")
    incident.partially_fixed_at = at("1998-01-24 15:30")  # the 25th in Tokyo
    times = figures.headline_times(incident)
    assert (times.to_notice, times.to_partial_fix, times.to_fix) == (3, 5, None)
    incident.fixed_at = at("1998-01-30 09:05")
    assert figures.headline_times(incident).to_fix == 10


def test_complaints_are_counted_by_the_days_of_the_desk(incident):
    for arrived in ("1998-01-20 14:59", "1998-01-20 15:00", "1998-01-21 10:00"):
        make.joined(incident, arrived_at=at(arrived))
    assert figures.complaints_per_day(incident) == [
        (date(1998, 1, 20), 1),
        (date(1998, 1, 21), 2),
    ]


def test_refused_attempts_since_the_fix_leave_out_our_probes_and_unknown_users(incident):
    incident.fixed_at = at("1998-01-30 09:00")
    make.refusal(at=at("1998-01-30 08:00"))
    make.refusal(at=at("1998-02-01 08:00"))
    make.refusal(at=at("1998-02-01 09:00"), reason=Refusal.Reason.SENDER)
    make.refusal(at=at("1998-02-01 10:00"), reason=Refusal.Reason.UNKNOWN_USER)
    make.refusal(at=at("1998-02-01 11:00"), client_ip="192.0.2.25")
    assert figures.refused_since_fix(incident) == 2
    assert figures.refused_per_day(incident, since=incident.fixed_at) == [(date(1998, 2, 1), 2)]


def test_sources_are_listed_the_busiest_first(incident):
    busy = [make.relayed_message(client_ip="203.0.113.9") for _ in range(2)]
    make.campaign(incident, make.relayed_message(client_ip="198.51.100.7"), *busy)
    assert [(row["client_ip"], row["count"]) for row in figures.sources(incident)] == [
        ("203.0.113.9", 2),
        ("198.51.100.7", 1),
    ]
