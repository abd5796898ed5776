"""A correspondent's page: the address in the letter opens it, and the answer reaches its task."""

from pathlib import Path

import pytest
from django.utils import timezone

from complaints.models import Complaint
from incidents import pipeline
from incidents.correspondence import compose, tokens
from incidents.models import Letter, Reply
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def letter(data_dir):
    make.organisation()
    token = tokens.new_token()
    return Letter.objects.create(
        incident=make.incident(),
        kind="upstream",
        state=Letter.State.SENT,
        to_name="Abuse Desk",
        to_address="abuse@upstream.example",
        subject="Bulk mail from your network",
        body="Secret evidence.",
        token=token,
        message_id=tokens.message_id(token, "example.org"),
        drafted_at=timezone.now(),
        sent_at=timezone.now(),
    )


def page_of(letter: Letter) -> str:
    return f"/reply/{tokens.page_token(letter.token)}/"


def test_an_answer_is_filed_with_its_letter(client, letter):
    answer = client.post(page_of(letter), {"text": "The customer is off the network."})

    assert "stored with our letter" in answer.content.decode()
    complaint = Complaint.objects.get()
    pipeline.advance(complaint, now=timezone.now())
    reply = Reply.objects.get()
    assert (reply.letter, reply.kind) == (letter, Reply.Kind.ANSWER)
    assert "off the network" in reply.text
    letter.refresh_from_db()
    assert letter.outcome == Letter.Outcome.ANSWERED


def test_the_page_says_no_more_than_the_letter_and_keeps_its_address(client, letter):
    answer = client.get(page_of(letter))

    page = answer.content.decode()
    assert "Bulk mail from your network" in page
    assert "Secret evidence" not in page
    assert letter.incident.title not in page
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert "no-store" in answer.headers["Cache-Control"]


def test_the_message_id_of_the_letter_opens_nothing(client, letter):
    assert client.get(f"/reply/{letter.token}/").status_code == 404
    nonce = letter.token.partition(".")[0]
    assert client.get(f"/reply/{nonce}.{'0' * 24}/").status_code == 404
    assert client.get("/reply/nonsense/").status_code == 404
    assert client.get("/reply/日本/").status_code == 404


def test_a_draft_has_no_page(client, letter):
    Letter.objects.update(state=Letter.State.DRAFT)

    assert client.get(page_of(letter)).status_code == 404


def test_an_empty_answer_is_asked_for_again_and_nothing_is_stored(client, letter):
    page = client.post(page_of(letter), {"text": " "}).content.decode()

    assert 'class="errors"' in page
    assert not Complaint.objects.exists()


def test_somebody_who_sends_too_many_is_told_so(client, letter, monkeypatch):
    monkeypatch.setattr("complaints.intake.limits.MOST_AN_HOUR", 1)
    client.post(page_of(letter), {"text": "One."})

    second = client.post(page_of(letter), {"text": "Two."})

    assert second.status_code == 429
    assert "Two." in second.content.decode()
    assert Complaint.objects.count() == 1


def test_the_page_speaks_the_language_of_the_letter(client, letter):
    Letter.objects.update(language="ja")

    assert "回答" in client.get(page_of(letter)).content.decode()


@pytest.mark.parametrize(
    ("site", "is_named"), [("https://desk.example", True), ("http://127.0.0.1:8000", False)]
)
def test_a_letter_names_its_page_where_others_can_reach_us(settings, data_dir, site, is_named):
    settings.MEYASU_PUBLIC_URL = site
    make.organisation()
    incident = make.incident()

    letter = compose.draft_letter(incident, "csirt", by=make.user("agent"), now=timezone.now())

    assert (f"{site}/reply/{tokens.page_token(letter.token)}/" in letter.body) is is_named


def test_an_answer_is_not_lost_while_the_disk_takes_nothing(client, letter, settings):
    settings.MEYASU_DATA_DIR = Path("/dev/null/data")

    answer = client.post(page_of(letter), {"text": "The customer is off the network."})

    assert answer.status_code == 503
    assert "off the network" in answer.content.decode()
