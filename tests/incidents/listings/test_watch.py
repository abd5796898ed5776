"""Blocklists are asked about our hosts over real DNS: seldom, and only believed with reason."""

from contextlib import contextmanager
from datetime import timedelta

import pytest

from complaints.models import AuditEntry
from incidents.grouping import priorities
from incidents.listings import watch, zones
from incidents.models import Incident, ListCheck, Listing, ListZone
from tests import make
from tests.incidents.correspondence.lookup.servers import dns_server
from tests.make import at

pytestmark = pytest.mark.django_db(transaction=True)
NOW = at("1998-01-20 05:00")
LATER = NOW + timedelta(hours=2)
TEST_POINT = "2.0.0.127.dnsbl.example."
OURS = "4.4.8.8.dnsbl.example."
TRUE = {TEST_POINT: "127.0.0.2"}


@pytest.fixture
def incident(settings):
    make.organisation()
    settings.MEYASU_LOOKUP_TIMEOUT = timedelta(seconds=2)
    return make.incident(host=make.mail_host(addresses=["8.8.4.4"]))


@pytest.fixture
def zone():
    return ListZone.objects.create(name="Example list", zone="dnsbl.example")


@contextmanager
def a_list(settings, addresses, texts=None):
    asked = []
    records = {(name, "A"): [code] for name, code in addresses.items()}
    with dns_server(texts or {}, records=records, asked=asked) as port:
        settings.MEYASU_DNS_SERVERS = [f"127.0.0.1:{port}"]
        yield asked


def told(incident):
    entries = AuditEntry.objects.filter(incident_reference=incident.reference)
    return [entry.action for entry in entries.order_by("sequence") if "listing" in entry.action]


def test_no_zone_is_asked_before_one_is_set_up(incident, settings):
    with a_list(settings, TRUE | {OURS: "127.0.0.2"}) as asked:
        assert watch.watch(now=NOW) == 0
    assert asked == []


def test_a_listing_begins_and_ends_and_both_are_told_once(incident, zone, settings):
    with a_list(settings, TRUE | {OURS: "127.0.0.4"}, {OURS: "open relay, see list.example"}):
        assert watch.watch(now=NOW) == 1
        assert watch.watch(now=LATER) == 0
    listing = Listing.objects.of(incident.host).still().get()
    assert (listing.codes, listing.reason) == (["127.0.0.4"], "open relay, see list.example")
    assert (listing.listed_at, listing.seen_at) == (NOW, LATER)

    with a_list(settings, TRUE):
        assert watch.watch(now=LATER + timedelta(hours=2)) == 1
    assert not Listing.objects.still().exists()
    assert Listing.objects.of(incident.host).since(LATER).get().cleared_at is not None
    assert told(incident) == ["listing-found", "listing-cleared"]


def test_a_list_is_asked_again_only_after_its_time(incident, zone, settings):
    with a_list(settings, TRUE) as asked:
        watch.watch(now=NOW)
        watch.watch(now=NOW + timedelta(minutes=59))
        assert asked.count(OURS) == 1
        watch.watch(now=NOW + timedelta(minutes=61))
        assert asked.count(OURS) == 2
        # What all lists have and none has is asked once a day.
        assert asked.count("1.0.0.127.dnsbl.example.") == 1


@pytest.mark.parametrize(
    ("addresses", "words"),
    [
        ({"1.0.0.127.dnsbl.example.": "127.0.0.2"} | TRUE, "would list everything"),
        ({}, "is no blocklist"),
        ({TEST_POINT: "203.0.113.80"}, "mean nothing"),
        ({TEST_POINT: "127.255.255.254"}, "refuses to answer"),
    ],
)
def test_a_zone_that_cannot_be_believed_lists_nobody_and_says_why(
    incident, zone, settings, addresses, words
):
    with a_list(settings, addresses | {OURS: "127.0.0.2"}) as asked:
        assert watch.watch(now=NOW) == 0
        zone.refresh_from_db()
        assert words in zone.problem
        assert OURS not in asked


def test_a_list_that_does_not_answer_clears_nothing(incident, zone, settings):
    with a_list(settings, TRUE | {OURS: "127.0.0.2"}):
        watch.watch(now=NOW)
    settings.MEYASU_LOOKUP_TIMEOUT = timedelta(seconds=0.3)
    settings.MEYASU_DNS_SERVERS = ["127.0.0.1:9"]
    assert watch.watch(now=LATER) == 0
    assert Listing.objects.still().count() == 1
    assert ListCheck.objects.get().problem


def test_hosts_of_closed_incidents_and_private_addresses_are_nobodys_business(
    incident, zone, settings
):
    Incident.objects.update(state=Incident.State.CLOSED)
    make.incident(
        host=make.mail_host(name="inner", addresses=["10.0.0.25", "127.0.0.1", "fd00::1"])
    )
    with a_list(settings, TRUE) as asked:
        watch.watch(now=NOW)
    assert asked == []


def test_a_list_that_verifications_ask_is_watched_too(incident, settings):
    settings.MEYASU_DNSBL_ZONES = ["DNSBL.example."]
    with a_list(settings, TRUE | {OURS: "127.0.0.2"}):
        assert watch.watch(now=NOW) == 1
        ListZone.objects.update(is_on=False)
        watch.watch(now=LATER)
    assert Listing.objects.get().seen_at == NOW


def test_ipv6_is_asked_by_its_digits():
    assert zones.question("2001:db8::1", "dnsbl.example").startswith("1.0.0.0.0.0.")
    assert zones.question("2001:db8::1", "dnsbl.example").endswith("8.b.d.0.1.0.0.2.dnsbl.example.")


def test_a_listing_makes_an_incident_more_urgent_until_it_ends(incident, zone, settings):
    priorities.keep(now=NOW)
    before = Incident.objects.get().priority
    with a_list(settings, TRUE | {OURS: "127.0.0.2"}):
        watch.watch(now=NOW)
    priorities.keep(now=NOW)
    facts = {one["fact"]: one["count"] for one in Incident.objects.get().priority_facts}
    assert facts["listed"] == 1
    assert Incident.objects.get().priority < before
    with a_list(settings, TRUE):
        watch.watch(now=LATER)
    priorities.keep(now=LATER)
    assert Incident.objects.get().priority == before


def test_looking_costs_the_same_statements_for_many_hosts_as_for_few(
    incident, zone, settings, django_assert_max_num_queries
):
    for number in range(30):
        make.incident(host=make.mail_host(name=f"mx{number}", addresses=[f"8.8.1.{number}"]))
    with a_list(settings, TRUE) as asked:
        # A claim, a note and a look for a standing listing for each of the twenty that are asked.
        with django_assert_max_num_queries(10 + 5 * watch.AT_ONCE):
            watch.watch(now=NOW)
        assert (
            len([name for name in asked if not name.endswith("0.0.127.dnsbl.example.")])
            == watch.AT_ONCE
        )
        watch.watch(now=NOW)
    assert len({name for name in asked if not name.endswith("0.0.127.dnsbl.example.")}) == 31
