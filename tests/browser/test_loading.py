"""What is seen of a slow server, one that fails, a sign-in that ran out; and the small menu."""

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from complaints.models import Complaint
from tests import make

pytestmark = pytest.mark.browser


@pytest.fixture
def waiting(case):
    return make.complaint(
        stage=Complaint.Stage.QUARANTINED, subject="Cannot be read", problem="It is broken."
    )


def test_a_slow_answer_holds_its_button_and_shows_that_it_is_under_way(
    waiting, page, sign_in, watch, live_server
):
    held = []
    page.route("**/triage/act/", lambda route: held.append(route))
    sign_in(watch(page), "lead")
    page.goto(f"{live_server.url}/?kind=quarantine")
    page.locator("#waiting button[name=leave]").click()
    expect(page.locator("html.working")).to_have_count(1)
    expect(page.locator("#waiting button[name=leave]")).to_have_attribute("aria-busy", "true")
    page.locator("#waiting button[name=leave]").click()
    assert len(held) == 1
    held[0].continue_()
    expect(page.locator("#waiting > li")).to_have_count(0)
    expect(page.locator("html.working")).to_have_count(0)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (None, "The server does not answer."),
        (500, "The server met an error"),
        (403, "You may not do this."),
    ],
)
def test_what_fails_is_said_and_the_row_stays(answer, words, waiting, page, sign_in, live_server):
    page.route(
        "**/triage/act/",
        lambda route: route.fulfill(status=answer, body="no") if answer else route.abort(),
    )
    sign_in(page, "lead")
    page.goto(f"{live_server.url}/?kind=quarantine")
    button = page.locator("#waiting button[name=leave]")
    button.click()
    expect(page.locator("#trouble")).to_contain_text(words)
    expect(button).not_to_have_attribute("aria-busy", "true")
    page.locator("#trouble").get_by_role("button", name="Close").click()
    expect(page.locator("#trouble")).not_to_be_visible()


def test_who_was_signed_out_meanwhile_is_led_to_the_sign_in_and_back(
    waiting, page, sign_in, live_server
):
    sign_in(page, "lead")
    page.goto(f"{live_server.url}/?kind=quarantine")
    page.wait_for_load_state("networkidle")
    Session.objects.all().delete()
    # What the page asks for by itself may lead there first: then there is no such button any more.
    page.evaluate("document.querySelector('#waiting button[name=leave]')?.click()")
    page.wait_for_url(f"{live_server.url}/sign-in/?next=%2F%3Fkind%3Dquarantine")
    expect(page.get_by_label("Username")).to_be_visible()


def test_on_a_small_screen_the_menu_opens_leads_on_and_closes(
    waiting, page, sign_in, watch, live_server
):
    watch(page).set_viewport_size({"width": 390, "height": 844})
    sign_in(page, "lead")
    menu = page.locator("#menu")
    expect(menu).not_to_be_visible()
    page.get_by_role("button", name="Menu").click()
    expect(menu.get_by_role("link", name="Triage")).to_be_visible()
    page.keyboard.press("Escape")
    expect(menu).not_to_be_visible()
    page.get_by_role("button", name="Menu").click()
    menu.get_by_role("link", name="Mail log").click()
    page.wait_for_url("**/maillog/")
