"""Letters to customers, and to those who run a blocklist: with what is theirs, and nobody named."""

import pytest
from django.urls import reverse

from complaints.models import ComplaintObservable, RelayedMessage
from incidents.correspondence import compose, contacts, draft, outbox
from incidents.correspondence.places import reported_places
from incidents.models import Contact, Incident, Listing, ListZone
from tests import make
from tests.incidents.correspondence.conftest import NOW

pytestmark = pytest.mark.django_db
KINDS = ("infected_host", "unwanted_bulk", "hosted_phish", "malware", "copyright", "login_attack",
         "compromised_account")  # fmt: skip


@pytest.fixture
def customer(db):
    return Contact.objects.create(
        name="Tallgrass Bakery",
        kind=Contact.Kind.CUSTOMER,
        email="owner@tallgrass.example",
        networks=["203.0.113.0/24"],
    )


@pytest.fixture
def listed(incident):
    """Two lists; one has the host of the incident, the other had it."""
    rows = []
    for number, zone in enumerate(("dnsbl.example", "other.example")):
        row = ListZone.objects.create(name=zone, zone=zone)
        rows.append(
            Listing.objects.create(
                host=incident.host,
                zone=row,
                address="192.0.2.25",
                codes=["127.0.0.2"],
                reason="open relay",
                listed_at=NOW,
                seen_at=NOW,
                cleared_at=NOW if number else None,
            )
        )
    return rows


def url(complaint, value, origin="reported"):
    ComplaintObservable.objects.create(
        complaint=complaint, kind="url", value=value, value_sha256="", where="text", origin=origin
    )


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_customer_is_written_to_in_words_for_what_happened(
    incident, customer, agent, complain, kind, language
):
    Incident.objects.filter(pk=incident.pk).update(kind=kind)
    incident.refresh_from_db()
    Contact.objects.update(language=language)
    url(complain(sender="ann@quarry.example", sender_name="Ann Quarry"), "http://bad.example/x")
    letter = compose.draft_letter(incident, "customer", by=agent, now=NOW)
    assert (letter.to_address, letter.language) == ("owner@tallgrass.example", language)
    assert draft.missing(f"{letter.subject}\n{letter.body}") == []
    assert "Tallgrass Bakery" in letter.body
    assert "quarry" not in letter.body.lower()
    seen = ("198.51.100.7" in letter.body, "2 messages" in letter.body, "2 通" in letter.body)
    assert seen == (False, False, False)  # what came from others is none of their business


def test_a_customer_gets_the_log_of_the_own_machine(incident, customer, agent):
    letter = compose.draft_letter(incident, "customer", by=agent, now=NOW)
    log = bytes(letter.enclosures.get(kind="log").content).decode()
    assert "from=<pilot>" in log
    assert "from=<winner>" not in log


def test_links_are_shown_harmless_and_without_what_names_a_person(incident, complain):
    complaint = complain()
    for value in (
        "https://bad.example/login?who=ann%40quarry.example#x",
        "http://u:p@bad.example:8080/a",
        "http://bad.example/ann@quarry.example/",
        "ftp://bad.example/",
        "http://[bad",
    ):
        url(complaint, value)
    url(complaint, "http://seen.example/", origin="inferred")
    url(make.complaint(), "http://elsewhere.example/")
    assert reported_places(incident) == ["hxxps://bad[.]example/login", "hxxp://bad[.]example/a"]


def test_the_operator_of_a_list_is_asked_with_what_the_list_says_and_our_state(
    incident, listed, agent, lead, client
):
    for name, domain in (("Example list", "dnsbl.example"), ("Other list", "other.example")):
        Contact.objects.create(
            name=name, kind="blocklist", email=f"removal@{domain}", domains=[domain]
        )
    assert [one.name for one in contacts.suggest(incident, "delisting")] == ["Example list"]
    client.force_login(agent)
    page = client.get(reverse("incidents:blocking", args=[incident.reference]))
    address = reverse("incidents:ask-for-removal", args=[incident.reference])
    assert address in page.text
    answer = client.post(address)
    letter = incident.letters.get(kind="delisting")
    assert answer["Location"] == reverse("incidents:letter", args=[letter.pk])
    assert letter.to_address == "removal@dnsbl.example"
    assert "192.0.2.25  dnsbl.example  127.0.0.2  open relay" in letter.body
    assert "other.example" not in letter.body
    assert "We are working on it" in letter.body  # no fix is claimed before it is verified
    outbox.approve(letter, by=lead, now=NOW)
    client.post(address)
    assert incident.letters.filter(kind="delisting").count() == 1


def test_without_an_operator_in_the_list_a_person_says_whom(incident, listed, agent, client):
    client.force_login(agent)
    client.post(reverse("incidents:ask-for-removal", args=[incident.reference]))
    letter = incident.letters.get(kind="delisting")
    assert letter.to_address == ""
    assert draft.missing(letter.body) == []


def test_a_host_that_no_list_has_asks_nobody(incident, agent, client):
    client.force_login(agent)
    page = client.get(reverse("incidents:blocking", args=[incident.reference]))
    assert reverse("incidents:ask-for-removal", args=[incident.reference]) not in page.text
    assert RelayedMessage.objects.exists()
