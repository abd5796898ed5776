"""Every screen in both themes and two widths: no error, no sideways scrolling, and a picture."""

import os
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction
from playwright.sync_api import expect

from complaints.models import Complaint
from incidents.automation import rules
from incidents.automation.terms import Terms
from incidents.correspondence import compose
from incidents.finding import index
from incidents.models import Incident, Notice, Task
from incidents.notices import publish
from incidents.workflow import moves
from tests import make
from tests.axe import barriers

pytestmark = pytest.mark.browser

README_PICTURE = Path(__file__).parents[2] / "docs" / "screenshots" / "incident.png"
WIDTHS = {"wide": 1440, "narrow": 390}


@pytest.fixture
def addresses(case, desk):
    """Each screen by a name, with something on it."""
    now = case.discovered_at
    draft = publish.draft_notice(case, language="en", by=desk["agent"], now=now)
    letter = compose.draft_letter(case, "csirt", by=desk["agent"], now=now)
    Notice.objects.create(
        reference="N-1998-0099",
        incident=case,
        state=Notice.State.PUBLISHED,
        title="Mail that passed through our server",
        body="Strangers sent advertising through our mail server.",
        written_at=now,
        published_at=now,
    )
    threat = Complaint.objects.get(threatens_block=True)
    index.rebuild(lambda *_: None)
    three = Terms("three", "complaint-joined", complaints=3, within_hours=1, raise_to=1)
    rules.save(three, based_on=None, by=desk["lead"], now=now)
    return {
        "triage": "/",
        "incidents": "/incidents/",
        "incident": f"/incidents/{case.reference}/",
        "plan-anew": f"/incidents/{case.reference}/plan/?kind=malware",
        "extent": f"/incidents/{case.reference}/extent/",
        "timeline": f"/incidents/{case.reference}/timeline/",
        "search": "/search/?q=mail",
        "complaints": "/complaints/",
        "coverage": "/coverage/?days=365",
        "calibration": "/calibration/",
        "said": f"/incidents/{case.reference}/said/",
        "members": f"/incidents/{case.reference}/complaints/",
        "keep-apart": f"/incidents/{case.reference}/move/{threat.reference}/",
        "merge": f"/incidents/{case.reference}/merge/",
        "split": f"/incidents/{case.reference}/split/?complaint={threat.reference}",
        "contacts": f"/incidents/{case.reference}/contacts/",
        "report-of-incident": f"/incidents/{case.reference}/report/",
        "texts": "/texts/",
        "quarantine": "/complaints/?stage=quarantined",
        "nothing-found": "/search/?q=kettle",
        "no-message": "/maillog/?queue_id=NONE0",
        "upload": "/complaints/upload/",
        "note": "/complaints/note/",
        "mailboxes": "/mailboxes/",
        "complaint": f"/complaints/{threat.reference}/",
        "letter": f"/letters/{letter.pk}/",
        "notice-draft": f"/notices/{draft.reference}/edit/",
        "notices": "/notices/",
        "notice": "/notices/N-1998-0099/",
        "report": "/report/",
        "maillog": "/maillog/?client_ip=198.51.100.7",
        "api-docs": "/api/v1/docs",
        "playbooks": "/playbooks/",
        "rules": "/rules/",
        "rule": "/rules/three/",
        "rule-form": "/rules/three/edit/",
        "blocking": f"/incidents/{case.reference}/blocking/",
        "playbook": "/playbooks/relay_abuse/",
        "playbook-forms": "/playbooks/relay_abuse/edit/",
        "playbook-compared": "/playbooks/relay_abuse/compare/",
        "nudges": "/nudges/",
        "setup": "/setup/",
        "design": "/design/",
    }


