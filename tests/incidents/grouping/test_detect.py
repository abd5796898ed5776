"""Campaigns in the log of accounts, scripts and customers: seen before anybody complains."""

from datetime import timedelta

import pytest

from complaints.linking.link import link_complaint
from complaints.models import Customer
from incidents.grouping.assign import group_complaint
from incidents.grouping.detect import detect_abuse
from incidents.models import Incident, LogMark, SentHour
from tests import make
from tests.make import at

NOW = at("1998-01-21 09:00")
FLOOD = at("1998-01-20 04:00")
ANN = {"authenticated_user": "ann", "direction": "out", "sender": "ann@example.org"}
SCRIPT = {"client_ip": "", "direction": "out", "sender": "www@mail.example.org"}
CUSTOMER = {"client_ip": "192.0.2.70", "direction": "out", "sender": "shop@corner.example"}


@pytest.fixture(autouse=True)
def ourselves(db):
    make.organisation()
    make.mail_host()
    customer = Customer.objects.create(identifier="corner", name="Corner shop")
    customer.networks.create(prefix="192.0.2.64/28")


def everyday(days=6, **facts):
    """A message every few hours of the days before the flood."""
    facts = {"client_ip": "192.0.2.9"} | facts
    for hour in range(24, 24 * days, 5):
        make.relayed_message(queued_at=FLOOD - timedelta(hours=hour), **facts)


def flood(number=40, **facts):
    """Messages within the hour of the flood."""
    return [
        make.relayed_message(queued_at=FLOOD + timedelta(minutes=one), **facts)
        for one in range(number)
    ]


def stolen(number=40):
    return [
        make.relayed_message(
            queued_at=FLOOD + timedelta(minutes=one),
            **ANN | {"client_ip": f"198.18.{one % 9}.7", "sender": f"n{one}@riches.example"},
        )
        for one in range(number)
    ]


def test_a_stolen_account_opens_an_incident_and_its_owner_stays_out_of_it():
    everyday(**ANN)
    own = make.relayed_message(queued_at=FLOOD, client_ip="192.0.2.9", **ANN)
    stolen()

    (incident,) = detect_abuse(now=NOW)

    assert (incident.kind, incident.origin) == ("compromised_account", Incident.Origin.LOG)
    assert "one account from 10 networks" in incident.why_opened
    assert incident.first_seen_at == FLOOD
    placed = {message for one in incident.campaigns.all() for message in one.messages.all()}
    assert len(placed) == 40
    assert own not in placed


@pytest.mark.parametrize(
    ("sender", "kind"), [(SCRIPT, "infected_host"), (CUSTOMER, "unwanted_bulk")]
)
def test_what_a_script_or_a_customer_never_sent_before_opens_an_incident(sender, kind):
    everyday(**sender)
    flood(**sender)
    (incident,) = detect_abuse(now=NOW)
    assert incident.kind == kind
    assert "before, it was never more than 1 messages an hour" in incident.why_opened
    assert detect_abuse(now=NOW) == []


def test_what_is_usual_is_no_sign_and_nor_is_what_nobody_can_judge_yet():
    flood(**CUSTOMER)
    assert detect_abuse(now=NOW) == []
    everyday(days=5, **CUSTOMER)
    for day in (1, 2):
        at_once = {"queued_at": FLOOD + timedelta(days=day)} | CUSTOMER
        for _ in range(40):
            make.relayed_message(**at_once)
    assert detect_abuse(now=NOW) == []
    assert not Incident.objects.exists()


def test_a_flood_of_one_day_does_not_make_that_of_the_next_day_usual():
    everyday(**CUSTOMER)
    flood(**CUSTOMER)
    (incident,) = detect_abuse(now=NOW)
    later = FLOOD + timedelta(days=2)
    rows = [make.relayed_message(**CUSTOMER | {"queued_at": later}) for _ in range(40)]
    assert detect_abuse(now=NOW + timedelta(days=2)) == []
    incident.refresh_from_db()
    assert incident.last_seen_at == later
    assert all(row.campaigns.get().incident == incident for row in rows)


def test_a_complaint_that_links_to_a_message_of_the_log_joins_its_campaign_at_once():
    everyday(**ANN)
    message = stolen()[7]
    (incident,) = detect_abuse(now=NOW)
    complaint = make.parsed_complaint(reported=[{"message_id": message.message_id}])
    link_complaint(complaint, now=NOW)
    group_complaint(complaint, now=NOW)
    assert complaint.incidents.get() == incident
    (placement,) = complaint.placements.all()
    assert placement.campaign == message.campaigns.get()
    assert any(
        one["fact"] == "the log has its message in this campaign" for one in placement.reasons
    )


def test_many_relay_tests_that_are_no_sign_do_not_hide_a_flood(monkeypatch):
    monkeypatch.setattr("incidents.grouping.detect.AT_ONCE", 8)
    monkeypatch.setattr("incidents.grouping.sending.AT_ONCE", 7)
    for hour in range(30):
        make.relayed_message(queued_at=FLOOD - timedelta(hours=2 * hour + 30))
    rows = flood(20, client_ip="198.18.5.5")
    (incident,) = detect_abuse(now=NOW)
    assert all(row.campaigns.get().incident == incident for row in rows)


def test_to_count_the_log_again_changes_nothing():
    everyday(**ANN)
    stolen()
    detect_abuse(now=NOW)
    before = list(SentHour.objects.order_by("pk").values())
    LogMark.objects.update(message=0)  # as if a worker had died over it
    assert detect_abuse(now=NOW) == []
    assert list(SentHour.objects.order_by("pk").values()) == before
    assert Incident.objects.count() == 1


def test_mail_that_our_own_hosts_hand_on_is_counted_where_it_came_in():
    everyday(client_ip="192.0.2.9", direction="out")
    for one in stolen(20):
        make.relayed_message(
            host=make.mail_host(name="out"), parent=one, direction="out", client_ip="192.0.2.25"
        )
    detect_abuse(now=NOW)
    assert set(SentHour.objects.values_list("kind", flat=True)) == {"own-client", "account"}
    assert not SentHour.objects.filter(value="192.0.2.25").exists()
