"""A gallery of hostile mail in a real browser: nothing leaves, nothing runs, nothing navigates."""

import pytest
from playwright.sync_api import expect

from complaints import rawstore
from tests import make

pytestmark = pytest.mark.browser

HEAD = b"From: eve@evil.example\nMIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n\n"
GALLERY = {
    "script": "<script>top.isHacked = document.isHacked = 1</script>",
    "handlers": "<img src=x onerror='top.isHacked = 1'><body onload='top.isHacked = 1'>",
    "svg": "<svg><script>top.isHacked = 1</script><image href='http://evil.example/s'/></svg>",
    "css": "<style>@import url(http://evil.example/c); *{background:url(//evil.example/b)}</style>",
    "meta refresh": "<meta http-equiv='refresh' content='0; url=http://evil.example/r'>",
    "remote images": "<img src='http://evil.example/i'><video poster='//evil.example/v'></video>",
    "form": "<form action='http://evil.example/f'><input autofocus><button>Sign in</button></form>",
    "link": "<a id=go href='http://evil.example/l' target=_top>Your account</a>",
    "right to left": "<p dir=rtl>\u202egnp.exe\u202c safe</p><p>\u2067turned</p>",
    "huge table": "<table>" + "<tr>" + "<td colspan=9999>x</td>" * 2000 + "</tr></table>",
    "deep": "<div>" * 5000 + "x",
    "frames": "<iframe src='http://evil.example/d'></iframe><object data='http://evil.example/o'></object>",
}


@pytest.fixture
def gallery(desk, clock_at):
    """A complaint for each hostile mail, with the same text as its plain text."""
    clock_at("1998-01-22 12:00")
    return {
        name: make.complaint(
            text=source,
            subject=f"{name} \u202egnp.exe",
            raw_sha256=rawstore.keep(HEAD + source.encode()),
        )
        for name, source in GALLERY.items()
    }


def test_no_mail_of_the_gallery_fetches_runs_or_leads_anywhere(
    gallery, page, sign_in, live_server, pictures
):
    asked, told = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: (told.append(dialog.message), dialog.dismiss()))
    page.on("popup", lambda popup: told.append(popup.url))
    sign_in(page, "lead")
    for name, complaint in gallery.items():
        address = f"{live_server.url}/complaints/{complaint.reference}/"
        page.goto(address)
        page.locator("summary", has_text="As its sender laid it out").click()
        page.get_by_role("link", name="Show attached pictures").click()
        frame = page.frame_locator("iframe")
        expect(frame.locator("body")).to_be_attached()
        expect(
            frame.locator("script, form, a, svg, iframe, meta[http-equiv], input")
        ).to_have_count(0)
        page.wait_for_timeout(100)
        assert (name, page.url) == (name, address)
        assert "\u202e" not in page.inner_text("main")
        assert (name, page.evaluate("window.isHacked")) == (name, None)
        sideways = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert (name, sideways) == (name, 0)
        page.screenshot(path=pictures / f"hostile-{name.replace(' ', '-')}.png")

    assert [url for url in asked if not url.startswith((live_server.url, "data:"))] == []
    assert told == []


def test_the_frame_has_walls_of_its_own(gallery, page, sign_in, live_server):
    sign_in(page, "lead")
    complaint = gallery["script"]
    answer = page.goto(f"{live_server.url}/complaints/{complaint.reference}/shown/")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert policy.endswith("sandbox")
    assert answer.headers["referrer-policy"] == "no-referrer"
    page.goto(f"{live_server.url}/complaints/{complaint.reference}/")
    assert page.locator("iframe").get_attribute("sandbox") == ""
