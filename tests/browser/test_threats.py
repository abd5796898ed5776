"""A threat on the page of its incident: its condition, the proof, and how it ended."""

import pytest
from playwright.sync_api import expect

from incidents.models import Threat

pytestmark = pytest.mark.browser


def test_a_threat_gets_its_condition_and_proof_and_is_lifted(
    case, page, sign_in, watch, live_server
):
    watch(page)
    threat = Threat.objects.get()
    sign_in(page, "agent")
    page.goto(f"{live_server.url}/incidents/{case.reference}/")
    shown = page.locator(f"#threat-{threat.pk}")
    for label, words, button in (
        ("On which condition", "Relaying ends.", "Save the condition"),
        ("Which proof was sent", "The verdict, by letter.", "Note the proof"),
        ("How it is known", "They wrote so.", "It has ended"),
    ):
        shown.get_by_text("Condition, proof, what came of it").click()
        shown.get_by_label(label).fill(words)
        shown.get_by_role("button", name=button).click()
        expect(shown.locator("div", has_text=words).first).to_be_visible()
    threat.refresh_from_db()
    assert (threat.state, threat.ended_by) == ("lifted", "agent")
