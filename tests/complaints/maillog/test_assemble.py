"""Pieces of a log, however it was cut, give the same messages; queue IDs have lives."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from complaints.maillog import archive, dialects
from complaints.maillog.assemble import Assembler, joined
from complaints.maillog.dialects import Tally
from complaints.maillog.framing import Framing

SAMPLES = sorted((Path(__file__).parents[2] / "data" / "maillog").glob("*/*.log"))
# There a message's client stands in a line of its session, which must be read before it.
IN_SESSIONS = [path for path in SAMPLES if path.parent.name == "opensmtpd"]
READ_AT = datetime(2026, 3, 10, tzinfo=UTC)


def entries(lines):
    framing = Framing(zone=UTC, not_after=READ_AT)
    return list(dialects.read_lines(lines, framing=framing, tally=Tally()))


def passages(lines):
    assembler = Assembler()
    assembler.feed(entries(lines))
    return assembler.take()[0]


@pytest.mark.parametrize(
    "path",
    [path for path in SAMPLES if path not in IN_SESSIONS],
    ids=lambda path: f"{path.parent.name}/{path.stem}",
)
@settings(max_examples=40, deadline=None)
@given(cuts=st.sets(st.integers(1, 40), max_size=6), dice=st.randoms(use_true_random=False))
def test_pieces_join_to_the_same_messages_in_any_order(path, cuts, dice):
    lines = list(archive.lines_of(path))
    whole = passages(lines)
    places = [0, *sorted(cut for cut in cuts if cut < len(lines)), len(lines)]
    parts = [lines[a:b] for a, b in pairwise(places)]
    parts.append(dice.choice(parts))
    dice.shuffle(parts)

    pieces = defaultdict(list)
    for part in parts:
        for passage in passages(part):
            pieces[passage.queue_id].append(passage.entries)

    again = [passage for parts_of_one in pieces.values() for passage in joined(parts_of_one)]
    assert _told(again) == _told(whole)


@pytest.mark.parametrize("path", IN_SESSIONS, ids=lambda path: path.stem)
@pytest.mark.parametrize("stretch", [1, 2, 3, 7])
def test_sessions_reach_over_the_stretches_of_a_log(path, stretch):
    lines = list(archive.lines_of(path))
    assembler = Assembler()
    pieces = defaultdict(list)
    for start in range(0, len(lines), stretch):
        assembler.feed(entries(lines[start : start + stretch]))
        for passage in assembler.take()[0]:
            pieces[passage.queue_id].append(passage.entries)
    again = [passage for parts_of_one in pieces.values() for passage in joined(parts_of_one)]
    assert _told(again) == _told(passages(lines))


def _told(passages):
    """The passages in one order; lines of one second in pieces may have changed theirs."""
    for passage in passages:
        passage.entries.sort(key=lambda entry: entry.line)
    return sorted(passages, key=lambda passage: (passage.queued_at, passage.queue_id))


POSTFIX = [
    f"Mar  2 {line}"
    for line in (
        "09:00:00 mx1 postfix/smtpd[1]: 3C1F2A8B04: client=pc.dial.example[198.51.100.7]",
        "09:00:00 mx1 postfix/qmgr[2]: 3C1F2A8B04: from=<a@one.example>, size=1, nrcpt=1 (x)",
        "09:00:01 mx1 postfix/qmgr[2]: 3C1F2A8B04: removed",
        "09:00:02 mx1 postfix/smtp[3]: 3C1F2A8B04: to=<x@far.example>, relay=none, status=sent (x)",
        "09:30:00 mx1 postfix/cleanup[4]: 3C1F2A8B04: message-id=<bounce@mx1.ours.example>",
        "09:30:00 mx1 postfix/qmgr[2]: 3C1F2A8B04: from=<>, size=2, nrcpt=1 (queue active)",
    )
]


def test_a_line_just_after_the_removal_belongs_to_the_removed_message():
    first, second = passages(POSTFIX)
    assert list(first.handovers) == ["x@far.example"]
    assert (second.size_bytes, second.handovers) == (2, {})


def test_a_message_that_begins_with_its_headers_was_made_here():
    first, second = passages(POSTFIX)
    assert (second.client_known, second.client_ip) == (True, "")
    assert first.client_ip == "198.51.100.7"
    headless = passages(POSTFIX[1:2])
    assert not headless[0].client_known


def test_headers_after_the_queueing_are_another_messages():
    without_removal = [POSTFIX[0], POSTFIX[1], *POSTFIX[4:]]
    assert [passage.message_id for passage in passages(without_removal)] == [
        "",
        "<bounce@mx1.ours.example>",
    ]


def test_an_id_is_another_messages_after_the_longest_life():
    late = POSTFIX[3].replace("Mar  2 09:00:02", "Mar  9 09:00:00")
    assert len(passages([POSTFIX[0], late])) == 2


def test_two_lives_that_begin_in_one_second_are_told_apart():
    other = POSTFIX[0].replace("198.51.100.7", "198.51.100.8")
    first, second = passages([POSTFIX[0], other])
    assert second.queued_at - first.queued_at == timedelta(microseconds=1)


def test_expiry_ends_only_recipients_that_wait():
    head = "Mar  2 09:00:0{} mx1 postfix/{}: 4D1F2A8B04: "
    lines = [
        head.format(0, "qmgr[2]") + "from=<a@one.example>, size=1, nrcpt=2 (queue active)",
        head.format(1, "smtp[3]")
        + "to=<x@far.example>, relay=mx.far.example[203.0.113.9]:25, dsn=2.0.0, status=sent (ok)",
        head.format(2, "smtp[3]")
        + "to=<y@near.example>, relay=none, dsn=4.4.1, status=deferred (no)",
        head.format(3, "qmgr[2]") + "from=<a@one.example>, status=expired, returned to sender",
    ]
    (passage,) = passages(lines)
    assert {to: handover.status for to, handover in passage.handovers.items()} == {
        "x@far.example": "sent",
        "y@near.example": "expired",
    }
    assert passage.handovers["x@far.example"].relay_ip == "203.0.113.9"
