"""Notices in two languages stand side by side, with their history; as files they need no server."""

from html.parser import HTMLParser

import pytest
from django.core.management import CommandError, call_command

from incidents.notices import publish
from tests.incidents.notices.test_publish import FRIDAY, MONDAY, agent, incident, lead  # noqa: F401

pytestmark = pytest.mark.django_db


@pytest.fixture
def both(incident, agent, lead):  # noqa: F811
    pair = publish.draft_pair(incident, by=agent, now=FRIDAY)
    for notice in pair:
        publish.approve(notice, by=lead, now=FRIDAY)
        publish.publish(notice, by=lead, now=FRIDAY)
    return pair


def page(client, notice):
    return client.get(f"/notices/{notice.reference}/").content.decode()


def test_both_languages_are_on_the_page_of_each(client, both):
    english, japanese = both
    for notice in both:
        shown = page(client, notice)
        assert english.title in shown
        assert japanese.title in shown
        assert '<article class="stack loose" lang="ja">' in shown


def test_a_draft_is_not_shown_beside_the_published_one(client, incident, agent, lead):  # noqa: F811
    english, japanese = publish.draft_pair(incident, by=agent, now=FRIDAY)
    publish.approve(english, by=lead, now=FRIDAY)
    publish.publish(english, by=lead, now=FRIDAY)
    assert japanese.title not in page(client, english)


def test_a_correction_shows_what_it_said_before(client, both, lead):  # noqa: F811
    english = both[0]
    said = {
        "title": english.title,
        "body": "Three messages.",
        "correction": "The number was wrong.",
    }
    before = english.body.split("\n")[0]
    publish.correct(english, **said, by=lead, now=MONDAY)
    shown = page(client, english)
    assert "Three messages." in shown
    assert "The number was wrong." in shown
    assert before in shown.partition("<details")[2]


def test_the_files_are_a_site_that_needs_no_server(both, lead, tmp_path):  # noqa: F811
    publish.withdraw(both[1], reason="Written in error <b>", by=lead, now=MONDAY)
    where = tmp_path / "www"
    call_command("notices", "export", str(where), address="https://www.example.org/n/")
    assert sorted(path.name for path in where.iterdir()) == [
        "N-1998-0001.html",
        "N-1998-0002.html",
        "feed.xml",
        "index.html",
        "notices.css",
    ]
    links = {link for path in where.glob("*.html") for link in _links(path)}
    assert {link for link in links if not (where / link).exists()} == set()
    withdrawn = (where / "N-1998-0002.html").read_text()
    assert "Written in error &lt;b&gt;" in withdrawn
    assert both[1].body.split("\n")[0] not in withdrawn
    feed = (where / "feed.xml").read_text()
    assert "https://www.example.org/n/N-1998-0001.html" in feed
    call_command("notices", "export", str(where))


def test_a_folder_that_cannot_be_written_is_said(db, tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("notices", "export", str(tmp_path / "file"))


def _links(path):
    class Links(HTMLParser):
        found: list[str] = []

        def handle_starttag(self, tag, attrs):
            self.found += [value for name, value in attrs if name in ("href", "src")]

    parser = Links()
    parser.feed(path.read_text())
    return parser.found
