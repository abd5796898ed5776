"""The walk: one worker at a time, failures counted, nothing lost on the way."""

import json
from datetime import timedelta

import pytest
from django.core.management import call_command

from complaints import audit, parsing, rawstore
from complaints.intake.raw import RawMessage
from complaints.intake.store import keep_message, keep_messages
from complaints.models import AuditEntry, Complaint
from complaints.querysets import MOST_ATTEMPTS
from incidents import pipeline
from incidents.models import Incident
from incidents.pipeline import Stage, StepFailed
from tests import make
from tests.make import at

NOW = at("1998-01-20 16:05")
MAIL = b"""\
From: Ann Quarry <ann@far.example>
To: abuse@example.org
Date: Tue, 20 Jan 1998 16:00:00 +0000
Subject: Spam through your server
Message-ID: <report@far.example>

Please stop this spam, it was relayed by your server:

Received: from riches (line7.dial.example [198.51.100.7])
\tby mail.example.org (8.8.5/8.8.5) with SMTP id AAA00001;
\tTue, 20 Jan 1998 04:00:00 +0000
From: winner@riches.example
Subject: Riches for everybody
Message-Id: <spam@riches.example>

Be rich by Friday. http://www.riches.example/
"""


@pytest.fixture
def received(db, data_dir):
    """A complaint that has just been stored."""
    make.organisation()
    return keep_message(RawMessage(MAIL, "file", NOW), now=NOW).complaint


def test_a_complaint_walks_from_raw_mail_into_an_incident(received):
    make.relayed_message(queue_id="AAA00001", message_id="spam@riches.example")

    pipeline.advance(received, now=NOW)

    assert received.stage == Stage.GROUPED
    assert received.links.get().message.queue_id == "AAA00001"
    assert Incident.objects.get() == received.incidents.get()
    acts = AuditEntry.objects.filter(subject_reference=received.reference)
    assert list(acts.values_list("action", flat=True)) == [
        "mail-received",
        "complaint-parsed",
        "complaint-linked",
        "complaint-joined",
    ]


def test_walking_again_changes_nothing(received):
    make.relayed_message(queue_id="AAA00001", message_id="spam@riches.example")
    pipeline.advance(received, now=NOW)
    entries = AuditEntry.objects.count()

    pipeline.advance(Complaint.objects.get(), now=NOW)

    assert AuditEntry.objects.count() == entries


def test_a_complaint_in_the_hands_of_one_worker_is_left_to_it(received):
    assert Complaint.objects.lease(received, now=NOW)

    seen_later = Complaint.objects.get()
    pipeline.advance(seen_later, now=NOW)

    assert seen_later.stage == Stage.RECEIVED
    assert seen_later.attempts == 1


def test_the_row_of_a_dead_worker_comes_due_again(received, settings):
    assert Complaint.objects.lease(received, now=NOW)
    later = NOW + settings.MEYASU_LEASE

    assert not Complaint.objects.due(later - timedelta(seconds=1))
    assert pipeline.advance_waiting(now=later) == 1
    assert Complaint.objects.get().stage == Stage.OPEN


def test_a_failing_step_is_counted_and_tried_again_after_a_pause(received, failing_step):
    with pytest.raises(StepFailed, match="the step is broken"):
        pipeline.advance(received, now=NOW)

    row = Complaint.objects.get()
    assert (row.stage, row.attempts) == (Stage.PARSED, 1)
    assert "the step is broken" in row.problem
    assert NOW < row.next_attempt_at < NOW + timedelta(minutes=1)


def test_each_pause_is_longer_than_the_last(received, failing_step):
    now, pauses = NOW, []
    for _ in range(4):
        with pytest.raises(StepFailed):
            pipeline.advance(received, now=now)
        pauses.append(received.next_attempt_at - now)
        now = received.next_attempt_at

    assert pauses == sorted(set(pauses))


