"""Every screen in both themes and two widths: no error, no sideways scrolling, and a picture."""

import os
import shutil
from pathlib import Path

import pytest

from complaints.models import Complaint
from incidents.correspondence import compose
from incidents.models import Notice
from incidents.notices import publish

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
    return {
        "triage": "/",
        "incidents": "/incidents/",
        "incident": f"/incidents/{case.reference}/",
        "complaints": "/complaints/",
        "complaint": f"/complaints/{threat.reference}/",
        "letter": f"/letters/{letter.pk}/",
        "notice-draft": f"/notices/{draft.reference}/edit/",
        "notices": "/notices/",
        "notice": "/notices/N-1998-0099/",
        "report": "/report/",
        "maillog": "/maillog/?client_ip=198.51.100.7",
        "design": "/design/",
    }


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
        sideways = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert (name, sideways) == (name, 0)
        page.screenshot(path=pictures / f"{name}-{theme}-{width}.png", full_page=True)
    if os.environ.get("MEYASU_SCREENSHOTS") and (theme, width) == ("light", "wide"):
        page.goto(f"{live_server.url}{addresses['incident']}")
        page.screenshot(path=pictures / "incident.png")
        README_PICTURE.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(pictures / "incident.png", README_PICTURE)
