"""The feed of public notices."""

import xml.etree.ElementTree as ElementTree

import pytest
from django.test import RequestFactory
from django.urls import include, path

from incidents.models import Notice
from incidents.notices.feed import NoticeFeed
from tests import make
from tests.make import at

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]
ATOM = "{http://www.w3.org/2005/Atom}"
public_pages = [path("notices/", lambda request: None, name="public-notices")]
urlpatterns = [path("", include((public_pages, "incidents")))]


def notice(number, **fields):
    facts = {
        "reference": f"N-1998-{number:04}",
        "incident": fields.pop("incident", None) or make.incident(),
        "state": Notice.State.PUBLISHED,
        "title": f"Notice {number}",
        "body": "One.\n\n<script>two</script>",
        "written_at": at("1998-01-22 06:00"),
        "published_at": at("1998-01-23 02:00"),
    } | fields
    return Notice.objects.create(**facts)


def entries():
    answer = NoticeFeed()(RequestFactory().get("/notices/feed.xml"))
    assert answer["Content-Type"].startswith("application/atom+xml")
    return ElementTree.fromstring(answer.content).findall(f"{ATOM}entry")


def text(entry, name):
    return entry.find(f"{ATOM}{name}").text


def test_only_what_is_public_is_in_the_feed_the_newest_first(settings):
    settings.MEYASU_PUBLIC_URL = "https://abuse.example.org"
    notice(1)
    notice(2, published_at=at("1998-01-26 02:00"))
    notice(3, state=Notice.State.DRAFT, published_at=None)
    first, second = entries()
    assert (text(first, "title"), text(second, "title")) == ("Notice 2", "Notice 1")
    link = first.find(f"{ATOM}link").get("href")
    assert link == "https://abuse.example.org/notices/N-1998-0002/"


def test_a_correction_moves_the_time_of_the_entry():
    notice(1, corrected_at=at("1998-01-27 02:00"))
    (entry,) = entries()
    assert text(entry, "published").startswith("1998-01-23")
    assert text(entry, "updated").startswith("1998-01-27")


def test_a_withdrawn_notice_says_why_and_shows_its_text_no_more():
    notice(
        1,
        state=Notice.State.WITHDRAWN,
        withdrawn_at=at("1998-01-28 02:00"),
        withdrawal_reason="Wrong server.",
    )
    (entry,) = entries()
    assert "Wrong server." in text(entry, "summary")
    assert "two" not in text(entry, "summary")


def test_markup_in_a_notice_is_text():
    notice(1)
    (entry,) = entries()
    assert "&lt;script&gt;" in text(entry, "summary")