def test_what_fails_again_and_again_waits_for_a_person(received, failing_step):
    pipeline.finish(received, now=NOW)

    assert received.stage == Stage.QUARANTINED
    assert f"{MOST_ATTEMPTS} attempts" in received.problem
    assert "the step is broken" in received.problem
    assert len(failing_step) == MOST_ATTEMPTS


def test_the_reason_may_hold_what_a_database_refuses(received, monkeypatch):
    def fail(complaints, *, now):
        raise ValueError("NUL \x00 and a lone surrogate \udc80")

    monkeypatch.setitem(pipeline.STEPS, Stage.RECEIVED, (fail,))

    pipeline.finish(received, now=NOW)

    assert Complaint.objects.get().stage == Stage.QUARANTINED


def test_one_failing_complaint_hinders_no_other(received, monkeypatch):
    other = keep_message(RawMessage(MAIL + b"PS: again\n", "file", NOW), now=NOW).complaint
    steps = pipeline.STEPS[Stage.RECEIVED]

    def fail_once(complaints, *, now):
        if received in complaints:
            raise ValueError("the step is broken")
        return []

    monkeypatch.setitem(pipeline.STEPS, Stage.RECEIVED, (fail_once, *steps))
    with pytest.raises(ExceptionGroup, match="1 of 2"):
        pipeline.advance_waiting(now=NOW)

    other.refresh_from_db()
    assert other.stage == Stage.OPEN


@pytest.fixture
def four(db, data_dir):
    """Four complaints that have just been stored."""
    make.organisation()
    raws = [MAIL.replace(b"<report@", b"<report-%d@" % n) + b"PS %d\n" % n for n in range(4)]
    kept = keep_messages([RawMessage(raw, "file", NOW) for raw in raws], now=NOW)
    return [one.complaint for one in kept]


def _only_the_first_failed(four):
    for complaint in four:
        complaint.refresh_from_db()
    assert "the step is broken" in four[0].problem
    assert not [one for one in four[1:] if one.stage in pipeline.STEPS]
    joined = AuditEntry.objects.filter(action="complaint-parsed")
    assert joined.count() == joined.values("subject_reference").distinct().count()
    assert list(audit.verify()) == []


@pytest.mark.parametrize("broken", [Stage.RECEIVED, Stage.PARSED, Stage.LINKED])
def test_of_many_that_walk_together_one_that_fails_stops_alone(four, monkeypatch, broken):
    steps = pipeline.STEPS[broken]

    def fail(complaints, *, now):
        if four[0] in complaints:
            raise ValueError("the step is broken")
        return []

    monkeypatch.setitem(pipeline.STEPS, broken, (fail, *steps))
    with pytest.raises(ExceptionGroup, match=r"1 of [24]"):
        pipeline.advance_waiting(now=NOW)

    _only_the_first_failed(four)


def test_what_one_spoils_within_the_transaction_of_all_is_taken_back(four, monkeypatch):
    written = parsing._save_details

    def fail(taken):
        written(taken)
        if four[0] in [one.complaint for one in taken]:
            raise ValueError("the step is broken")

    monkeypatch.setattr(parsing, "_save_details", fail)
    with pytest.raises(ExceptionGroup, match="1 of 4"):
        pipeline.advance_waiting(now=NOW)

    _only_the_first_failed(four)
    assert not four[0].reported_messages.exists()


@pytest.mark.parametrize("bound", ["TOGETHER_SECONDS", "TOGETHER_BYTES"])
def test_what_is_too_much_for_one_go_is_left_as_due_as_it_was(four, monkeypatch, bound):
    monkeypatch.setattr(parsing, bound, -1)

    pipeline.advance_waiting(now=NOW)

    read = Complaint.objects.exclude(stage=Stage.RECEIVED)
    left = Complaint.objects.filter(stage=Stage.RECEIVED, attempts=0, next_attempt_at=None)
    assert (read.count(), left.count()) == (1, 3)
    while pipeline.advance_waiting(now=NOW):
        continue
    assert not Complaint.objects.filter(stage__in=pipeline.STEPS)


