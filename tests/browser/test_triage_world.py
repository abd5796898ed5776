"""Fifty complaints of the simulated world, triaged by keyboard alone; the keys are counted."""

import io
import json
import subprocess
import sys

import pytest
from django.core.management import call_command
from playwright.sync_api import expect

from complaints.models import Complaint, Link

pytestmark = pytest.mark.browser

# Clicks from the first page until a report is in its case, as the peers' own screens were counted:
# RTIR opens the report, takes it, links, chooses, links; for a new incident opens, takes, new,
# create. Request Tracker and FIR have no screen that proposes anything.
PEERS = {"RTIR, existing incident": 5, "RTIR, new incident": 4}
MOST_KEYS = 2


@pytest.fixture
def world(desk, shared, tmp_path):
    """The truth of each mail by the name of its file; the mails have walked to their ends."""
    folder = tmp_path / "world"
    size = {"seed": 11, "complaints": 62, "campaigns": 6, "noise": 0.1, "days": 7, "lines": 2000}
    wanted = [f"--{name}={value}" for name, value in size.items()]
    subprocess.run(
        [sys.executable, "-m", "world", "build", "--out", str(folder), *wanted],
        cwd=shared,
        check=True,
        capture_output=True,
    )
    call_command("organisation", "import", str(folder / "org.json"))
    call_command("maillog", "import", str(folder / "maillog"), stdout=io.StringIO())
    call_command("ingest", str(folder / "mailbox"), stdout=io.StringIO())
    lines = (folder / "truth.jsonl").read_text(encoding="utf-8").splitlines()
    return {truth["file"]: truth for truth in map(json.loads, lines)}


@pytest.mark.timeout(400)  # a world is made and walked first
def test_fifty_complaints_take_at_most_two_keys_each(world, page, sign_in, watch, live_server):
    right = _where_the_machine_was_right(world)
    waiting = set(Complaint.objects.to_review().values_list("reference", flat=True))
    assert len(waiting) >= 50
    assert len(right & waiting) >= 40
    sign_in(watch(page), "lead")
    keys, spent = 0, {}

    def press(key):
        nonlocal keys
        keys += 1
        page.keyboard.press(key)

    for kind in ("new", "complaints"):
        page.goto(f"{live_server.url}/?kind={kind}")
        rows = page.locator("#waiting > li")
        if rows.count():
            press("j")
        while count := rows.count():
            row = page.locator("[data-row]:focus-within")
            name = row.get_attribute("id")
            reference = row.locator(".what .soft.small").inner_text().split(" · ")[0]
            before = keys
            # What is right is accepted; what is wrong, or of no use, is marked as seen.
            can_accept = row.locator("button[name=accept]").count()
            press("a" if reference in right and can_accept else "e")
            expect(page.locator(f"#{name}")).to_have_count(0)
            if count > 1:
                expect(page.locator("[data-row]:focus-within")).to_have_count(1)
            spent[reference] = keys - before

    assert waiting <= set(spent)
    assert not Complaint.objects.to_review().exclude(stage="quarantined").exists()
    assert max(spent.values()) <= MOST_KEYS
    accepted = len(right & set(spent))
    a_complaint = keys / len(spent)
    print(f"\n{len(spent)} complaints, {keys} keys: {a_complaint:.2f} each; {accepted} were right;")
    print(", ".join(f"{name}: {clicks} clicks each" for name, clicks in PEERS.items()))
    assert a_complaint <= MOST_KEYS < min(PEERS.values())


def _where_the_machine_was_right(world):
    """References of complaints whose held messages are all true, and that are in an incident."""
    right = set()
    for complaint in Complaint.objects.filter(stage="grouped").prefetch_related("arrivals"):
        file = complaint.arrivals.all()[0].source_file.rpartition("/")[2]
        truth = world[file]
        true = {one["queue_id"] for one in truth["relayed"] + truth["relayed_optional"]}
        links = complaint.links.filter(state__in=Link.HOLDING)
        held = set(links.values_list("message__queue_id", flat=True))
        if truth["is_complaint"] and held <= true:
            right.add(complaint.reference)
    return right
