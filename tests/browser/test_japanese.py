"""The screens in a Japanese browser: in Japanese, without error, and no wider than the window."""

import re

import pytest
from playwright.sync_api import expect

from incidents.models import Notice

pytestmark = pytest.mark.browser

PASSWORD = "a long word for this desk"
JAPANESE = re.compile("[ぁ-んァ-ヶ一-龠]")


@pytest.fixture(scope="module")
def browser_context_args(browser_context_args):
    """Everybody reads Japanese here."""
    return browser_context_args | {"locale": "ja-JP"}


@pytest.fixture
def japanese_page(case, desk, page, watch, live_server):
    """A lead who reads Japanese has signed in."""
    desk["lead"].set_password(PASSWORD)
    desk["lead"].save()
    watch(page).goto(f"{live_server.url}/sign-in/")
    page.get_by_label("ユーザー名").fill("lead")
    page.get_by_label("パスワード").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="ログイン").click()
    page.wait_for_url(f"{live_server.url}/")
    return page


@pytest.mark.parametrize("width", [1440, 390])
def test_the_screens_of_the_desk_are_japanese(width, case, japanese_page, live_server, pictures):
    page = japanese_page
    page.set_viewport_size({"width": width, "height": 900})
    complaint = case.complaints.filter(threatens_block=True).get()
    for name, address in {
        "triage": "/",
        "incident": f"/incidents/{case.reference}/",
        "complaint": f"/complaints/{complaint.reference}/",
        "maillog": "/maillog/?client_ip=198.51.100.7",
    }.items():
        page.goto(f"{live_server.url}{address}")
        expect(page.locator("html")).to_have_attribute("lang", "ja")
        headings = page.locator("main h2, #triage h1").all_inner_texts()
        assert headings
        assert [words for words in headings if not JAPANESE.search(words)] == []
        sideways = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert (name, sideways) == (name, 0)
        page.screenshot(path=pictures / f"ja-{name}-{width}.png", full_page=True)


def test_a_notice_in_english_stays_english_on_a_japanese_page(case, page, live_server, pictures):
    Notice.objects.create(
        reference="N-1998-0099",
        incident=case,
        state=Notice.State.PUBLISHED,
        title="Mail that passed through our server",
        body="Strangers sent advertising through our mail server.",
        written_at=case.discovered_at,
        published_at=case.discovered_at,
    )
    page.goto(f"{live_server.url}/notices/")
    expect(page.locator("h1")).to_have_text("公示")
    expect(page.locator("[lang=en] .name")).to_have_text("Mail that passed through our server")
    page.screenshot(path=pictures / "ja-notices.png", full_page=True)


def test_times_are_in_the_zone_of_the_browser_from_the_second_page_on(
    case, desk, browser, watch, live_server
):
    context = browser.new_context(locale="ja-JP", timezone_id="Asia/Tokyo")
    page = watch(context.new_page())
    page.goto(f"{live_server.url}/sign-in/")
    page.locator("input[name=username]").fill("lead")
    page.locator("input[name=password]").fill("a long word for the desk")
    page.locator("main form button").click()
    page.wait_for_url(f"{live_server.url}/")
    page.goto(f"{live_server.url}/complaints/")
    expect(page.locator("main time").first).to_contain_text("11:00 JST")
    context.close()