def test_those_that_were_tried_before_walk_alone(received, monkeypatch):
    """One of them may be what a worker died over."""
    other = keep_message(RawMessage(MAIL + b"PS: again\n", "file", NOW), now=NOW).complaint
    Complaint.objects.filter(pk=received.pk).update(attempts=1, next_attempt_at=NOW)
    steps, walked = pipeline.STEPS[Stage.RECEIVED], []

    def look_on(complaints, *, now):
        walked.append(len(complaints))
        return []

    monkeypatch.setitem(pipeline.STEPS, Stage.RECEIVED, (look_on, *steps))
    pipeline.advance_waiting(now=NOW)

    other.refresh_from_db()
    assert walked == [1, 1]


def test_a_quarantined_complaint_walks_again_from_its_start(received):
    raw = rawstore.path_of(received.raw_sha256)
    raw.unlink()
    pipeline.finish(received, now=NOW)
    assert received.stage == Stage.QUARANTINED
    assert "No raw message is stored" in received.problem
    raw.write_bytes(MAIL)

    assert pipeline.retry(received, by="lead", now=NOW)
    assert not pipeline.retry(Complaint.objects.get(), by="lead", now=NOW)
    pipeline.advance(received, now=NOW)

    assert received.stage == Stage.OPEN
    assert received.problem == ""


def test_all_that_waits_for_one_reason_is_taken_up_with_one_button(db, data_dir, client):
    client.force_login(make.user("agent"))
    reason = "Reading it took too much CPU time and was stopped.\nTwice."
    slow = [make.complaint(stage=Stage.QUARANTINED, problem=reason) for _ in range(3)]
    other = make.complaint(stage=Stage.QUARANTINED, problem="No raw message is stored.")

    page = client.get("/complaints/?stage=quarantined").content.decode()
    assert page.count("Try all of them again") == 2
    client.post("/quarantine/retry/", {"reason": reason.replace("\n", "\r\n")})

    stages = dict(Complaint.objects.values_list("pk", "stage"))
    assert {stages[one.pk] for one in slow} == {Stage.RECEIVED}
    assert stages[other.pk] == Stage.QUARANTINED
    assert AuditEntry.objects.filter(action="complaint-retried", actor="agent").count() == 3


def test_a_mail_called_a_complaint_by_a_person_walks_on(db, data_dir):
    make.organisation()
    away = (
        b"From: a@far.example\nSubject: Out of office\nAuto-Submitted: auto-replied\n\nBack soon.\n"
    )
    kept = keep_message(RawMessage(away, "file", NOW), now=NOW).complaint
    pipeline.advance(kept, now=NOW)
    assert kept.stage == Stage.SET_ASIDE

    assert pipeline.call_a_complaint(kept, by="lead", now=NOW)
    pipeline.advance(kept, now=NOW)

    assert kept.stage == Stage.OPEN


def test_ingest_tells_what_became_of_each_mail(db, data_dir, tmp_path, capsys):
    make.organisation()
    for name, raw in (("1.eml", MAIL), ("2.eml", MAIL), ("3.eml", MAIL + b"PS: why?\n")):
        (tmp_path / name).write_bytes(raw)

    call_command("ingest", *(str(tmp_path / f"{number}.eml") for number in (1, 2, 3)), "--json")

    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["source_file"] for one in told] == ["1.eml", "2.eml", "3.eml"]
    assert [one["outcome"] for one in told] == ["complaint", "duplicate", "duplicate"]
    assert told[0]["complaint"] == told[1]["complaint"] == "C-1998-000001"
    assert told[0]["source_message_id"] == "<report@far.example>"
    assert told[0]["format"] == "pasted-headers"


@pytest.fixture
def failing_step(monkeypatch):
    """Linking that breaks each time; the attempts it was given."""
    attempts = []

    def fail(complaints, *, now):
        attempts.extend(complaint.attempts for complaint in complaints)
        raise ValueError("the step is broken")

    monkeypatch.setitem(pipeline.STEPS, Stage.PARSED, (fail,))
    return attempts
