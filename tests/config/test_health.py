"""Health: alive, ready or what is missing, and counts without names."""

import pytest

from complaints.models import Mailbox
from tests import make, servers
from tests.make import at


@pytest.fixture
def broker(settings, tmp_path):
    with servers.redis_server(tmp_path / "redis") as socket:
        settings.REDIS_URL = f"unix://{socket}"
        yield


def test_the_process_says_that_it_is_alive(client):
    assert client.get("/healthz").content == b"alive\n"


def test_ready_when_everything_is_there(db, client, broker):
    answer = client.get("/readyz")
    assert answer.json() == {"ready": True, "problems": {}}


def test_what_is_missing_is_said_in_words(db, client, settings, tmp_path):
    settings.REDIS_URL = f"unix://{tmp_path}/none.sock"
    Mailbox.objects.create(
        name="abuse", host="mail.example", last_contact_at=at("2020-01-01 00:00")
    )
    answer = client.get("/readyz")
    assert answer.status_code == 503
    problems = answer.json()["problems"]
    assert "Redis does not answer" in problems["broker"]
    assert "abuse" in problems["mailboxes"]


def test_metrics_count_and_name_nobody(db, client):
    make.organisation()
    make.parsed_complaint(sender="somebody@far.example")
    text = client.get("/metrics").content.decode()
    assert 'meyasu_complaints{stage="parsed"} 1.0' in text
    assert "somebody" not in text
