"""Tasks and links on the page: with scripts in place, without scripts by reloading."""

import pytest
from playwright.sync_api import expect

from complaints.models import Complaint, Link

pytestmark = pytest.mark.browser


def test_finishing_a_task_in_place_frees_the_tasks_that_waited_for_it(
    case, page, sign_in, watch, live_server
):
    watch(page)
    sign_in(page, "lead")
    page.goto(f"{live_server.url}/incidents/{case.reference}/")
    page.evaluate("window.isTheSamePage = true")
    notice = page.locator(".task", has_text="Public notice")
    expect(notice.get_by_text("Waits for:")).to_be_visible()

    assess = page.locator(f"#task-{case.tasks.get(kind='assess').pk}")
    assess.get_by_text("What to do").click()
    assess.get_by_label("Note").fill("Our host relays for anybody.")
    assess.get_by_role("button", name="Finish").click()

    expect(notice.get_by_text("Waits for:")).to_have_count(0)
    assert page.evaluate("window.isTheSamePage")
    assert case.tasks.get(kind="assess").outcome_note == "Our host relays for anybody."


def test_a_refused_move_says_why_at_its_task(case, page, sign_in, watch, live_server):
    watch(page)
    sign_in(page, "lead")
    page.goto(f"{live_server.url}/incidents/{case.reference}/")
    fix = page.locator(f"#task-{case.tasks.get(kind='fix').pk}")
    fix.get_by_text("What to do").click()
    fix.get_by_role("button", name="Finish").click()

    expect(fix.get_by_role("alert")).to_contain_text("which is still open")
    assert case.tasks.get(kind="fix").is_open


def test_a_task_can_be_finished_without_scripts(case, new_context, sign_in, watch, live_server):
    page = watch(new_context(java_script_enabled=False).new_page())
    sign_in(page, "lead")
    page.goto(f"{live_server.url}/incidents/{case.reference}/")
    assess = page.locator(f"#task-{case.tasks.get(kind='assess').pk}")
    assess.get_by_text("What to do").click()
    assess.get_by_role("button", name="Finish").click()
    page.wait_for_load_state()

    assert not case.tasks.get(kind="assess").is_open


def test_a_person_says_that_a_proposed_message_is_not_the_one(
    case, page, sign_in, watch, live_server
):
    watch(page)
    sign_in(page, "agent")
    threat = Complaint.objects.get(threatens_block=True)
    page.goto(f"{live_server.url}/complaints/{threat.reference}/")
    expect(page.get_by_text("<script>alert(1)</script>")).to_be_visible()
    page.get_by_role("button", name="Not this one").click()

    expect(page.get_by_text("rejected by a person")).to_be_visible()
    assert Link.objects.get().state == Link.State.REJECTED


def test_a_stranger_reports_abuse_and_is_told_a_reference(desk, page, watch, live_server):
    watch(page)
    page.goto(f"{live_server.url}/report/")
    page.get_by_label("Your e-mail address").fill("ann@quarry.example")
    page.get_by_label("What happened").fill("Your server sent me advertising.")
    page.get_by_role("button", name="Send the report").click()

    expect(page.get_by_text(Complaint.objects.get().reference)).to_be_visible()
