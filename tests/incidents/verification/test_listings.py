"""Delisted or not: a DNS block list of our own, on loopback."""

import pytest

from incidents.models import ListZone
from incidents.verification import listings
from incidents.verification.held import Holds
from tests.incidents.correspondence.lookup.servers import dns_server

pytestmark = pytest.mark.django_db
NAME = ("4.4.8.8.list.example.", "A")


def look(settings, records, addresses=("8.8.4.4",)):
    settings.MEYASU_DNSBL_ZONES = ["list.example"]
    asked = []
    with dns_server(records=records, asked=asked) as port:
        settings.MEYASU_DNS_SERVERS = [f"127.0.0.1:{port}"]
        return listings.look(addresses, decides=True), asked


def test_an_address_that_no_list_knows_is_delisted(settings):
    [found], asked = look(settings, {})
    assert found.holds is Holds.YES
    assert asked == ["4.4.8.8.list.example."]


def test_an_address_that_is_listed_is_told_with_its_code(settings):
    [found], _asked = look(settings, {NAME: ["127.0.0.2"]})
    assert found.holds is Holds.NO
    assert str(found.reason) == "8.8.4.4 is still listed by list.example (127.0.0.2)"


@pytest.mark.parametrize("code", ["127.255.255.254", "203.0.113.1"])
def test_an_error_of_the_list_is_neither(settings, code):
    [found], _asked = look(settings, {NAME: [code]})
    assert found.holds is Holds.UNKNOWN


def test_nobody_hears_of_an_address_that_is_not_public(settings):
    found, asked = look(settings, {}, addresses=["10.0.0.1", "192.0.2.25"])
    assert (found, asked) == ([], [])


def test_without_a_list_none_is_asked(settings):
    settings.MEYASU_DNSBL_ZONES = []
    assert listings.look(["8.8.4.4"], decides=True) == []


def test_a_list_that_the_admin_has_is_asked_too_unless_it_is_off_or_not_believed(settings):
    for name in ("on", "off", "wrong"):
        ListZone.objects.create(name=name, zone=f"{name}.example", is_on=name != "off")
    ListZone.objects.filter(name="wrong").update(problem="It lists 127.0.0.1.")
    _found, asked = look(settings, {})
    assert asked == ["4.4.8.8.list.example.", "4.4.8.8.on.example."]


def test_a_list_of_the_settings_is_not_asked_while_the_admin_has_it_off(settings):
    row = ListZone.objects.create(name="list", zone="list.example", is_on=False)
    assert look(settings, {}) == ([], [])
    ListZone.objects.filter(pk=row.pk).update(is_on=True)
    assert look(settings, {})[1] == ["4.4.8.8.list.example."]
