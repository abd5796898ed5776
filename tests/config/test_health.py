"""Health: alive, ready or what is missing, and counts without names."""

import time

import pytest
from django.db import connection
from kombu import Connection

from complaints.jobs import fetch_mailboxes
from complaints.models import Mailbox
from config import broker as doorbell
from config import embedded_redis
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
    doorbell.note_job()
    answer = client.get("/readyz")
    assert answer.json() == {"ready": True, "problems": {}}


@pytest.mark.parametrize("spelling", ["unix://{}?db=1", "redis+socket://{}?virtual_host=1"])
def test_a_socket_of_redis_is_heard_by_us_and_by_celery(settings, tmp_path, spelling):
    with servers.redis_server(tmp_path / "redis") as socket:
        settings.REDIS_URL = spelling.format(socket)
        assert doorbell.problem() == ""
        doorbell.note_job()
        with Connection(embedded_redis.url()) as celery:
            assert celery.default_channel.client.get(doorbell.LAST_JOB) is not None


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


def test_redis_without_a_worker_is_not_ready(db, client, broker):
    assert client.get("/readyz").json()["problems"] == {"workers": "no job has begun yet"}
    with doorbell.client() as redis:
        redis.set(doorbell.LAST_JOB, int(time.time()) - 12 * 60)
    problems = client.get("/readyz").json()["problems"]
    assert problems == {"workers": "no job has begun for 12 minutes"}


def test_a_job_of_the_worker_is_noted(db, client, broker):
    fetch_mailboxes.apply()

    assert client.get("/readyz").status_code == 200


def test_a_mailbox_that_was_never_reached_is_told_after_several_failures(db, client, broker):
    doorbell.note_job()
    box = Mailbox.objects.create(name="abuse", host="mail.example", failures_in_a_row=2)
    assert client.get("/readyz").status_code == 200
    box.failures_in_a_row = 3
    box.save()
    assert "abuse" in client.get("/readyz").json()["problems"]["mailboxes"]


def test_a_database_that_is_away_is_said_and_is_no_error_page(
    db, client, broker, tmp_path, monkeypatch
):
    doorbell.note_job()
    gone = connection.copy()
    nowhere = {
        "sqlite": {"NAME": str(tmp_path / "none" / "db")},
        "postgresql": {"HOST": "127.0.0.1", "PORT": str(servers.free_port())},
    }
    gone.settings_dict = connection.settings_dict | nowhere[connection.vendor]
    monkeypatch.setattr("config.health.connection", gone)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert list(answer.json()["problems"]) == ["database"]
    assert "does not answer" in answer.json()["problems"]["database"]


def test_metrics_count_and_name_nobody(db, client):
    make.organisation()
    make.parsed_complaint(sender="somebody@far.example")
    text = client.get("/metrics").content.decode()
    assert 'meyasu_complaints{stage="parsed"} 1.0' in text
    assert "somebody" not in text


def test_mail_that_waits_too_long_is_told(db, client, broker):
    broker_is_heard = client.get("/readyz").json()["problems"]
    long_ago = at("1998-01-20 16:00")
    make.complaint(stage="received", recorded_at=long_ago)
    make.complaint(stage="quarantined", recorded_at=long_ago)

    problems = client.get("/readyz").json()["problems"]
    metrics = client.get("/metrics").content.decode()

    assert "walk" not in broker_is_heard
    assert problems["walk"] == "1 mails have waited for more than a quarter of an hour"
    assert 'meyasu_oldest_waiting_seconds{stage="quarantined"} 0.0' not in metrics
    assert 'meyasu_oldest_waiting_seconds{stage="parsed"} 0.0' in metrics
