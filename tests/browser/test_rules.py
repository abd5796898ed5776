"""A lead writes a rule, sees what it would have done, and switches it on."""

import pytest
from playwright.sync_api import expect

from complaints import audit
from complaints.models import Complaint
from incidents.models import Rule
from tests import make

pytestmark = pytest.mark.browser


def test_a_rule_is_written_tried_on_past_cases_and_switched_on(case, page, sign_in, watch):
    watch(page)
    threat = Complaint.objects.get(threatens_block=True)
    audit.record(
        "complaint-joined", threat, at=make.at("1998-01-21 03:00"), incident=case.reference
    )
    sign_in(page, "lead")
    page.get_by_role("link", name="Playbooks").click()
    page.get_by_role("link", name="Rules").click()
    page.get_by_role("link", name="New rule").click()
    page.get_by_label("Name:").fill("threats-to-lead")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".field.wrong")).to_contain_text("The rule does nothing")

    page.get_by_label("Only complaints that threaten").check()
    page.get_by_label("Its tasks are for").select_option("the lead")
    first = page.get_by_role("group", name="Condition 1")
    first.get_by_label("What is asked").select_option("the kind of reporter")
    first.get_by_label("With what").fill("csirt")
    page.get_by_role("button", name="One more condition").click()
    second = page.get_by_role("group", name="Condition 2")
    second.get_by_label("Joined by").select_option("or")
    second.get_by_label("What is asked").select_option("the subject of the complaint")
    second.get_by_label("How it is compared").select_option("does not contain")
    second.get_by_label("With what").fill("lottery")
    page.get_by_role("button", name="Save").click()
    said = page.get_by_role("region", name="What it says")
    expect(said).to_contain_text("the kind of reporter is csirt or the subject of the complaint")
    expect(page.get_by_text("It would have run on 1 of the last 1 cases.")).to_be_visible()
    expect(page.get_by_role("row", name=case.reference)).to_contain_text("assign the tasks: lead")

    page.get_by_role("button", name="Switch on").click()
    expect(page.get_by_role("button", name="Switch off")).to_be_visible()
    assert Rule.objects.get(name="threats-to-lead").is_on
