"""Logs of real Postfix and sendmail servers, against what was really sent to them."""

import json
from collections import defaultdict
from datetime import UTC, datetime

import pytest

from complaints.maillog import archive, dialects, message_id
from complaints.maillog.assemble import Assembler
from complaints.maillog.dialects import Tally
from complaints.maillog.direction import Ourselves, direction_of
from complaints.maillog.framing import Framing

CAPTURES = [
    "postfix-3.7.11/maillogfile/maillog.log.gz",
    "postfix-3.10.13/longids/mail.classic.log.gz",
    "postfix-3.10.13/longids/mail.iso.log.gz",
    "postfix-3.10.13/longids/mail.rfc5424.log.gz",
    "postfix-3.10.13/journal/journal.short-iso-precise.log.gz",
    "sendmail-8.17.1.9/loglevel9/mail.classic.log",
    "sendmail-8.17.1.9/loglevel9/mail.iso.log",
    "sendmail-8.17.1.9/loglevel9/mail.rfc5424.log",
    "sendmail-8.18.1/loglevel14/mail.classic.log.gz",
]
US = Ourselves(
    domains=frozenset({"example.org"}),
    networks=("127.0.0.0/30", "127.0.0.5/32", "127.0.0.10/32"),
)
# sendmail cuts a Message-ID after this many characters.
LONGEST_MESSAGE_ID = 100


def _moved(text):
    """The capture's strangers have loopback addresses, which are ours; here they get others."""
    return text.replace("127.8.", "198.18.").replace("127.9.", "198.19.")


def _read(path):
    tally, assembler = Tally(), Assembler()
    framing = Framing(zone=UTC, not_after=datetime(2026, 11, 24, 12, tzinfo=UTC))
    lines = map(_moved, archive.lines_of(path))
    assembler.feed(dialects.read_lines(lines, framing=framing, tally=tally))
    passages, refused = assembler.take()
    by_id = defaultdict(list)
    for passage in passages:
        by_id[passage.queue_id].append(passage)
    return by_id, refused, tally


def _truth(path):
    with (path.parent / "truth.jsonl").open(encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    return [row for row in rows if row.get("accepted") and row["queue_id"]]


def _direction(passage):
    return direction_of(
        US,
        client_ip=passage.client_ip,
        authenticated_user=passage.authenticated_user,
        recipients=[handover.asked_for for handover in passage.handovers.values()],
        known=passage.client_known,
    )


@pytest.mark.parametrize("name", CAPTURES)
def test_a_real_log_says_what_was_really_sent(shared, name):
    path = shared / "corpus" / "maillogs" / "captured" / name
    by_id, refused, tally = _read(path)
    truth = _truth(path)

    assert len(truth) > 300
    assert len(refused) > 200
    assert tally.understood > 0.98 * tally.read
    for row in truth:
        passage = min(
            by_id[row["queue_id"]], key=lambda p: abs(p.queued_at.timestamp() - row["t_start"])
        )
        assert passage.client_ip == _moved(row["client_ip"]), row["case"]
        assert passage.sender.lower() == row["mail_from"].lower(), row["case"]
        if row["message_id"] and not _sendmail_says_otherwise(path, row):
            said = message_id.normal_form(passage.message_id)
            assert said == message_id.normal_form(row["message_id"]), row["case"]
        if row["open_relay_abuse"] is not None:
            is_abuse = _direction(passage) == "stranger"
            assert is_abuse == row["open_relay_abuse"], (row["case"], passage.lines)


def _sendmail_says_otherwise(path, row):
    """sendmail logs the last of two Message-IDs, and of a long one the beginning."""
    is_sendmail = "sendmail" in str(path)
    return is_sendmail and (
        row["case"] == "two-mids" or len(row["message_id"]) > LONGEST_MESSAGE_ID
    )
