"""Putting grouping right in a real browser, by keyboard; and why each complaint is where it is."""

import random

import pytest
from playwright.sync_api import expect

from complaints.linking.link import link_complaint
from complaints.models import Complaint, Customer
from incidents.grouping.assign import group_complaint
from incidents.grouping.detect import detect_abuse
from incidents.models import Correction, Incident
from tests import make
from tests.axe import barriers
from tests.make import at

pytestmark = pytest.mark.browser

NOW = at("1998-01-21 09:00")
RICHES = "Send five dollars to each name upon this list, and be rich by Friday. Call 406 555 0142."
KETTLE = (
    "Kettles of copper, straight from the smith. Leave your name or call +1 (406) 555-0142 tonight."
)
# Who complains, in which language, and what he shows of the mail.
RICHES_TOLD = [
    ("ann@quarry.example", "en", "What is this?", {"message_id": "1@riches.example"}),
    ("abuse@big.example", "en", "ARF report", {"message_id": "2@riches.example"}),
    ("kai@orchard.example", "ja", "迷惑メールについて", {"source_ip": "198.18.4.2"}),
    ("udo@werft.example", "de", "Unerwünschte Werbung", {}),
]
KETTLES_TOLD = [
    ("eva@harbour.example", "en", "Kettles again", {"message_id": "1@kettle.example"}),
    ("rui@padaria.example", "pt", "Mensagem não solicitada", {"message_id": "2@kettle.example"}),
    ("ida@ferry.example", "en", "Stop this shop", {"header_from": "shop@kettle.example"}),
]


def walk(sender, language, subject, **facts):
    complaint = make.parsed_complaint(
        sender=sender, language=language, subject=subject, text="Please stop this.", **facts
    )
    link_complaint(complaint, now=NOW)
    group_complaint(complaint, now=NOW)
    return complaint


@pytest.fixture
def grouped(desk, clock_at):
    """Two holes, a stolen account and a machine, with what the real grouping makes of complaints.

    gives   the incident of the open relay, and the one of the customer
    """
    clock_at("1998-01-21 12:00")
    make.mail_host()
    Customer.objects.create(identifier="corner", name="Corner shop").networks.create(
        prefix="192.0.2.64/28"
    )
    for number in range(1, 15):
        make.relayed_message(
            message_id=f"{number}@riches.example",
            client_ip=f"198.18.4.{number % 3 + 1}",
            sender="winner@riches.example",
            recipient_count=2,
        )
        make.relayed_message(
            message_id=f"{number}@kettle.example",
            client_ip="192.0.2.70",
            sender="shop@kettle.example",
            direction="out",
        )
    detect_abuse(now=NOW)
    riches = {"subject": "Riches for everybody", "body_text": RICHES}
    for sender, language, subject, shown in RICHES_TOLD:
        shown = riches | {"header_from": "winner@riches.example"} | shown
        walk(sender, language, subject, reported=[shown], format="plain")
    kettles = {"subject": "Kettles of copper", "body_text": KETTLE}
    for sender, language, subject, shown in KETTLES_TOLD:
        shown = kettles | {"urls": ["http://kettle-shop.example/k"]} | shown
        walk(sender, language, subject, reported=[shown], format="plain")
    first = Complaint.objects.get(sender="ann@quarry.example")
    walk("ann@quarry.example", "en", "Re: What is this?", follows=first)
    for number in range(2):
        scan = {"source_ip": "192.0.2.9", "arrived_at": at("1998-01-20 05:00")}
        walk(f"fw{number}@far.example", "en", "Scan", category="port-scan", reported=[scan])
    kinds = ("relay_abuse", "unwanted_bulk")
    return tuple(Incident.objects.get(kind=kind) for kind in kinds)


@pytest.fixture
def lead(grouped, page, sign_in, watch):
    """A lead has signed in."""
    sign_in(watch(page), "lead")
    return page


def press(page, locator, key="Enter"):
    """Without a mouse: the focus goes there, and a key is pressed."""
    locator.focus()
    expect(locator).to_be_focused()
    page.keyboard.press(key)


