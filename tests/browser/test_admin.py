"""The administration in a real browser: its theme works within the policy that it is given."""

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import expect

from complaints import clock
from complaints.models import Mailbox
from incidents.reporting import rollups
from tests.browser.conftest import PASSWORD
from tests.browser.test_screens import barriers

pytestmark = pytest.mark.browser

PAGES = (
    "/admin/",
    "/admin/incidents/incident/",
    "/admin/incidents/contact/add/",
    "/admin/complaints/complaint/",
    "/admin/complaints/mailhost/",
    "/admin/complaints/mailbox/",
    "/admin/complaints/mailbox/add/",
    "/admin/auth/user/",
    "/admin/auth/user/add/",
    "/admin/password_change/",
)


@pytest.fixture
def manager(page, case, sign_in, watch):
    """A page of somebody who may do everything, under watch."""
    user = User.objects.create_superuser("manager")
    user.set_password(PASSWORD)
    user.save()
    watch(page)
    sign_in(page, "manager")
    return page


def test_no_page_of_the_administration_needs_more_than_its_policy(live_server, manager):
    box = Mailbox.objects.create(name="abuse", host="mail.example", username="abuse")
    pages = (*PAGES, f"/admin/complaints/mailbox/{box.pk}/change/")
    for address in (*pages, f"/admin/complaints/mailbox/{box.pk}/delete/"):
        answer = manager.goto(live_server.url + address)
        assert answer.status == 200, address
        policy = answer.headers["content-security-policy"].split("; ")
        assert "script-src 'self' 'unsafe-eval'" in policy


def test_the_menus_of_the_theme_open(live_server, manager):
    manager.goto(f"{live_server.url}/admin/")
    menu = manager.get_by_role("link", name="Log out").or_(
        manager.get_by_role("button", name="Log out")
    )
    expect(menu.first).not_to_be_visible()
    manager.locator("[x-on\\:click*='openUserLinks']").first.click()
    expect(menu.first).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_on_the_dashboard_and_the_reports(
    theme, live_server, case, sign_in, new_context
):
    user = User.objects.create_superuser("manager")
    user.set_password(PASSWORD)
    user.save()
    rollups.keep(now=clock.now())
    page = new_context(color_scheme=theme).new_page()
    sign_in(page, "manager")
    reports = (f"/incidents/{case.reference}/report/", "/reports/1998-01/")
    for address in ("/admin/?first=1998-01-01&last=1998-01-31", *reports):
        page.goto(f"{live_server.url}{address}")
        assert (address, barriers(page)) == (address, [])
