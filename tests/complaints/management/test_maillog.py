"""maillog import and find, as a person at a terminal or a program calls them."""

import io
import json
import os
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from complaints import organisation
from complaints.models import RelayedMessage
from tests.make import at

SAMPLE = Path(__file__).parents[2] / "data" / "maillog" / "sendmail" / "relay-1998.log"
OURS = {
    "name": "Ours",
    "domains": ["ours.example"],
    "networks": ["192.0.2.0/24"],
    "logs_taken_at": "1998-02-01T00:00:00+09:00",
    "mail_hosts": [
        {"name": name, "fqdn": f"{name}.ours.example", "log_files": f"{name}.*", **offset}
        for name, offset in (("mail", {"log_utc_offset": "+09:00"}), ("mail2", {}))
    ],
}


@pytest.fixture
def log(db, tmp_path):
    organisation.import_organisation(OURS)
    path = tmp_path / "mail.log"
    path.write_bytes(SAMPLE.read_bytes())
    return path


def run(*arguments):
    out = io.StringIO()
    call_command("maillog", *map(str, arguments), stdout=out)
    return out.getvalue()


def test_import_finds_the_host_by_its_pattern_and_says_what_it_did(log):
    said = json.loads(run("import", log.parent, "--json"))
    assert (said["lines"], said["understood"], said["messages"]) == (11, 10, 3)
    assert (said["relayed"], said["refused"]) == (1, 2)
    assert said["unknown"] == {"sendmail: starting daemon": 1}
    assert {row.host.name for row in RelayedMessage.objects.all()} == {"mail"}


def test_a_second_import_says_that_nothing_is_new(log):
    run("import", log)
    said = json.loads(run("import", log, "--json"))
    assert (said["lines"], said["messages"], said["relayed"], said["refused"]) == (11, 0, 0, 0)


def test_lines_that_are_not_understood_are_shown_with_one_of_them(log):
    assert "for instance  Jan 20 13:06:00 mail sendmail[311]: starting daemon" in run("import", log)


def test_the_year_may_be_given(log):
    run("import", log, "--year", "2003")
    assert RelayedMessage.objects.earliest("queued_at").queued_at == at("2003-01-20 04:04:49")


def test_the_year_is_that_of_the_file_where_nothing_else_is_said(log):
    organisation.import_organisation(OURS | {"logs_taken_at": None})
    taken = at("2001-02-01 00:00").timestamp()
    os.utime(log, (taken, taken))
    run("import", log)
    assert RelayedMessage.objects.earliest("queued_at").queued_at == at("2001-01-20 04:04:49")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["other.log"], "of which mail host"),
        (["mail.none"], "No such file or directory"),
        (["mail.cron"], "none of its first 3 lines is from postfix, "),
        (["mail.log", "--timezone", "Mars/Base"], "Mars/Base is not a time zone"),
        (["mail.log", "--host", "mail9"], "of which mail host"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(log, arguments, sentence):
    (log.parent / "other.log").write_text("x\n", encoding="utf-8")
    (log.parent / "mail.cron").write_text("Jan 20 13:00:00 mail cron[1]: x\n" * 3, encoding="utf-8")
    name, *rest = arguments
    with pytest.raises(CommandError, match=sentence):
        run("import", log.parent / name, *rest)


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["--message-id", "<980120040449@envelope.example>"], ["NAA24892"]),
        (["--queue-id", "NAA24892"], ["NAA24892", "NAA24892"]),
        (["--queue-id", "NAA24892", "--from", "1998-01-21"], ["NAA24892"]),
        (["--recipient", "Friend@far.example"], ["NAA25001"]),
        (["--client-ip", "198.18.77.31", "--to", "1998-01-19"], []),
        (["--sender", "hana@ours.example"], ["NAA25001"]),
    ],
)
def test_find_gives_messages_with_their_lines(log, arguments, found):
    run("import", log)
    rows = [json.loads(line) for line in run("find", *arguments, "--json").splitlines()]
    assert [row["queue_id"] for row in rows] == found
    for row in rows:
        assert all(row["queue_id"] in line for line in row["lines"])


def test_find_wants_to_know_what(db):
    for arguments in ([], ["--from", "1998-13-01T00:00"], ["--from", "yesterday"]):
        with pytest.raises(CommandError):
            run("find", *arguments)
