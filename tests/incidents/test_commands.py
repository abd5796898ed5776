"""Commands from outside: mail by a pipe, cases as JSON lines, words for what cannot be done."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from complaints.models import Arrival, Complaint
from tests import make, servers
from tests.make import at

ROOT = Path(__file__).parents[2]
TEMPORARY_FAILURE = 75  # EX_TEMPFAIL, sysexits(3): the mail server keeps the mail
MAIL = b"""\
From: Ann Quarry <ann@far.example>
To: abuse@example.org
Date: Tue, 20 Jan 1998 16:00:00 +0000
Subject: Spam through your server
Message-ID: <report@far.example>

Please stop the spam that your server relays.
"""


def piped(raw, *arguments, **environment):
    """What `ingest -` says of this mail, in a process of its own, as a mail server starts it."""
    return subprocess.run(
        [sys.executable, "manage.py", "ingest", "-", *arguments],
        cwd=ROOT,
        input=raw,
        env=servers.environment_of_this_test(**environment),
        capture_output=True,
        timeout=60,
        check=False,
    )


def test_a_mail_from_a_pipe_is_walked_to_its_end(transactional_db, data_dir):
    make.organisation()
    done = piped(MAIL, "--json")

    assert done.returncode == 0, done.stderr
    (line,) = done.stdout.splitlines()
    told = json.loads(line)
    assert (told["outcome"], told["complaint"]) == ("complaint", "C-1998-000001")
    assert told["incident"] is None
    assert Complaint.objects.get().stage == Complaint.Stage.OPEN
    assert Arrival.objects.get().source_file == "-"


def test_a_database_that_is_away_makes_the_mail_server_try_again(db, data_dir):
    away = f"postgres://nobody@127.0.0.1:{servers.free_port()}/none"
    done = piped(MAIL, DATABASE_URL=away)

    assert done.returncode == TEMPORARY_FAILURE
    assert b"Traceback" not in done.stderr
    assert b"try again" in done.stderr


def test_a_folder_that_cannot_be_written_makes_the_mail_server_try_again(
    transactional_db, data_dir
):
    data_dir.mkdir()
    (data_dir / "raw").write_text("a file where the folder should be")

    done = piped(MAIL)

    assert done.returncode == TEMPORARY_FAILURE
    assert b"try again" in done.stderr
    assert not Complaint.objects.exists()


def exported(*arguments):
    out = io.StringIO()
    call_command("export", "cases", *arguments, stdout=out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


@pytest.fixture
def three_mails(db, data_dir, tmp_path):
    """A complaint, the same bytes again, and an automatic answer, a day later."""
    make.organisation()
    automatic = MAIL.replace(b"Subject: Spam", b"Auto-Submitted: auto-replied\nSubject: Re: Spam")
    automatic = automatic.replace(b"report@", b"answer@").replace(b"20 Jan", b"21 Jan")
    for name, raw in (("1.eml", MAIL), ("2.eml", MAIL), ("3.eml", automatic)):
        (tmp_path / name).write_bytes(raw)
        call_command("ingest", str(tmp_path / name), stdout=io.StringIO())


def test_each_received_mail_is_a_case_in_the_order_of_arrival(three_mails):
    cases = exported()

    assert [case["source_file"] for case in cases] == ["1.eml", "2.eml", "3.eml"]
    assert [case["status"] for case in cases] == ["complaint", "duplicate", "not-complaint"]
    assert cases[0]["source_message_id"] == "<report@far.example>"
    assert cases[0]["language"] == "en"
    assert cases[0]["relayed"] == []


def test_a_case_names_its_incident_and_the_messages_with_the_reasons(db, data_dir):
    host = make.mail_host()
    message = make.relayed_message(host=host, queue_id="MAA11111")
    incident = make.incident(host=host)
    complaint = make.joined(incident)
    complaint.arrivals.create(arrived_at=complaint.arrived_at, way="file", source_file="1.eml")
    complaint.links.create(
        message=message,
        state="linked",
        score=0.99,
        reasons=[{"fact": "the queue ID", "weight": 1.0}],
        linked_at=complaint.recorded_at,
    )
    make.organisation()

    (case,) = exported()

    assert case["incident"] == incident.reference
    (relayed,) = case["relayed"]
    assert (relayed["host"], relayed["queue_id"]) == ("mail", "MAA11111")
    assert "the queue ID" in json.dumps(relayed["reasons"])


def test_only_what_arrived_since_a_time_is_exported(three_mails):
    assert len(exported("--since", "1998-01-21T00:00")) == 1
    assert len(exported("--since", "1998-01-20T16:00:00+00:00")) == 3
    assert exported("--since", at("1999-01-01 00:00").isoformat()) == []


@pytest.mark.parametrize("since", ["yesterday", "1998-02-31T00:00"])
def test_a_time_that_is_none_is_refused_in_words(db, since):
    with pytest.raises(CommandError, match="is not a time"):
        call_command("export", "cases", "--since", since)


def test_ingest_knows_no_mailbox_of_that_name(db, data_dir):
    with pytest.raises(CommandError, match=r"no mailbox abuse\. Known: none yet"):
        call_command("ingest", "/nowhere.eml", "--mailbox", "abuse")
