"""Whom to write to is asked of real servers on this machine: bounded, cached, never about us."""

import re
from datetime import timedelta

import pytest

from complaints.models import Network
from incidents.correspondence import compose, outbox
from incidents.correspondence.lookup import ask, fetch, guess, offers, public, rdap, registries
from incidents.models import Contact, LookUp, RegistryList
from incidents.workflow.moves import NotAllowed
from tests import make
from tests.incidents.correspondence.conftest import NOW
from tests.incidents.correspondence.lookup.servers import dns_server, registry

THEIRS = "185.0.2.7"
NETWORK = {
    "objectClassName": "ip network",
    "handle": "NET-185-0-2-0",
    "name": "SLIPSTREAM-3",
    "startAddress": "185.0.2.0",
    "endAddress": "185.0.2.255",
    "entities": [
        {
            "roles": ["registrant"],
            "vcardArray": ["vcard", [["fn", {}, "text", "Slipstream Networks"]]],
            "entities": [
                {
                    "roles": ["technical"],
                    "vcardArray": ["vcard", [["email", {}, "text", "noc@slipstream.example"]]],
                },
                {
                    "roles": ["abuse"],
                    "vcardArray": [
                        "vcard",
                        [
                            ["version", {}, "text", "4.0"],
                            ["fn", {}, "text", "Slipstream Abuse Desk"],
                            ["email", {"type": "work"}, "text", "Abuse@slipstream.example"],
                        ],
                    ],
                },
            ],
        },
        {"roles": ["abuse"], "status": ["removed"], "vcardArray": ["vcard", []]},
    ],
}


def contact_of(address):
    card = ["vcard", [["email", {}, "text", address]]]
    return {"entities": [{"roles": ["abuse"], "vcardArray": card}]}


@pytest.fixture
def server(settings):
    with registry() as running:
        settings.MEYASU_RDAP_LISTS = running.url
        settings.MEYASU_RDAP_HOSTS = [f"127.0.0.1:{running.port}"]
        running.lists()
        running.answers[f"/near/ip/{THEIRS}"] = NETWORK
        yield running


@pytest.fixture
def case(incident):
    """The incident, with mail from an address that a registry knows."""
    message = make.relayed_message(client_ip=THEIRS, client_name="line9.slipstream.example")
    make.campaign(incident, message, number=9)
    return incident


# Reading an answer


def test_the_abuse_contact_is_found_however_deep_and_others_are_weak():
    found = rdap.contacts_in(NETWORK)
    assert [(one.address, one.role, one.is_weak) for one in found] == [
        ("abuse@slipstream.example", "abuse", False),
        ("noc@slipstream.example", "technical", True),
    ]
    assert found[0].name == "Slipstream Abuse Desk"
    assert found[0].networks == ("185.0.2.0/24",)
    assert found[0].where == "NET-185-0-2-0 SLIPSTREAM-3"


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {"entities": {"roles": "abuse"}},
        {"entities": [7, {"roles": ["abuse"], "vcardArray": ["vcard", [["email"], 7]]}]},
        {"startAddress": "x", "endAddress": 7, "entities": [{"roles": ["abuse"]}]},
        {"cidr0_cidrs": [{"v4prefix": "185.0.2.0"}]},
        *(contact_of(bad)
          for bad in ("no-email@x.example", "a b@x.example", "x", "a@b.c\r\nBcc: d@e.f")),
    ],
)  # fmt: skip
def test_hostile_answers_name_nobody(data):
    assert rdap.contacts_in(data) == []


def test_entities_within_entities_are_bounded():
    deep = {"roles": ["abuse"], "entities": []}
    for _ in range(500):
        deep = {"entities": [deep] * 2}
    assert rdap.contacts_in({"entities": [deep]}) == []


# What is asked about


@pytest.mark.parametrize(
    "address",
    ["10.1.2.3", "127.0.0.1", "192.0.2.5", "224.0.0.1", "100.64.0.1", "fe80::1", "2002:b900::1",
     "::ffff:185.0.2.7", "64:ff9b::b900:207", "2001:db8::1", "no address", "185.77.0.9"],
)  # fmt: skip
def test_what_is_private_reserved_or_ours_is_asked_of_nobody(db, server, address):
    make.organisation()
    Network.objects.create(prefix="185.77.0.0/16")
    assert public.why_not(address)
    assert ask.want([address], by="agent", now=NOW) == 0
    assert server.asked == []


def test_nobody_is_asked_before_a_source_is_set_up(case):
    assert ask.sources() == []
    assert ask.want([THEIRS], by="agent", now=NOW) == 0
    assert [offer.guessed[0].address for offer in offers.offers(case)][:1] == [
        "abuse@slipstream.example"
    ]


# Asking


def test_the_registry_of_the_longest_prefix_is_asked_once_and_its_answer_kept(case, server):
    assert ask.want([THEIRS, THEIRS], by="agent", now=NOW) == 1
    assert ask.look_up_wanted(now=NOW) == 1
    assert ask.look_up_wanted(now=NOW) == 0
    assert server.asked == ["/ipv4.json", f"/near/ip/{THEIRS}"]
    row = LookUp.objects.get()
    assert (row.state, row.looked_up_at) == (LookUp.State.FOUND, NOW)
    assert row.answers[0]["address"] == "abuse@slipstream.example"
    assert ask.want([THEIRS], by="agent", now=NOW + timedelta(days=29)) == 0
    assert ask.want([THEIRS], by="agent", now=NOW + timedelta(days=31)) == 1