@pytest.fixture
def fixed_case(case, desk, clock_at):
    """The incident in February: told to the public, fixed, verified, its tasks done."""
    lead = desk["lead"]
    moves.complete(case.tasks.get(kind="assess"), by=lead, now=make.at("1998-01-20 06:00"))
    moves.record_notice(case, now=make.at("1998-01-23 02:00"), by=lead, reference="N-1998-0099")
    Incident.objects.update(partially_fixed_at=make.at("1998-01-25 01:30"))
    case.refresh_from_db()
    fixed_at = make.at("1998-01-30 09:05")
    moves.complete(case.tasks.get(kind="fix"), note="Relaying is refused.", by=lead, now=fixed_at)
    run = case.probe_runs.create(
        host=case.host,
        address="192.0.2.25 port 25",
        started_at=fixed_at + timedelta(minutes=10),
        finished_at=fixed_at + timedelta(minutes=11),
        started_by="Meyasu",
        verdict="fixed",
        reasons=[
            {"words": "refuses all %(count)s ways of relaying", "values": {"count": 22}},
            {"words": "mail for a mailbox of ours is still taken", "values": {}},
        ],
    )
    with transaction.atomic():
        moves.record_verdict(case, run, now=fixed_at + timedelta(minutes=11))
    for task in case.tasks.filter(state=Task.State.OPEN).exclude(kind="close"):
        moves.settle(task, outcome="sent", note="", by=lead, now=make.at("1998-02-12 00:00"))
    clock_at("1998-02-20 02:00")
    return case


def test_a_fixed_incident_shows_its_three_times_and_its_verdict(
    fixed_case, page, sign_in, watch, live_server, pictures
):
    watch(page)
    sign_in(page, "lead")
    page.goto(f"{live_server.url}/incidents/{fixed_case.reference}/")
    figures = page.locator("#headline dl > div")
    for name, days in (
        ("Discovery to notice", "3 days"),
        ("To a partial fix", "5 days"),
        ("To the real fix", "10 days"),
    ):
        expect(figures.filter(has_text=name).locator("dd")).to_contain_text(days)
    expect(page.locator("#verification .verdict.fixed").first).to_be_visible()
    page.screenshot(path=pictures / "incident.png")
    if "MEYASU_SCREENSHOTS" in os.environ:
        README_PICTURE.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(pictures / "incident.png", README_PICTURE)


@pytest.mark.timeout(400)  # all screens in one browser: a busy machine takes its time
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_every_screen_is_shown_without_error_and_fits_its_window(
    theme, width, addresses, new_context, sign_in, watch, live_server, pictures
):
    page = watch(new_context(color_scheme=theme).new_page())
    page.set_viewport_size({"width": WIDTHS[width], "height": 900})
    page.goto(f"{live_server.url}/sign-in/")
    page.screenshot(path=pictures / f"sign-in-{theme}-{width}.png", full_page=True)
    sign_in(page, "lead")
    for name, address in addresses.items():
        answer = page.goto(f"{live_server.url}{address}")
        assert (name, answer.status) == (name, 200)
        page.wait_for_load_state("networkidle")
        sideways = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert (name, sideways) == (name, 0)
        page.screenshot(path=pictures / f"{name}-{theme}-{width}.png", full_page=True)
        if width == "wide" and name != "api-docs":  # that page is another project's
            assert (name, barriers(page)) == (name, [])


@pytest.mark.timeout(400)
@pytest.mark.parametrize("width", [360, 3840])
def test_every_screen_fits_the_smallest_and_the_widest_window(
    width, addresses, page, sign_in, watch, live_server, pictures
):
    watch(page).set_viewport_size({"width": width, "height": 1200})
    sign_in(page, "lead")
    for name, address in addresses.items():
        if name != "api-docs":  # that page is another project's
            page.goto(f"{live_server.url}{address}")
            page.wait_for_load_state("networkidle")
            sideways = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert (name, sideways) == (name, 0)
            if name in ("triage", "incident", "complaint", "maillog", "notice"):
                page.screenshot(path=pictures / f"{name}-{width}.png", full_page=True)


def test_an_incident_and_a_notice_are_printed_whole_and_without_buttons(
    addresses, page, sign_in, watch, live_server, pictures
):
    watch(page)
    sign_in(page, "lead")
    page.set_viewport_size({"width": 794, "height": 1123})  # A4 at 96 dots an inch
    page.emulate_media(media="print")
    for name in ("incident", "notice", "report"):
        page.goto(f"{live_server.url}{addresses[name]}")
        page.wait_for_load_state("networkidle")
        page.screenshot(path=pictures / f"print-{name}.png", full_page=True)
        assert page.locator("button:visible, .masthead:visible, main form:visible").count() == 0
        sideways = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert (name, sideways) == (name, 0)
        if name == "incident":
            expect(page.get_by_text("A sender that nobody has used before")).to_be_visible()
