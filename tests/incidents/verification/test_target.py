"""Where probes may go: every trick to lead one to a stranger is refused with its reason."""

import socket
from datetime import UTC, datetime

import pytest

from complaints.models import MailHost, Network
from incidents.verification import target

pytestmark = pytest.mark.django_db
CONFIRMED = {
    "probe_confirmed_at": datetime(2024, 3, 1, tzinfo=UTC),
    "probe_confirmed_by": "lead",
}


@pytest.mark.parametrize(
    "literal",
    [
        "mail.example.org", "localhost", "127.1", "0x7f000001", "2130706433", "0177.0.0.1",
        "010.1.1.1", "", "8.8.8.8 ", "127.0.0.1", "::1", "10.1.2.3", "192.168.1.1", "172.20.0.1",
        "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "192.0.2.25",
        "198.51.100.7", "203.0.113.9", "198.18.0.1", "192.0.0.9", "::ffff:127.0.0.1",
        "::ffff:8.8.8.8", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:0:53aa:64c::1", "fe80::1",
        "fe80::1%eth0", "2606:4700::1111%eth0", "fc00::1",
        "ff02::1", "2001:db8::25", "::127.0.0.1", "::",
    ],
)  # fmt: skip
def test_an_address_that_is_not_a_plain_public_one_is_refused(literal):
    assert target.refusal(literal, port=25)


@pytest.mark.parametrize("literal", ["8.8.8.8", "2606:4700::1111"])
def test_a_public_address_is_taken_on_smtp_ports_only(literal):
    assert target.refusal(literal, port=25) == ""
    assert "port 8025" in target.refusal(literal, port=8025)


def test_with_the_loopback_setting_no_probe_leaves_this_machine():
    host = MailHost(fqdn="mail.example.org", addresses=["8.8.8.8"], probe_port=2525, **CONFIRMED)
    pinned = target.allowed(host, loopback=True)
    assert (pinned.address, pinned.port) == ("127.0.0.1", 2525)


@pytest.mark.parametrize("loopback", [True, False])
def test_a_host_nobody_confirmed_is_refused(loopback):
    host = MailHost(fqdn="mail.example.org", addresses=["8.8.8.8"])
    with pytest.raises(target.NotAllowed, match="confirmed"):
        target.allowed(host, loopback=loopback)


def test_the_target_is_pinned_to_an_address_of_the_host():
    host = MailHost(fqdn="mail.example.org", addresses=["192.0.2.25", "8.8.4.4"], **CONFIRMED)
    host.probe_confirmed_addresses = host.addresses
    assert target.allowed(host, loopback=False).address == "8.8.4.4"


def test_a_host_without_a_public_address_says_why_for_each():
    host = MailHost(
        fqdn="mail.example.org", addresses=["10.0.0.1", "mail.example.com"], **CONFIRMED
    )
    with pytest.raises(target.NotAllowed, match=r"10\.0\.0\.1: not a public.*never looked up"):
        target.allowed(host, loopback=False)


def test_an_address_added_after_the_confirmation_is_refused_unless_a_network_of_ours_has_it():
    host = MailHost(fqdn="mail.example.org", addresses=["8.8.4.4"], **CONFIRMED)
    with pytest.raises(target.NotAllowed, match="confirm it again"):
        target.allowed(host, loopback=False)
    Network.objects.create(prefix="8.8.4.0/24")
    assert target.allowed(host, loopback=False).address == "8.8.4.4"


def test_no_name_is_looked_up_so_that_dns_cannot_lead_a_probe_elsewhere(monkeypatch):
    def looked_up(*asked, **options):
        raise AssertionError(f"looked up {asked}")

    monkeypatch.setattr(socket, "gethostbyname", looked_up)
    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    host = MailHost(fqdn="mail.example.org", addresses=["cname.far.example"], **CONFIRMED)
    host.probe_confirmed_addresses = host.addresses
    with pytest.raises(target.NotAllowed, match="never looked up"):
        target.allowed(host, loopback=False)
