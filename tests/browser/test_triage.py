"""Triage in a browser: one key a complaint where the machine was right, undone, and live."""

import pytest
from playwright.sync_api import expect

from complaints.models import Complaint, Link
from incidents.desk import presence
from incidents.models import Campaign
from tests import make

pytestmark = pytest.mark.browser


@pytest.fixture
def waiting(case):
    """Complaints that wait for a person, each with a message that is proposed."""
    messages = [make.relayed_message(queued_at=make.at("1998-01-20 05:00")) for _ in range(10)]
    for number, message in enumerate(messages):
        complaint = make.complaint(stage=Complaint.Stage.OPEN, subject=f"Spam number {number}")
        Link.objects.create(
            complaint=complaint,
            message=message,
            state=Link.State.PROPOSED,
            score=0.8,
            reasons=[{"fact": "the same sender, 3 minutes apart", "weight": 3.0}],
            linked_at=complaint.arrived_at,
        )
    return messages


def test_a_key_accepts_what_the_machine_proposes_and_the_next_row_has_the_focus(
    waiting, page, sign_in, watch, live_server, pictures
):
    sign_in(watch(page), "lead")
    page.goto(f"{live_server.url}/?kind=complaints")
    keys = 0

    def press(key):
        nonlocal keys
        keys += 1
        page.keyboard.press(key)

    press("j")
    for left in range(9, -1, -1):
        press("a")
        expect(page.locator("#waiting > li")).to_have_count(left)
        if left:
            expect(page.locator("[data-row] [data-open]").first).to_be_focused()

    assert Link.objects.filter(state=Link.State.CONFIRMED).count() == 10
    assert keys / 10 <= 2


def test_an_act_is_undone_by_its_note(waiting, page, sign_in, watch, live_server):
    sign_in(watch(page), "lead")
    page.goto(f"{live_server.url}/?kind=complaints")
    page.get_by_label("all on this page").check()
    page.locator(".bulk").get_by_role("button", name="Accept").click()
    expect(page.locator("#done")).to_contain_text("10 accepted")
    page.keyboard.press("z")
    expect(page.locator("#waiting > li")).to_have_count(10)
    assert Link.objects.filter(state=Link.State.CONFIRMED).count() == 0


def test_without_scripts_a_row_is_accepted_and_taken_back(
    waiting, new_context, sign_in, watch, live_server
):
    page = watch(new_context(java_script_enabled=False).new_page())
    sign_in(page, "lead")
    page.goto(f"{live_server.url}/?kind=complaints")
    page.locator("#waiting > li").first.get_by_role("button", name="It is").click()
    assert Link.objects.filter(state=Link.State.CONFIRMED).count() == 1
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("It is as it was.")).to_be_visible()
    assert Link.objects.filter(state=Link.State.CONFIRMED).count() == 0


def test_a_view_is_kept_by_a_name_and_shared(
    waiting, page, new_context, sign_in, watch, live_server
):
    sign_in(watch(page), "lead")
    page.goto(f"{live_server.url}/?kind=complaints")
    page.locator("summary", has_text="More filters").click()
    page.get_by_label("Keep this view as").fill("Night shift")
    page.get_by_label("for everybody at the desk").check()
    page.get_by_role("button", name="Keep").click()

    agent = watch(new_context().new_page())
    sign_in(agent, "agent")
    # The chips come anew with their counts: a click on one that goes is lost.
    agent.wait_for_load_state("networkidle")
    agent.get_by_role("link", name="Night shift").click()
    agent.wait_for_url(f"{live_server.url}/?kind=complaints")


def test_another_person_at_the_same_complaint_is_shown(
    case, desk, page, sign_in, watch, live_server
):
    threat = Complaint.objects.get(threatens_block=True)
    presence.come(desk["agent"], threat.reference, now=make.at("1998-01-22 12:00"))
    sign_in(watch(page), "lead")
    page.goto(f"{live_server.url}/complaints/{threat.reference}/")
    expect(page.get_by_text("agent is looking at this")).to_be_visible()


def test_two_incidents_that_may_be_one_are_merged_by_a_key_and_parted_again(
    case, page, sign_in, watch, live_server
):
    other = make.incident(reference="I-1998-0002", title="Mail about riches")
    campaign = make.campaign(other)
    Campaign.objects.filter(pk=campaign.pk).update(
        resembles=case.campaigns.get(), resembles_why=[{"fact": "the same words", "weight": 1.5}]
    )
    sign_in(watch(page), "lead")
    page.goto(f"{live_server.url}/?kind=merges")
    expect(page.locator("#waiting > li")).to_contain_text("the same words")
    page.keyboard.press("j")
    page.keyboard.press("a")
    expect(page.locator("#done")).to_contain_text("1 accepted")
    other.refresh_from_db()
    assert other.merged_into == case
    page.keyboard.press("z")
    expect(page.locator("#waiting > li")).to_have_count(1)
    other.refresh_from_db()
    assert other.merged_into is None
