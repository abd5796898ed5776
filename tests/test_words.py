"""The screens speak Japanese: every word translated, with the same placeholders as in English."""

import re
from collections import Counter
from html import unescape
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.core.management import call_command
from django.urls import reverse
from django.utils import translation

from incidents.models import Incident
from incidents.playbooks import registry

ROOT = Path(__file__).parents[1]
FILES = [Path(folder, "ja/LC_MESSAGES/django.po") for folder in settings.LOCALE_PATHS]
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%s\b")
# `{% translate "…" %}` with a plain literal, and the calls of gettext with one line of words.
MARKED = re.compile(
    r"""\{% translate "([^"]+)"|\b(?:gettext_noop|noop|gettext|_)\(\s*"([^"\\]+)"\s*\)"""
)


def entries():
    return [entry for path in FILES for entry in polib.pofile(str(path))]


def translations_of(entry):
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parts[-5])
def test_nothing_is_untranslated_or_fuzzy(path):
    words = polib.pofile(str(path))
    assert len(words) > 50
    assert [entry.msgid for entry in words.untranslated_entries()] == []
    assert [entry.msgid for entry in words.fuzzy_entries()] == []
    assert [entry.msgid for entry in words.obsolete_entries()] == []
    once = Counter((entry.msgctxt, entry.msgid) for entry in words)
    assert [msgid for (_, msgid), count in once.items() if count > 1] == []


def test_every_placeholder_is_in_the_translation_and_no_other():
    wrong = [
        entry.msgid
        for entry in entries()
        for words in translations_of(entry)
        if sorted(PLACEHOLDER.findall(words))
        != sorted(PLACEHOLDER.findall(entry.msgid_plural or entry.msgid))
    ]
    assert wrong == []


def test_the_same_words_are_translated_alike_in_both_files():
    first, second = (
        {(entry.msgctxt, entry.msgid): translations_of(entry) for entry in polib.pofile(str(path))}
        for path in FILES
    )
    assert {key for key in first.keys() & second.keys() if first[key] != second[key]} == set()


def test_what_is_marked_in_the_code_is_in_the_files():
    known = {entry.msgid for entry in entries()}
    rooms = [ROOT / "complaints", ROOT / "incidents", ROOT / "templates", ROOT / "config"]
    sources = [
        path for room in rooms for path in room.rglob("*") if path.suffix in (".py", ".html")
    ]
    marked = {
        "".join(found) for path in sources for found in MARKED.findall(path.read_text("utf-8"))
    }
    assert len(marked) > 300
    assert sorted(marked - known) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("page", "words"),
    [("incidents:public-notices", "現在、公示はありません。"), ("login", "ログイン")],
)
def test_who_prefers_japanese_is_answered_in_japanese(client, page, words):
    page = unescape(client.get(reverse(page), headers={"accept-language": "ja"}).content.decode())
    assert '<html lang="ja">' in page
    assert words in page


@pytest.mark.django_db
def test_who_prefers_neither_language_is_answered_in_english(client):
    page = client.get(
        reverse("incidents:public-notices"), headers={"accept-language": "fr"}
    ).content.decode()
    assert '<html lang="en">' in page
    assert "There is no public notice." in page


def test_a_compiled_file_leaves_out_what_is_fuzzy(tmp_path, settings):
    folder = tmp_path / "ja/LC_MESSAGES"
    folder.mkdir(parents=True)
    words = polib.POFile()
    words.metadata = {"Content-Type": "text/plain; charset=UTF-8"}
    words.append(polib.POEntry(msgid="Incident", msgstr="案件"))
    words.append(polib.POEntry(msgid="Letter", msgstr="手紙", flags=["fuzzy"]))
    words.save(str(folder / "django.po"))
    settings.BASE_DIR, settings.LOCALE_PATHS = tmp_path, [tmp_path]

    call_command("compile_words", verbosity=0)

    compiled = polib.mofile(str(folder / "django.mo"))
    assert [(entry.msgid, entry.msgstr) for entry in compiled] == [("Incident", "案件")]
    assert [path.name for path in folder.iterdir() if path.suffix not in (".po", ".mo")] == []


def test_the_lists_of_a_task_and_of_a_state_are_japanese():
    with translation.override("ja"):
        titles = [
            translation.gettext(plan.title) for plan in registry.playbook("relay_abuse").tasks
        ]
        states = [str(label) for label in Incident.State.labels]
    assert [words for words in titles + states if words.isascii()] == []