@pytest.mark.parametrize(
    ("answer", "state", "why"),
    [
        ((404, {}, b"{}"), "nothing", "knows nothing"),
        ((429, {"Retry-After": "60"}, b""), "failed", r"later \(60\)"),
        ((500, {}, b""), "failed", "500"),
        ((200, {}, b"<html>"), "failed", "no JSON"),
        ((200, {}, b"[" * 200_000), "failed", "no JSON"),
        ((200, {}, b" " * (fetch.MOST_BYTES + 1)), "failed", "larger than"),
        ((302, {"Location": "https://evil.example/ip/1"}, b""), "failed", "MEYASU_RDAP_HOSTS"),
        ((302, {"Location": "http://127.0.0.1:1/ip/1"}, b""), "failed", "MEYASU_RDAP_HOSTS"),
        ((302, {"Location": "file:///etc/passwd"}, b""), "failed", "MEYASU_RDAP_HOSTS"),
        ((302, {"Location": f"/near/ip/{THEIRS}"}, b""), "failed", "more than 3 times"),
    ],
)
def test_a_bad_answer_is_said_in_words(db, server, answer, state, why):
    server.answers[f"/near/ip/{THEIRS}"] = answer
    ask.want([THEIRS], by="agent", now=NOW)
    assert ask.look_up_wanted(now=NOW) == 0
    row = LookUp.objects.get()
    assert row.state == state
    assert re.search(why, row.problem)


def test_a_redirect_within_the_listed_hosts_is_followed(db, server):
    server.answers["/else"] = NETWORK
    server.answers[f"/near/ip/{THEIRS}"] = (302, {"Location": "/else"}, b"")
    assert registries.ask(THEIRS, now=NOW)[0].address == "abuse@slipstream.example"


def test_without_a_network_it_says_so_and_an_old_list_is_used(db, settings):
    settings.MEYASU_RDAP_LISTS = "http://127.0.0.1:9"
    settings.MEYASU_RDAP_HOSTS = ["127.0.0.1:9"]
    ask.want([THEIRS], by="agent", now=NOW)
    assert ask.look_up_wanted(now=NOW) == 0
    assert "could not be reached" in LookUp.objects.get().problem
    kept = [[["185.0.0.0/8"], ["https://registry.example/"]]]
    RegistryList.objects.create(name="ipv4", services=kept, fetched_at=NOW - timedelta(days=400))
    assert registries.services("ipv4", now=NOW) == kept
    assert ask.want([THEIRS], by="agent", now=NOW) == 1  # what failed may be asked again at once


def test_two_workers_ask_once(db, server):
    ask.want([THEIRS], by="agent", now=NOW)
    row = LookUp.objects.get()
    assert ask._look_up(row, now=NOW)
    assert not ask._look_up(row, now=NOW)


def test_a_zone_is_asked_by_address(db, settings):
    records = {"7.2.0.185.contacts.example.": "abuse@slipstream.example, not an address"}
    with dns_server(records) as port:
        settings.MEYASU_CONTACT_ZONES = ["contacts.example"]
        settings.MEYASU_DNS_SERVERS = [f"127.0.0.1:{port}"]
        assert ask.want([THEIRS, "185.0.2.8"], by="agent", now=NOW) == 2
        assert ask.look_up_wanted(now=NOW) == 1
    found, nothing = LookUp.objects.order_by("pk")
    assert [one["address"] for one in found.answers] == ["abuse@slipstream.example"]
    assert (nothing.state, nothing.answers) == (LookUp.State.NOTHING, [])


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("line9.slipstream.example", "abuse@slipstream.example"),
        ("p1.tokyo.isp.ne.jp", "abuse@isp.ne.jp"),
        ("isp.co", "abuse@isp.co"),
    ],
)
def test_a_guess_is_abuse_at_the_domain(name, address):
    assert [one.address for one in guess.guess(name)] == [address]


@pytest.mark.parametrize("name", ["", "localhost", "185.0.2.7", "bad name.example x"])
def test_where_there_is_no_name_there_is_no_guess(name):
    assert guess.guess(name) == []


# What a person makes of it


def test_a_person_takes_an_offer_into_the_list_once_and_a_letter_can_go_there(case, server, agent):
    ask.want([THEIRS], by=agent, now=NOW)
    ask.look_up_wanted(now=NOW)
    found, found_at = offers.offered(case, THEIRS, "rdap", "abuse@slipstream.example")
    words = {"source": "rdap", "found_at": found_at, "about": THEIRS, "by": agent, "now": NOW}
    contact = offers.confirm(found, **words)
    assert (contact.confirmed_by, contact.networks) == ("agent", ["185.0.2.0/24"])
    with pytest.raises(NotAllowed, match="already"):
        offers.confirm(found, **words)
    with pytest.raises(NotAllowed, match="not offered"):
        offers.offered(case, THEIRS, "rdap", "mallory@evil.example")
    (letter,) = compose.draft_to_each(case, "upstream", task=None, by=agent, now=NOW)
    assert letter.to_address == "abuse@slipstream.example"
    assert "198.51.100.7" not in letter.body
    assert compose.draft_to_each(case, "upstream", task=None, by=agent, now=NOW) == []


def test_the_list_shows_what_became_of_letters(case, write, provider, sink):
    write("upstream", contact=provider)
    outbox.send_due(now=NOW)
    Contact.objects.filter(pk=provider.pk).update(networks=["185.0.0.0/8"])
    offer = next(one for one in offers.offers(case) if one.address == THEIRS)
    assert [(one.sent, one.came_back, one.answered) for one in offer.contacts] == [(1, 0, 0)]
