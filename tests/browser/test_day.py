"""The day of an agent, in English and Japanese, by mouse and again by keyboard alone.

Triage and its undo, a complaint and its message, a task, the notice, the mail log, the search.
"""

from contextlib import contextmanager

import pytest
from django.utils import translation
from django.utils.translation import gettext
from playwright.sync_api import expect

from complaints.models import Complaint, Link
from incidents.finding import index
from incidents.models import Notice, Task
from tests import make
from tests.browser.conftest import PASSWORD

pytestmark = pytest.mark.browser

MOST_TABS = 150
HAS_FOCUS = "element => element === document.activeElement"


class ByMouse:
    """A hand on the mouse; what is written is typed all the same."""

    def __init__(self, page):
        self.page = page

    def press(self, element, key=""):
        element.click()

    def write(self, field, words):
        field.click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(words)

    def open_row(self, row):
        row.locator("[data-open]").click()


class ByKeys:
    """Both hands on the keyboard: single keys where there are any, else Tab and Enter."""

    def __init__(self, page):
        self.page = page

    def press(self, element, key=""):
        if key:
            for one in key.split():
                self.page.keyboard.press(one)
            return
        self._go_to(element)
        self.page.keyboard.press("Enter")

    def write(self, field, words):
        self._go_to(field)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(words)

    def open_row(self, row):
        opener = row.locator("[data-open]")
        for key in "jk":
            for _ in range(MOST_TABS):
                if opener.evaluate(HAS_FOCUS):
                    return self.page.keyboard.press("Enter")
                before = self.page.evaluate_handle("document.activeElement")
                self.page.keyboard.press(key)
                if self.page.evaluate("before => before === document.activeElement", before):
                    break
        raise AssertionError("j and k do not reach this row")

    def _go_to(self, element):
        expect(element).to_be_visible()
        for _ in range(MOST_TABS):
            if element.evaluate(HAS_FOCUS):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError("Tab does not reach this element")


@pytest.fixture
def waiting(case):
    """A complaint in no incident, with a message that is proposed."""
    message = make.relayed_message(queued_at=make.at("1998-01-20 05:00"), queue_id="NAA24999")
    complaint = make.complaint(
        stage=Complaint.Stage.OPEN, subject="Stop this advertising", text="Stop advertising to us."
    )
    Link.objects.create(
        complaint=complaint,
        message=message,
        state=Link.State.PROPOSED,
        score=0.8,
        reasons=[{"fact": "the same sender, 3 minutes apart", "weight": 3.0}],
        linked_at=complaint.arrived_at,
    )
    index.rebuild(lambda *_: None)
    return complaint


@contextmanager
def reading(browser, locale, watch):
    """A page of somebody whose browser asks for this language, and the words of the screens."""
    context = browser.new_context(locale=locale, viewport={"width": 1440, "height": 900})
    page = watch(context.new_page())
    try:
        with translation.override(locale[:2]):
            yield page, gettext
    finally:
        context.close()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("hand", [ByMouse, ByKeys])
@pytest.mark.parametrize("locale", ["en-GB", "ja-JP"])
def test_a_day_at_the_desk(hand, locale, case, waiting, browser, watch, live_server):
    with reading(browser, locale, watch) as (page, words):
        hand = hand(page)

        def button(word):
            return page.get_by_role("button", name=words(word)).first

        page.goto(f"{live_server.url}/sign-in/")
        hand.write(page.locator("input[name=username]"), "lead")
        hand.write(page.locator("input[name=password]"), PASSWORD)
        hand.press(page.locator("main form button"))
        page.wait_for_url(f"{live_server.url}/")
        expect(page.locator("html")).to_have_attribute("lang", locale[:2])

        _triage(page, hand, waiting)
        _complaint(page, hand, case)
        _task_and_notice(page, hand, button, case)
        _mail_log_and_search(page, hand, button, live_server)

        hand.press(button("Sign out"))
        page.wait_for_url(f"{live_server.url}/sign-in/**")


def _triage(page, hand, waiting):
    """Accept what the machine proposes, take that back, and accept it again."""
    hand.press(page.locator("#chip-complaints"))
    row = page.locator("#waiting > li")
    expect(row).to_have_count(1)
    for _ in range(2):
        hand.press(row.locator("button[name=accept]"), key="j a")
        expect(page.locator("#done")).to_be_visible()
        expect(row).to_have_count(0)
        assert Link.objects.get(complaint=waiting).state == Link.State.CONFIRMED
        if _ == 0:
            hand.press(page.locator("#done button"), key="z")
            expect(row).to_have_count(1)
            assert Link.objects.get(complaint=waiting).state == Link.State.PROPOSED


def _complaint(page, hand, case):
    """Open the threat from the list of mails, and say which message it is about."""
    threat = case.complaints.get(threatens_block=True)
    hand.press(page.locator("nav a[href='/complaints/']"), key="g c")
    page.wait_for_url("**/complaints/")
    hand.open_row(page.locator("[data-row]", has_text=threat.subject))
    page.wait_for_url(f"**/complaints/{threat.reference}/")
    link = page.locator("[id^=link-]").first
    hand.press(link.locator("button[name=confirm]"), key="j a")
    expect(link.locator("button[name=confirm]")).to_have_count(0)
    assert Link.objects.get(complaint=threat).state == Link.State.CONFIRMED


def _task_and_notice(page, hand, button, case):
    """From triage to the first task, which is taken and finished; then the notice is drafted."""
    hand.press(page.locator("nav a[href='/']").first, key="g t")
    assess = case.tasks.get(kind="assess")
    hand.open_row(page.locator(f"#urgent-{assess.pk}"))
    page.wait_for_url(f"**/incidents/{case.reference}/**")
    task = page.locator(f"#task-{assess.pk}")
    hand.open_row(task)
    hand.press(task.locator("form[action$='/take/'] button"), key="t")
    expect(task.locator("form[action$='/take/']")).to_have_count(0)
    page.wait_for_load_state("networkidle")
    if not task.locator("input[name=note]").first.is_visible():
        hand.open_row(task)
    hand.write(task.locator("input[name=note]").first, "Our host relays for anybody.")
    hand.press(task.locator("form[action$='/complete/'] .button.main"))
    expect(task.locator(".mark")).not_to_be_visible()
    assert case.tasks.get(kind="assess").state == Task.State.DONE

    page.wait_for_load_state("networkidle")
    hand.press(page.locator("#notices button[value=en]"))
    page.wait_for_url("**/notices/*/edit/")
    hand.write(page.locator("input[name=title]"), "Mail that passed through our server")
    hand.press(button("Save the draft"))
    expect(page.locator("h1")).to_have_text("Mail that passed through our server")
    assert Notice.objects.get().title == "Mail that passed through our server"


def _mail_log_and_search(page, hand, button, live_server):
    """Everything of one source in the log; then a word of a complaint, and the complaint."""
    hand.press(page.locator("nav a[href='/maillog/']"), key="g l")
    page.wait_for_url("**/maillog/")
    hand.write(page.locator("input[name=client_ip]"), "198.51.100.8")
    hand.press(button("Find"))
    expect(page.locator("main [data-row]")).to_have_count(8)

    hand.press(page.locator(".finder input"), key="/")
    page.keyboard.type("advertising")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/**")
    expect(page.locator("main [data-row] mark").first).to_be_visible()
    hand.open_row(page.locator("main [data-row]", has_text="Stop this advertising"))
    page.wait_for_url("**/complaints/C-*/")
