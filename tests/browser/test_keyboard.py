"""The desk by keyboard alone: rows, pages, the palette; and no single keys for who wants none."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


@pytest.fixture
def at_the_desk(case, page, sign_in, watch):
    """A lead has signed in and looks at triage."""
    sign_in(watch(page), "lead")
    return page


def test_rows_and_pages_are_reached_by_single_keys(at_the_desk, case, live_server):
    page = at_the_desk
    page.keyboard.press("j")
    expect(page.locator("[data-row] [data-open]").first).to_be_focused()
    page.keyboard.press("j")
    expect(page.locator("[data-row] [data-open]").nth(1)).to_be_focused()
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{live_server.url}/incidents/{case.reference}/**")
    page.keyboard.press("g")
    page.keyboard.press("c")
    page.wait_for_url(f"{live_server.url}/complaints/")
    page.keyboard.press("/")
    page.keyboard.type(case.reference.lower())
    page.keyboard.press("Enter")
    page.wait_for_url(f"{live_server.url}/incidents/{case.reference}/")


def test_the_palette_finds_what_can_be_done_by_its_words(at_the_desk, live_server):
    page = at_the_desk
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox")).to_be_focused()
    page.keyboard.type("mail log")
    expect(page.get_by_role("option").first).to_contain_text("Mail log")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{live_server.url}/maillog/")


def test_the_keys_are_listed_and_can_be_turned_off(at_the_desk):
    page = at_the_desk
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.get_by_label("I do not want single keys").check()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect(page.locator("[data-row] [data-open]").first).not_to_be_focused()
