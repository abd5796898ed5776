"""The HTML of a mail is shown without anything that acts, fetches or leads anywhere."""

import pytest

from complaints.reading import showing, shown

HEAD = b"From: a@b.example\nMIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n\n"
PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ"
    "AAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
HOSTILE = {
    "script": "<script>alert(1)</script>",
    "handler": "<p onclick=alert(1)>x</p>",
    "svg": "<svg onload=alert(1)><a xlink:href='javascript:alert(1)'>x</a></svg>",
    "style": "<style>@import 'http://evil.example/x'</style><p style='background:url(http://evil.example/y)'>x",
    "refresh": "<meta http-equiv=refresh content='0;url=http://evil.example/'>",
    "picture": "<img src='http://evil.example/p.png' srcset='http://evil.example/q.png'>",
    "form": "<form action='http://evil.example/'><input name=password><button>Go</button></form>",
    "link": "<a href='http://evil.example/'>x</a><base href='http://evil.example/'>",
    "frame": "<iframe src='http://evil.example/'></iframe><object data='http://evil.example/'></object>",
    "mutation": "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph>",
    "data": "<img src='data:image/svg+xml,<svg onload=alert(1)>'>",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_that_acts_or_fetches_is_left(name):
    page = shown.shown(HEAD + HOSTILE[name].encode(), with_pictures=True)
    for word in (
        "evil.example",
        "<script",
        "<svg",
        "onerror",
        "onclick",
        "javascript:",
        "data:",
        "<form",
        "href",
        "style",
    ):
        assert word not in page, page


def _with_picture() -> bytes:
    return (
        b"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=b\n\n"
        b"--b\nContent-Type: text/html\n\n<p>Look <img src='cid:Pic@x' alt='a picture'></p>\n"
        b"--b\nContent-Type: image/png\nContent-ID: <Pic@x>\nContent-Transfer-Encoding: base64\n\n"
        + PIXEL.encode()
        + b"\n--b--\n"
    )


def test_an_attached_picture_is_shown_only_where_it_is_asked_for():
    assert "data:image/png" not in shown.shown(_with_picture(), with_pictures=False)
    assert f"data:image/png;base64,{PIXEL}" in shown.shown(_with_picture(), with_pictures=True)


def test_a_process_of_its_own_cleans_it_and_is_stopped_where_it_takes_too_long(monkeypatch):
    assert showing.shown(HEAD + b"<p>Hello</p>", with_pictures=False).strip() == "<p>Hello</p>"
    monkeypatch.setattr(showing, "WALL_SECONDS", 0.0001)
    with pytest.raises(showing.NotShown):
        showing.shown(HEAD + b"<p>Hello</p>", with_pictures=False)
