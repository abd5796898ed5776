"""The owner's own texts stand in place of the shipped ones until they are restored."""

import json
from io import BytesIO, StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.urls import reverse

from incidents.correspondence import compose, draft, texts
from incidents.correspondence.draft import Draft
from incidents.correspondence.facts import SLOTS, facts_of
from incidents.models import LetterText
from incidents.workflow.moves import NotAllowed
from tests import make
from tests.incidents.correspondence.conftest import NOW

pytestmark = pytest.mark.django_db


def own(body="Dear $addressee: $messages.", about="", language="en"):
    return texts.change(
        "upstream", about, language, subject="Ours $incident", body=body, by="lead", now=NOW
    )


def test_the_slots_that_are_told_are_those_that_there_are(incident):
    assert set(facts_of(incident)) == SLOTS


def test_an_own_text_is_in_force_until_it_is_restored(incident, provider, agent):
    own()
    letter = compose.draft_letter(incident, "upstream", by=agent, now=NOW)
    assert letter.body == "Dear Slipstream Networks: 2.\n"
    texts.restore("upstream", "", "en", by="lead", now=NOW)
    assert "misused as a relay" in draft.source("upstream", "en").body


def test_an_own_text_of_one_language_leaves_the_other(db):
    own()
    assert "中継" in draft.source("upstream", "ja").body


@pytest.mark.parametrize("body", ["", "  ", "cost $5", "$nothing", "{{ settings.SECRET_KEY }} $x"])
def test_what_is_no_text_is_refused(db, body):
    with pytest.raises(NotAllowed):
        own(body)
    assert not LetterText.objects.exists()


def test_another_template_language_is_just_words(incident):
    words = "{{ settings.SECRET_KEY }} {% load x %}\n{incident.__class__} $$5 $host"
    shown = texts.preview(Draft("x", words, "en"), incident)
    expected = words.replace("$$5", "$5").replace("$host", "mail.example.org")
    assert shown.body.split() == expected.split()


def test_there_are_no_other_letters(db):
    with pytest.raises(NotAllowed, match="no such letter"):
        texts.change("evil", "", "en", subject="x", body="x", by="lead", now=NOW)


def test_a_lead_changes_and_restores_a_text_on_its_screen(client, incident):
    client.force_login(make.user("lead", "lead"))
    page = client.get("/texts/upstream.en/").content.decode()
    assert incident.reference in page
    client.post("/texts/upstream.en/", {"subject": "Ours", "body": "Stop, $addressee."})
    assert LetterText.objects.get().changed_by == "lead"
    assert "your own" in client.get("/texts/").content.decode()
    wrong = client.post("/texts/upstream.en/", {"subject": "Ours", "body": "$nobody"})
    assert "$nobody" in wrong.content.decode()
    client.post("/texts/upstream.en/restore/")
    assert not LetterText.objects.exists()
    assert client.get("/texts/..%2Fsecret.en/").status_code == 404


def test_own_texts_go_out_and_in_all_or_none(db, tmp_path):
    own()
    own(body="$host：$messages 通", language="ja")
    stdout = StringIO()
    call_command("texts", "export", stdout=stdout)
    LetterText.objects.all().delete()
    document = json.loads(stdout.getvalue())
    assert texts.bring_in(document, by="lead", now=NOW) == 2
    assert texts.export() == document
    document["texts"][0]["body"] = "Changed, $host."
    document["texts"][1]["body"] = "$nothing"
    file = tmp_path / "texts.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(CommandError, match=r"upstream\.ja: .*\$nothing"):
        call_command("texts", "import", str(file))
    assert "Changed" not in draft.source("upstream", "en").body


TEXT = {"name": 1, "about": "", "language": "en", "subject": "x", "body": "x"}


@pytest.mark.parametrize(
    "texts_given", [None, "x", [{"name": "upstream"}], [TEXT], [TEXT | {"name": "evil"}]]
)
def test_what_is_no_file_of_texts_is_refused(db, texts_given):
    for document in (texts_given, {"texts": texts_given}):
        with pytest.raises(NotAllowed):
            texts.bring_in(document, by="lead", now=NOW)
    with pytest.raises(NotAllowed):
        texts.bring_in({"meyasu": texts.FORMAT, "texts": texts_given}, by="lead", now=NOW)
    assert not LetterText.objects.exists()


def test_a_lead_takes_the_texts_to_another_desk_on_the_screen(client, incident):
    client.force_login(make.user("lead", "lead"))
    own()
    taken = client.get("/texts/all.json").content
    LetterText.objects.all().delete()
    client.post("/texts/import/", {"file": BytesIO(taken)})
    assert LetterText.objects.get().subject == "Ours $incident"
    page = client.post("/texts/import/", {"file": BytesIO(b"{")}, follow=True)
    assert "no file of letter texts" in page.content.decode()


def test_an_agent_reads_texts_and_changes_none(client, incident):
    client.force_login(make.user("agent"))
    client.post("/texts/upstream.en/", {"subject": "Ours", "body": "x"})
    assert not LetterText.objects.exists()
    assert client.post("/texts/upstream.en/restore/").status_code == 403


def test_a_text_is_seen_on_the_incident_that_is_asked_for(incident, client):
    other = make.incident(reference="I-1998-0077", title="Another")
    client.force_login(make.user("lead", "lead"))
    page = reverse("incidents:letter-text", args=["upstream.en"])
    assert "I-1998-0077" in client.get(page).context["preview"].subject  # the latest
    chosen = client.get(page, {"incident": incident.reference})
    assert incident.reference in chosen.context["preview"].subject
    assert other.reference in chosen.text  # is offered
    assert "There is no incident I-2000-0001" in client.get(page, {"incident": "I-2000-0001"}).text