def test_why_each_complaint_is_there_is_told_on_the_page_of_its_incident(
    grouped, lead, live_server, pictures
):
    members = [
        (incident, complaint)
        for incident in Incident.objects.order_by("pk")
        for complaint in incident.complaints.order_by("pk")
    ]
    assert len(members) == 10
    random.Random(7).shuffle(members)
    for number, (incident, complaint) in enumerate(members, start=1):
        lead.goto(f"{live_server.url}/incidents/{incident.reference}/complaints/")
        its_own = lead.locator(f'a[href="/complaints/{complaint.reference}/"]')
        row = lead.locator("#complaints li").filter(has=its_own)
        expect(row).to_contain_text("It is here because")
        reasons = complaint.memberships.get(incident=incident).reasons
        assert reasons
        expect(row).to_contain_text(reasons[0]["fact"])
        row.screenshot(path=pictures / f"why-{number:02}.png")
    lead.goto(f"{live_server.url}/incidents/{members[0][0].reference}/")
    lead.wait_for_load_state("networkidle")
    lead.screenshot(path=pictures / "why-incident.png", full_page=True)
    assert barriers(lead) == []


def test_incidents_that_share_facts_are_kept_apart_and_it_is_undone(grouped, lead, live_server):
    relay, shop = grouped
    lead.goto(f"{live_server.url}/incidents/{relay.reference}/")
    related = lead.locator("#related")
    expect(related).to_contain_text(shop.reference)
    expect(related).to_contain_text("victims turn to")
    press(lead, related.get_by_role("button", name="They are two"))

    expect(lead.locator("#corrections")).to_contain_text(shop.reference)
    expect(lead.locator("#related")).to_have_count(0)
    press(lead, lead.locator("#corrections").get_by_role("button", name="Undo"))

    expect(lead.locator("#related")).to_contain_text(shop.reference)
    assert Correction.objects.get().undone_at is not None


def test_a_merge_is_shown_before_it_is_done_and_undone(grouped, lead, live_server):
    relay, shop = grouped
    lead.goto(f"{live_server.url}/incidents/{shop.reference}/")
    press(lead, lead.locator("#related").get_by_role("link", name="Merge into it"))
    preview = lead.locator("#preview .figures > div")
    expect(preview.filter(has_text="Complaints").locator("dd")).to_have_text("3")
    expect(preview.filter(has_text="Campaigns").locator("dd")).to_have_text("1")
    assert barriers(lead) == []
    press(lead, lead.get_by_role("button", name="Merge", exact=True))

    lead.wait_for_url(f"{live_server.url}/incidents/{relay.reference}/")
    assert relay.memberships.count() == 8
    press(lead, lead.locator("#corrections").get_by_role("button", name="Undo"))
    expect(lead.locator("#corrections")).to_contain_text("undone")
    assert (relay.memberships.count(), shop.memberships.count()) == (5, 3)


def test_complaints_are_chosen_by_keyboard_split_off_and_brought_back(grouped, lead, live_server):
    relay, _ = grouped
    chosen = Complaint.objects.get(sender="udo@werft.example")
    lead.goto(f"{live_server.url}/incidents/{relay.reference}/")
    press(lead, lead.get_by_label(f"Choose {chosen.reference}"), "Space")
    press(lead, lead.get_by_role("button", name="Split off the chosen"))
    expect(lead.get_by_text(chosen.reference)).to_be_visible()
    assert barriers(lead) == []
    lead.get_by_role("textbox", name="Title").fill("Another abuser")
    lead.keyboard.press("Enter")

    expect(lead.locator("#corrections").get_by_role("button", name="Undo")).to_be_visible()
    assert chosen.incidents.get().title == "Another abuser"
    press(lead, lead.locator("#corrections").get_by_role("button", name="Undo"))
    expect(lead.locator("#corrections")).to_contain_text("undone")
    assert chosen.incidents.get() == relay


def test_a_repetition_is_called_a_complaint_of_its_own_and_back_again(grouped, lead, live_server):
    shown = {"message_id": "1@kettle.example", "subject": "Kettles of copper"}
    again = walk("eva@harbour.example", "en", "Kettles, again", reported=[shown], format="plain")
    assert again.stage == Complaint.Stage.DUPLICATE
    lead.goto(f"{live_server.url}/complaints/{again.reference}/")
    assert barriers(lead) == []
    press(lead, lead.get_by_role("button", name="It is a complaint of its own"))
    expect(lead.get_by_text("a complaint of its own, and does not repeat")).to_be_visible()
    again.refresh_from_db()
    link_complaint(again, now=NOW)
    group_complaint(again, now=NOW)  # as the worker does, of which there is none here
    lead.reload()
    back = lead.get_by_role("button", name="It says the same after all")
    expect(back).to_be_visible()
    again.refresh_from_db()
    assert again.duplicate_of is None
    press(lead, back)
    expect(lead.get_by_role("button", name="It is a complaint of its own")).to_be_visible()
    again.refresh_from_db()
    assert again.stage == Complaint.Stage.DUPLICATE
