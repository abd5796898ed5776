"""Sightings: what counts as relayed, as refused, and as our own mail since a fix."""

import json
from datetime import date

import pytest

from complaints.models import RelayedMessage
from incidents.verification import watch
from tests import make
from tests.make import at

FIXED_AT = at("1998-01-30 09:05")
UNTIL = at("1998-02-02 00:00")
KNOWN = {"winner@riches.example"}
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def test_mailbox(settings):
    settings.MEYASU_PROBE_RECIPIENT = "relaytest@probe.example"
    settings.MEYASU_PROBE_SENDER_DOMAIN = "probe.example"


def look(**changes):
    given = {"since": FIXED_AT, "until": UNTIL, "known_senders": KNOWN} | changes
    return watch.look(make.mail_host(), **given)


def test_messages_count_by_the_time_they_were_accepted():
    make.relayed_message(queued_at=at("1998-01-30 09:00"), finished_at=at("1998-01-31 00:00"))
    make.relayed_message(queued_at=at("1998-01-30 10:00"))
    assert look().relayed == 1


def test_known_and_new_senders_are_counted_apart():
    make.relayed_message(queued_at=at("1998-01-31 01:00"), sender="Winner@Riches.example")
    make.relayed_message(queued_at=at("1998-01-31 02:00"), sender="new@other.example")
    seen = look()
    assert (seen.relayed_known, seen.relayed_other, seen.relayed_clients) == (1, 1, 1)
    assert seen.last_relayed_at == at("1998-01-31 02:00")


def test_another_hosts_mail_does_not_count():
    make.relayed_message(queued_at=at("1998-01-31 01:00"), host=make.mail_host(name="other"))
    assert look().relayed == 0


def test_our_own_marked_message_is_not_mail_relayed_for_a_stranger():
    make.relayed_message(queued_at=at("1998-01-31 01:00"), sender="meyasu-k7-1@probe.example")
    make.relayed_message(queued_at=at("1998-01-31 01:00"), sender="meyasu-k7-1@spam.example")
    assert look().relayed == 1


def test_refusals_are_counted_by_day_and_reason_without_our_probes():
    make.refusal(at=at("1998-01-31 01:00"))
    make.refusal(at=at("1998-01-31 23:00"))
    make.refusal(at=at("1998-02-01 01:00"), reason="unknown-user")
    make.refusal(at=at("1998-01-31 02:00"), recipient="relaytest%probe.example@example.org")
    make.refusal(at=at("1998-01-31 02:00"), client_ip="203.0.113.99")
    seen = look(probe_source="203.0.113.99")
    assert [(row.day, row.reason, row.count) for row in seen.refused] == [
        (date(1998, 1, 31), "relay", 2),
        (date(1998, 2, 1), "unknown-user", 1),
    ]
    assert seen.refused_relaying == 2


def test_own_mail_is_measured_against_the_week_before():
    for day in range(23, 30):
        make.relayed_message(
            queued_at=at(f"1998-01-{day} 12:00"), direction=RelayedMessage.Direction.OUT
        )
    make.relayed_message(queued_at=at("1998-01-31 01:00"), direction="in")
    seen = look()
    assert (seen.own_before, seen.own_since) == (1.0, 1)
    assert 0 < seen.own_expected < 1


def test_the_log_is_read_as_far_as_its_last_message_or_refusal():
    assert look().log_read_until is None
    make.relayed_message(queued_at=at("1998-01-31 01:00"))
    make.refusal(at=at("1998-01-31 03:00"))
    seen = look()
    assert seen.log_read_until == at("1998-01-31 03:00")
    assert seen.log_covers_the_span


def test_the_senders_of_the_campaigns_come_busiest_first_and_only_those_used_by_then():
    incident = make.incident()
    busy = [make.relayed_message(sender="busy@riches.example") for _ in range(3)]
    make.campaign(incident, make.relayed_message(), *busy)
    late = make.relayed_message(sender="late@riches.example", queued_at=at("1998-01-27 00:00"))
    make.campaign(incident, late, number=2)
    senders = watch.campaign_senders(incident, incident.host, before=at("1998-01-25 00:00"))
    assert senders == ["busy@riches.example", "winner@riches.example"]


def test_sightings_can_be_kept_as_json():
    make.refusal(at=at("1998-01-31 01:00"))
    kept = json.loads(json.dumps(watch.as_json(look())))
    assert kept["refused"] == [{"day": "1998-01-31", "reason": "relay", "count": 1}]
    assert kept["since"] == "1998-01-30T09:05:00+00:00"
