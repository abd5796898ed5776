"""Runs: how much the source of one linked message sent in its burst, and who complains of it."""

from datetime import timedelta

import pytest

from complaints import organisation
from complaints.linking.link import link_complaint
from complaints.linking.runs import burst_around, runs_of
from tests import make
from tests.make import at

NOON = at("2024-03-04 12:00")


@pytest.fixture(autouse=True)
def ourselves(db):
    make.organisation()
    make.mail_host()


def message(minutes, **fields):
    return make.relayed_message(
        queued_at=NOON + timedelta(minutes=minutes),
        message_id=f"{minutes}@client.example",
        **fields,
    )


def runs(*messages):
    return runs_of(messages, organisation.ourselves())


def test_a_run_counts_messages_recipients_and_complaints_of_one_source():
    first = message(0, recipients=["a@far.example", "b@far.example"])
    message(5, recipients=["b@far.example", "c@far.example"])
    message(6, client_ip="203.0.113.9", recipients=["z@far.example"])
    for number in (0, 5):
        complaint = make.parsed_complaint(
            arrived_at=NOON + timedelta(hours=1),
            reported=[{"message_id": f"{number}@client.example"}],
        )
        link_complaint(complaint, now=NOON + timedelta(hours=1))
    run = runs(first)[0]
    assert (run.messages, run.recipients, run.complaints) == (2, 3, 2)
    assert run.percent_complaining == pytest.approx(66.7, abs=0.1)
    assert run.source == "198.51.100.7"
    assert (run.first_at, run.last_at) == (NOON, NOON + timedelta(minutes=5))


def test_a_long_pause_ends_a_run():
    first = message(0)
    message(7 * 60)
    assert runs(first)[0].messages == 1


def test_links_into_one_run_show_it_once():
    assert len(runs(message(0), message(5))) == 1


def test_what_was_made_on_a_host_of_ours_runs_by_its_sender():
    script = message(0, client_ip="", sender="www@mail.example.org")
    message(1, client_ip="", sender="www@mail.example.org")
    message(2, client_ip="", sender="cron@mail.example.org")
    run = runs(script)[0]
    assert (run.source, run.messages) == ("www@mail.example.org", 2)


def test_a_burst_reaches_to_the_pauses_on_both_sides():
    times = [(n, NOON + timedelta(hours=hour)) for n, hour in enumerate((0, 8, 10, 15, 30))]
    assert [key for key, _ in burst_around(times, 2)] == [1, 2, 3]


def test_the_page_of_a_complaint_shows_its_run(client):
    message(0, recipients=["a@far.example", "b@far.example"])
    message(5, recipients=["c@far.example"])
    complaint = make.parsed_complaint(
        arrived_at=NOON + timedelta(hours=1), reported=[{"message_id": "0@client.example"}]
    )
    link_complaint(complaint, now=NOON + timedelta(hours=1))
    client.force_login(make.user("agent"))
    page = client.get(f"/complaints/{complaint.reference}/runs/").content.decode()
    assert "2 messages, 3 recipients, 1 complaint" in page
