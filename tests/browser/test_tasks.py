"""A task in people's hands, on the page: ticked off, commented, put off, handed over."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_a_task_is_ticked_off_commented_put_off_and_handed_over(
    case, page, sign_in, watch, live_server
):
    watch(page)
    sign_in(page, "agent")
    page.goto(f"{live_server.url}/incidents/{case.reference}/")
    task = case.tasks.get(kind="assess")
    shown = page.locator(f"#task-{task.pk}")
    shown.get_by_text("What to do").click()
    line = shown.get_by_role("button", name="Said in a sentence what it is")
    line.click()
    expect(line).to_have_attribute("aria-pressed", "true")

    shown.get_by_text("Comment", exact=True).first.click()
    shown.get_by_label("Comment, for colleagues only").fill("The vendor knows.")
    shown.get_by_role("button", name="Comment").click()
    expect(shown.get_by_text("The vendor knows.")).to_be_visible()

    page.reload()  # the page comes anew by itself, and would close what is opened before
    shown.get_by_text("What to do").click()
    shown.get_by_text("Hand over, put off, add a line").click()
    shown.get_by_label("Put off until").fill("1998-01-26T09:00")
    shown.get_by_label("Why").fill("The vendor is away.")
    shown.get_by_role("button", name="Put off", exact=True).click()
    expect(shown.get_by_text("The vendor is away.")).to_be_visible()

    page.reload()  # the page comes anew by itself, and would close what is opened before
    shown.get_by_text("What to do").click()
    shown.get_by_text("Hand over, put off, add a line").click()
    shown.get_by_label("Hand over to").select_option("lead")
    shown.get_by_role("button", name="Hand over").click()
    expect(shown.get_by_text("Taken by lead.")).to_be_visible()
    task.refresh_from_db()
    assert task.taken_by.username == "lead"
