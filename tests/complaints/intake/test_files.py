"""Mail from files: what is taken for mail, and when it arrived."""

import io
import mailbox
import sys

import pytest
from django.core.management import CommandError, call_command

from complaints.intake.files import NoMail, messages, one_message
from complaints.maillog.direction import Ourselves
from tests.make import at

US = Ourselves(domains=frozenset({"example.org"}), host_names=frozenset({"mail.example.org"}))
NOW = at("2026-11-24 10:00")
PLAIN = b"From: ann@far.example\nDate: Wed, 21 Jan 1998 02:00:00 +0900\nSubject: x\n\nStop it.\n"
RECEIVED = b"""\
Received: from relay.far.example ([198.51.100.9]) by gateway.far.example with SMTP id B2;
\tTue, 20 Jan 1998 17:30:00 +0000
Received: from far.example ([198.51.100.8]) by mail.example.org (8.8.5/8.8.5) with SMTP id A1;
\tWed, 21 Jan 1998 02:05:00 +0900
Received: from pc ([10.0.0.1]) by mail.example.org with SMTP id A0; Mon, 19 Jan 1998 02:05:00 +0900
"""


def test_an_eml_file_is_one_mail_with_its_bytes_untouched(tmp_path):
    raw = PLAIN.replace(b"\n", b"\r\n") + b"\x00\xff"
    (tmp_path / "one.eml").write_bytes(raw)

    (found,) = messages(tmp_path / "one.eml", US, now=NOW)

    assert (found.raw, found.source_file, found.way) == (raw, "one.eml", "file")


def test_an_eml_file_is_one_mail_though_it_looks_like_an_mbox(tmp_path):
    envelope = b"From ann@far.example  Wed Jan 21 02:00:00 1998\n"
    raw = PLAIN + b"\n" + envelope + b"Subject: shown in the text\n"
    (tmp_path / "one.EML").write_bytes(envelope + raw)

    (found,) = messages(tmp_path / "one.EML", US, now=NOW)

    assert (found.raw, found.source_file) == (raw, "one.EML")
    assert found.arrived_at == at("1998-01-20 17:00")


def test_an_mbox_is_split_at_its_separators(tmp_path):
    box = mailbox.mbox(tmp_path / "box")
    for number in range(3):
        box.add(
            PLAIN + f"number {number}\nFrom here on, a line that only looks like one\n".encode()
        )
    box.close()

    found = list(messages(tmp_path / "box", US, now=NOW))

    assert [one.source_file for one in found] == ["box#0", "box#1", "box#2"]
    assert b"number 1" in found[1].raw
    assert not any(one.raw.startswith(b"From ") for one in found)


def test_an_eml_file_with_a_separator_on_top_keeps_its_name(tmp_path):
    (tmp_path / "saved.eml").write_bytes(b"From ann Wed Jan 21 02:00:00 1998\n" + PLAIN)

    (found,) = messages(tmp_path / "saved.eml", US, now=NOW)

    assert (found.source_file, found.raw) == ("saved.eml", PLAIN)


def test_a_maildir_gives_new_and_read_mail(tmp_path):
    box = mailbox.Maildir(tmp_path / "box")
    box.add(PLAIN)
    read = mailbox.MaildirMessage(PLAIN + b"read\n")
    read.set_subdir("cur")
    box.add(read)

    found = list(messages(tmp_path / "box", US, now=NOW))

    assert sorted(len(one.raw) for one in found) == [len(PLAIN), len(PLAIN) + 5]


def test_a_folder_gives_its_mail_by_name_and_passes_over_what_is_none(tmp_path):
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "2.eml").write_bytes(PLAIN)
    (tmp_path / "a.eml").write_bytes(b"no header at all")
    (tmp_path / "c").write_bytes(b"Return-Path: <ann@far.example>\n" + PLAIN)
    (tmp_path / "labels.jsonl").write_bytes(b'{"file": "a.eml"}')
    (tmp_path / "README").write_bytes(b"These are samples.\n")
    (tmp_path / ".hidden.eml").write_bytes(PLAIN)
    (tmp_path / "loop").symlink_to(tmp_path)

    found = list(messages(tmp_path, US, now=NOW))

    assert [one.source_file for one in found] == ["a.eml", "2.eml", "c"]


@pytest.mark.parametrize("name", ["gone.eml", "."])
def test_where_there_is_no_mail_it_says_so(tmp_path, name):
    with pytest.raises(NoMail, match=r"No such file|no mail in this folder"):
        list(messages(tmp_path / name, US, now=NOW))


def test_mail_arrived_when_our_own_host_took_it_in():
    """The line above it was written elsewhere, the one below may be forged."""
    found = one_message(RECEIVED + PLAIN, "x", US, now=NOW)

    assert found.arrived_at == at("1998-01-20 17:05")


def test_without_a_line_of_ours_the_date_is_taken_as_a_claim():
    assert one_message(PLAIN, "x", US, now=NOW).arrived_at == at("1998-01-20 17:00")
    assert one_message(b"Subject: undated\n\nx", "x", US, now=NOW).arrived_at == NOW


@pytest.mark.parametrize("claim", ["Thu, 1 Jan 2099 00:00:00 +0000", "nonsense", "9" * 5000])
def test_a_date_that_cannot_be_is_not_believed(claim):
    raw = f"Date: {claim}\nSubject: x\n\nx".encode()

    assert one_message(raw, "x", US, now=NOW).arrived_at == NOW


def test_ingest_says_what_could_not_be_read_after_taking_in_the_rest(
    db, data_dir, tmp_path, capsys
):
    (tmp_path / "one.eml").write_bytes(PLAIN)

    with pytest.raises(CommandError, match=r"gone\.eml: No such file"):
        call_command("ingest", str(tmp_path / "gone.eml"), str(tmp_path / "one.eml"))

    assert "one.eml" in capsys.readouterr().out


def test_a_pipe_asks_the_mail_server_to_try_again_when_nothing_was_stored(
    db, data_dir, monkeypatch
):
    data_dir.mkdir(parents=True)
    (data_dir / "raw").write_text("a file where the folder should be")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(PLAIN)))

    with pytest.raises(SystemExit) as ended:
        call_command("ingest", "-")

    assert ended.value.code == 75
