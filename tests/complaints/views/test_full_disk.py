"""While the disk takes nothing, who filled a form in is told so and loses nothing of it."""

from pathlib import Path

import pytest

from complaints.models import Complaint
from tests import make

pytestmark = pytest.mark.django_db
NOWHERE = Path("/dev/null/data")


def test_the_public_form_keeps_what_was_typed(client, settings):
    settings.MEYASU_DATA_DIR = NOWHERE

    answer = client.post("/report/", {"address": "ann@quarry.example", "text": "Please stop."})

    assert answer.status_code == 503
    assert "could not be stored just now" in answer.content.decode()
    assert "Please stop." in answer.content.decode()
    assert not Complaint.objects.exists()


def test_a_note_of_the_desk_is_not_lost(client, settings):
    settings.MEYASU_DATA_DIR = NOWHERE
    client.force_login(make.user("agent"))
    said = {"channel": "telephone", "name": "Ann", "subject": "A call", "text": "She is angry."}

    answer = client.post("/complaints/note/", said | {"told_at": "2024-03-04 09:00"})

    assert answer.status_code == 503
    assert "She is angry." in answer.content.decode()
