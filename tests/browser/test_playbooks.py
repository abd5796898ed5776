"""A playbook is changed by its lead: refused beside the field, put right, compared, in force."""

import pytest
from playwright.sync_api import expect

from incidents.workflow import inforce

pytestmark = pytest.mark.browser


def test_a_lead_changes_a_playbook_and_what_cannot_be_followed_is_refused(
    desk, page, sign_in, watch, live_server
):
    watch(page)
    sign_in(page, "lead")
    page.get_by_role("link", name="Playbooks").click()
    page.get_by_role("link", name="Mail relayed for strangers").click()
    page.get_by_role("link", name="Change").click()
    page.get_by_label("What you changed, and why").fill("The vendor is called first.")
    page.get_by_role("button", name="One more task").click()

    added = page.locator("details.card").nth(-2)
    added.get_by_label("Name:", exact=True).fill("vendor")
    added.get_by_label("Title:", exact=True).fill("Call the vendor")
    added.get_by_label("Which hours count").select_option("hours of the desk")
    added.get_by_label("Due within, hours").fill("4")
    added.get_by_label("Waits for:", exact=True).fill("assess nobody")
    page.get_by_role("button", name="Save as a new version").click()
    wrong = page.locator(".field.wrong")
    expect(wrong).to_have_count(1)
    expect(wrong).to_contain_text("waits for “nobody”, which the playbook does not have")

    wrong.get_by_label("Waits for:", exact=True).fill("assess")
    page.get_by_role("button", name="Save as a new version").click()
    expect(page.get_by_role("row", name="Call the vendor")).to_contain_text("4 h of the desk")
    expect(page.get_by_text("The vendor is called first.").first).to_be_visible()
    assert inforce.current("relay_abuse").number == 2

    page.get_by_role("link", name="Compare with version 2").click()
    page.get_by_label("From version").select_option("1")
    page.get_by_label("To version").select_option("2")
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("row", name="vendor")).to_contain_text("added")

    page.goto(f"{live_server.url}/playbooks/relay_abuse/?version=1")
    page.get_by_role("button", name="Put in force").click()
    expect(page.get_by_text("Version 1 put in force.")).to_be_visible()
    assert inforce.current("relay_abuse").number == 1
