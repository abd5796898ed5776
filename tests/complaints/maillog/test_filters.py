"""Filters' lines: they add to the message they name, and cannot be made to name another."""

from datetime import UTC, datetime

import pytest

from complaints.maillog import dialects
from complaints.maillog.assemble import Assembler
from complaints.maillog.dialects import Tally
from complaints.maillog.entry import Event
from complaints.maillog.framing import Framing


def entries(*tagged):
    lines = [f"2026-03-02T10:00:0{place}Z mx {line}" for place, line in enumerate(tagged)]
    framing = Framing(zone=UTC, not_after=datetime(2026, 4, 1, tzinfo=UTC))
    return list(dialects.read_lines(lines, framing=framing, tally=Tally()))


RSPAMD = "rspamd[1]: <s>; task; rspamd_task_write_log: id: <{id}>, qid: <{qid}>, from: <{sender}>"


@pytest.mark.parametrize(
    ("message_id", "sender"),
    [("x>, qid: <5A5A5A", "a@b.example"), ("x", '"y>, qid: <5A5A5A"@b.example')],
)
def test_a_stranger_cannot_name_another_queue_id_to_rspamd(message_id, sender):
    assert entries(RSPAMD.format(id=message_id, qid="4F4F4F", sender=sender)) == []


def test_a_stranger_cannot_name_another_queue_id_to_amavis():
    sender = '<"a, Queue-ID: 5A5A5A, "@b.example>'
    line = f"amavis[1]: (1-1) Blocked SPAM, [203.0.113.9] {sender} -> <c@d.example>"
    assert entries(line) == []
    (entry,) = entries(f"{line}, Queue-ID: 4F4F4F, Message-ID: <m>, mail_id: x, Hits: 9")
    assert (entry.queue_id, entry.facts) == ("4F4F4F", {"message_id": "<m>"})


def test_a_filters_line_after_the_queue_does_not_begin_another_message():
    assembler = Assembler()
    assembler.feed(
        entries(
            "postfix/smtpd[1]: 4F1C2A9B31: client=a.example[203.0.113.9]",
            "postfix/qmgr[1]: 4F1C2A9B31: from=<a@b.example>, size=1, nrcpt=1 (queue active)",
            "amavis[1]: (1-1) Passed CLEAN, Queue-ID: 4F1C2A9B31, Message-ID: <m>, mail_id: x",
        )
    )
    (passage,), _ = assembler.take()
    assert (passage.message_id, len(passage.lines)) == ("<m>", 3)


@pytest.mark.parametrize(
    "line",
    [
        "opendkim[1]: 4F1C2A9B31: DKIM verification successful",
        "postgrey[1]: action=greylist, reason=new, client_name=x, sender=a@b.example",
        "rspamd[1]: <s>; task; rspamd_task_write_log: id: <x>, ip: 203.0.113.9",
        "clamav-milter[1]: Clean message 4F1C2A9B31",
        "MailScanner[1]: New Batch: Scanning 1 messages, 900 bytes",
        "amavis[1]: (1-1) Passed CLEAN, [203.0.113.9] <a@b.example> -> <c@d.example>, Hits: 1",
    ],
)
def test_lines_that_tell_of_no_message_are_known(line):
    framing = Framing(zone=UTC, not_after=datetime(2026, 4, 1, tzinfo=UTC))
    tally = Tally()
    lines = [f"2026-03-02T10:00:00Z mx {line}"]
    assert list(dialects.read_lines(lines, framing=framing, tally=tally)) == []
    assert tally.understood == 1


def test_clamav_names_subject_and_message_id():
    (entry,) = entries(
        "clamav-milter[1]: Message 5C5C5C from <a@b.example> to <c@d.example> with subject "
        "'It's, message-id 'x' date' message-id '<m>' date 'Mon' infected by Worm"
    )
    assert entry.event is Event.FILTERED
    assert entry.facts == {"subject": "It's, message-id 'x' date", "message_id": "<m>"}
