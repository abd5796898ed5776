"""Accounts, scripts, machines and customers that have stopped, by the mail log."""

from datetime import timedelta

import pytest

from complaints.models import Customer, LogSource, Network
from incidents.verification import quiet
from incidents.verification.held import Holds
from incidents.verification.quiet import Span
from tests import make
from tests.make import at

BEGAN, SINCE, UNTIL = at("2024-03-04 09:00"), at("2024-03-05 09:00"), at("2024-03-07 09:00")
SPAN = Span(BEGAN, SINCE, UNTIL, frozenset({"198.51.100.7"}))
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def log_is_read():
    """The log of `mail`, followed and read until now."""
    make.organisation()
    path = "/var/log/mail.log"
    LogSource.objects.create(path=path, host=make.mail_host(), last_line_at=UNTIL)


def sent(when, client_ip, **fields):
    facts = {"direction": "out", "authenticated_user": "ann", "queued_at": at(when)} | fields
    return make.relayed_message(client_ip=client_ip, **facts)


def test_an_account_whose_owner_goes_on_sending_is_held():
    sent("2024-02-28 10:00", "192.0.2.9")
    sent("2024-03-04 10:00", "198.51.100.7")
    sent("2024-03-06 10:00", "192.0.2.9")
    found = quiet.account(make.mail_host(), "ann", SPAN)
    assert found.holds is Holds.YES
    assert "nobody but its owner has sent with the account ann: 1 messages" in str(found.reason)


def test_an_account_that_its_abuser_still_uses_is_not():
    sent("2024-03-06 10:00", "198.51.100.7")
    found = quiet.account(make.mail_host(), "ann", SPAN)
    assert found.holds is Holds.NO
    assert str(found.reason).startswith("1 messages sent with the account ann since 2024-03-05")
    assert "password changed" in str(found.needs)


def test_an_account_used_from_a_new_address_is_for_a_person_to_judge():
    sent("2024-03-06 10:00", "203.0.113.77")
    assert quiet.account(make.mail_host(), "ann", SPAN).holds is Holds.UNKNOWN


def test_an_address_that_the_abuser_used_before_as_well_is_no_owners():
    sent("2024-03-03 10:00", "198.51.100.7")
    sent("2024-03-06 10:00", "198.51.100.7")
    assert quiet.account(make.mail_host(), "ann", SPAN).holds is Holds.NO


def test_silence_counts_only_after_a_day_of_log():
    LogSource.objects.update(last_line_at=SINCE + timedelta(hours=23))
    found = quiet.account(make.mail_host(), "ann", SPAN)
    assert found.holds is Holds.UNKNOWN
    assert "2024-03-06 09:00" in str(found.needs)


def test_a_second_host_whose_log_is_behind_keeps_a_machine_from_being_called_quiet():
    other = make.mail_host(name="other", addresses=["192.0.2.26"])
    LogSource.objects.create(path="/var/log/other.log", host=other, last_line_at=SINCE)
    assert quiet.client("192.0.2.50", SPAN).holds is Holds.UNKNOWN


def test_a_machine_may_send_what_it_sent_before_and_not_more():
    for day in range(1, 15):
        when = at("2024-02-18 12:00") + timedelta(days=day)
        sent("2024-02-18 12:00", "192.0.2.50", queued_at=when)
    for hour in (10, 11):
        sent(f"2024-03-06 {hour}:00", "192.0.2.50")
    assert quiet.client("192.0.2.50", SPAN).holds is Holds.YES
    for hour in range(12, 20):
        sent(f"2024-03-06 {hour}:00", "192.0.2.50")
    found = quiet.client("192.0.2.50", SPAN)
    assert found.holds is Holds.NO
    assert "10 messages from 192.0.2.50" in str(found.reason)
    assert "where 2 were to be expected" in str(found.reason)


def test_a_script_on_the_host_itself_has_stopped_when_its_sender_sends_no_more():
    host = make.mail_host()
    sent("2024-03-04 10:00", "", sender="www-data@mail.example.org", authenticated_user="")
    assert quiet.script(host, "www-data@mail.example.org", SPAN).holds is Holds.YES
    sent("2024-03-06 10:00", "", sender="www-data@mail.example.org", authenticated_user="")
    assert quiet.script(host, "www-data@mail.example.org", SPAN).holds is Holds.NO


def test_a_customer_is_known_by_its_networks_and_its_domain():
    shop = Customer.objects.create(identifier="shop", name="The Shop", domain="shop.example")
    Network.objects.create(prefix="192.0.2.128/28", customer=shop)
    assert quiet.customer("shop", SPAN).holds is Holds.YES
    sent("2024-03-06 10:00", "192.0.2.130")
    sent("2024-03-06 11:00", "203.0.113.5", sender="a@shop.example", sender_domain="shop.example")
    sent("2024-03-06 12:00", "192.0.2.9")
    found = quiet.customer("shop", SPAN)
    assert found.holds is Holds.NO
    assert str(found.reason).startswith("2 messages from The Shop")
