"""A public notice from the incident to the public, as two people of a desk do it."""

import pytest
from playwright.sync_api import expect

from incidents.models import Notice

pytestmark = pytest.mark.browser


def test_a_notice_is_written_by_one_approved_by_another_and_read_by_anybody(
    case, page, new_context, sign_in, watch, live_server
):
    agent = watch(page)
    sign_in(agent, "agent")
    agent.get_by_role("navigation").get_by_role("link", name="Incidents").click()
    agent.get_by_role("link", name=case.reference).click()
    expect(agent.get_by_role("heading", level=1)).to_have_text(case.title)
    agent.get_by_role("button", name="Write one in English").click()
    agent.get_by_label("Title").fill("Mail that passed through our server")
    agent.get_by_label("Text").fill("Strangers sent advertising through our mail server.")
    agent.get_by_role("button", name="Save the draft").click()
    expect(agent.get_by_text("A second person approves it: you wrote it.")).to_be_visible()
    expect(agent.get_by_role("button", name="Approve it")).to_have_count(0)

    lead = watch(new_context().new_page())
    sign_in(lead, "lead")
    lead.get_by_role("link", name="Mail that passed through our server").click()
    lead.get_by_role("button", name="Approve it").click()
    lead.get_by_role("button", name="Publish it").click()
    expect(lead.get_by_role("link", name="as the public sees it")).to_be_visible()

    anybody = watch(new_context().new_page())
    anybody.goto(f"{live_server.url}/notices/")
    anybody.get_by_role("link", name="Mail that passed through our server").click()
    expect(anybody.get_by_text("Strangers sent advertising through our")).to_be_visible()
    assert Notice.objects.get().approved_by.get_username() == "lead"


def test_a_withdrawn_notice_says_so_and_shows_its_text_no_more(
    case, desk, page, new_context, sign_in, watch, live_server
):
    notice = Notice.objects.create(
        reference="N-1998-0001",
        incident=case,
        state=Notice.State.PUBLISHED,
        title="Mail that passed",
        body="A text that was wrong.",
        written_at=case.discovered_at,
        written_by=desk["agent"],
        approved_at=case.discovered_at,
        approved_by=desk["lead"],
        published_at=case.discovered_at,
    )
    lead = watch(page)
    sign_in(lead, "lead")
    lead.goto(f"{live_server.url}/notices/{notice.reference}/edit/")
    lead.locator("summary", has_text="Withdraw it").click()
    lead.get_by_label("Why it is withdrawn").fill("It was about another server.")
    lead.get_by_role("button", name="Withdraw it").click()

    anybody = watch(new_context().new_page())
    anybody.goto(f"{live_server.url}/notices/{notice.reference}/")
    expect(anybody.get_by_text("It was about another server.")).to_be_visible()
    expect(anybody.get_by_text("A text that was wrong.")).to_have_count(0)
