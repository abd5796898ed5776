"""A letter from whom to write to, by way of a second person, to a promise that is watched."""

import pytest
from playwright.sync_api import expect

from complaints.intake import store
from complaints.intake.raw import RawMessage
from complaints.models import RelayedMessage
from incidents.correspondence import outbox
from incidents.correspondence.replies import file_reply
from incidents.models import Letter, Promise
from tests import make, servers
from tests.incidents.correspondence.test_replies import REPLY

pytestmark = pytest.mark.browser
NOW = make.at("1998-01-22 12:00")


@pytest.fixture
def sink(settings):
    with servers.mail_sink() as running:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", running.port
        yield running


@pytest.fixture
def named(case):
    """The sources have names, so that there is somebody to guess."""
    RelayedMessage.objects.update(client_name="line9.slipstream.example")
    return case


def test_a_letter_goes_from_a_guess_to_a_watched_promise(
    named, page, new_context, sign_in, watch, live_server, sink, pictures
):
    agent = watch(page)
    sign_in(agent, "agent")
    agent.goto(f"{live_server.url}/incidents/{named.reference}/contacts/")
    agent.get_by_role("button", name="Take it into the list").first.click()
    agent.screenshot(path=pictures / "contacts.png", full_page=True)
    agent.get_by_role("button", name="Draft one letter for each in the list").click()
    agent.get_by_role("link", name="Bulk mail from your network").click()
    expect(agent.get_by_text(f"{named.reference}.arf")).to_be_visible()
    agent.screenshot(path=pictures / "letter-draft.png", full_page=True)

    lead = watch(new_context().new_page())
    sign_in(lead, "lead")
    letter = Letter.objects.get()
    lead.goto(f"{live_server.url}/letters/{letter.pk}/")
    lead.get_by_role("button", name="Approve it").click()
    assert outbox.send_due(now=NOW) == 1
    fields = f"In-Reply-To: {letter.message_id}"
    answer = REPLY.format(
        sender=letter.to_address, number=1, fields=fields, text="We stop them. Case #4711"
    )
    message = RawMessage(answer.encode(), "imap", NOW)
    assert file_reply(store.keep_message(message, now=NOW).complaint, now=NOW)

    agent.goto(f"{live_server.url}/letters/{letter.pk}/")
    expect(agent.get_by_text("Case #4711").first).to_be_visible()
    agent.locator("summary", has_text="Record a promise").click()
    agent.get_by_label("What they promise").fill("They relay no mail of those parties.")
    agent.get_by_role("button", name="Record and watch").click()
    expect(agent.locator("#promises")).to_contain_text("watched")
    agent.screenshot(path=pictures / "letter-promise.png", full_page=True)
    assert Promise.objects.get().networks == []
    assert Promise.objects.get().domains == ["slipstream.example"]


@pytest.mark.parametrize("locale", ["en-GB", "ja-JP"])
def test_reporters_are_told_by_a_text_that_another_person_approves(
    named, browser, page, sign_in, watch, live_server, pictures, locale
):
    make.joined(named, sender="ken@minato.example", sender_name="港 健", language="ja")
    agent = watch(page)
    sign_in(agent, "agent")
    agent.goto(f"{live_server.url}/incidents/{named.reference}/")
    agent.get_by_role("button", name="Tell what was found").click()
    expect(agent.get_by_text("港 健 様")).to_be_visible()
    agent.screenshot(path=pictures / "telling.png", full_page=True)
    path = agent.url

    context = browser.new_context(
        locale=locale, viewport={"width": 390, "height": 844}, color_scheme="dark"
    )
    lead = watch(context.new_page())
    _sign_in_small(lead, live_server)
    lead.goto(path)
    assert lead.evaluate("document.documentElement.scrollWidth") <= 390
    lead.screenshot(path=pictures / f"telling-{locale}-390.png", full_page=True)
    lead.locator("form[action*=approve] button").click()
    expect(lead.locator("form[action*=approve]")).to_have_count(0)
    assert Letter.objects.filter(kind="told", state="approved").count() == 3
    lead.goto(f"{live_server.url}/texts/upstream.ja/")
    lead.screenshot(path=pictures / f"text-{locale}-390.png", full_page=True)
    assert lead.evaluate("document.documentElement.scrollWidth") <= 390


def _sign_in_small(page, live_server):
    page.goto(f"{live_server.url}/sign-in/")
    page.locator("input[name=username]").fill("lead")
    page.locator("input[name=password]").fill("a long word for the desk")
    page.locator("main form button").click()
    page.wait_for_url(f"{live_server.url}/")
