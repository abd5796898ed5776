"""What is cut out of a log by columns is what is read line by line, plain or not."""

import random
from collections import defaultdict
from datetime import UTC, datetime
from operator import attrgetter

import pytest

from complaints.maillog import dialects, postfix
from complaints.maillog.archive import decode
from complaints.maillog.assemble import Assembler
from complaints.maillog.dialects import Tally
from complaints.maillog.framing import Framing
from complaints.maillog.gather import Gatherer
from complaints.maillog.plainlives import usual_client
from tests.postfixlog import STAMPS, log, mangled


def framing():
    return Framing(zone=UTC, not_after=datetime(2026, 12, 1, tzinfo=UTC))


def line_by_line(lines):
    tally, by_host = Tally(), defaultdict(Assembler)
    for entry in dialects.read_lines(lines, framing=framing(), tally=tally):
        by_host[entry.host].feed([entry])
    return told({host: one.take(tally) for host, one in by_host.items()}, tally)


def by_columns(lines):
    """The same by columns, and how many lives were cut out."""
    tally = Tally()
    gatherer, same = Gatherer(tally=tally, host_of=str), framing()
    gatherer.feed([clean for line in lines[:40] for clean in decode(line.encode())], same)
    gatherer.feed_block("\n".join(lines[40:]).encode(), same)
    lives = sum(len(some) for one in gatherer.assemblers.values() for some in one.lives)
    taken = {host: one.take(tally) for host, one in gatherer.assemblers.items()}
    return told(taken, tally), lives


def told(taken, tally):
    """Everything that is known of the lines, in one order."""
    facts = attrgetter(
        "queue_id", "queued_at", "message_id", "client_ip", "client_name", "client_known",
        "authenticated_user", "sender", "size_bytes", "recipient_count", "removed_at", "children",
        "handovers", "lines",
    )  # fmt: skip
    passages = [(host, facts(one)) for host, (some, _) in taken.items() for one in some]
    refused = [repr(one) for _, attempts in taken.values() for one in attempts]
    counted = (tally.read, tally.understood, sorted(tally.unknown.items()), tally.last_at)
    return sorted(passages, key=repr), sorted(refused), counted


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch):
    monkeypatch.setattr("complaints.maillog.gather.SMALL_BYTES", 0)


@pytest.mark.parametrize("stamp", STAMPS)
@pytest.mark.parametrize("seed", range(8))
def test_a_block_says_what_its_lines_say_one_by_one(seed, stamp):
    dice = random.Random(seed)
    lines = log(dice, STAMPS[stamp])
    said, lives = by_columns(lines)
    assert said == line_by_line(lines)
    assert lives > 20


@pytest.mark.parametrize("stamp", STAMPS)
@pytest.mark.parametrize("seed", range(25))
def test_mangled_lines_are_left_to_those_who_read_line_by_line(seed, stamp):
    dice = random.Random(seed)
    lines = log(dice, STAMPS[stamp])
    mangled(dice, lines, 60)
    lines = [line.replace("\n", "") for line in lines]
    said, _ = by_columns(lines)
    assert said == line_by_line([clean for line in lines for clean in decode(line.encode())])


def test_a_life_gives_its_columns_as_one_passage():
    dice = random.Random(1)
    lines = log(dice, STAMPS["classic"])
    gatherer, same = Gatherer(tally=Tally(), host_of=str), framing()
    gatherer.feed(lines[:40], same)
    gatherer.feed_block("\n".join(lines[40:]).encode(), same)
    for some in (some for one in gatherer.assemblers.values() for some in one.lives):
        end = 0
        for place, count in enumerate(some.counts):
            passage, start, end = some.passage(place), end, end + count
            assert (some.queue_ids[place], some.queued_at[place], some.removed_at[place]) == (
                passage.queue_id, passage.queued_at, passage.removed_at,
            )  # fmt: skip
            assert some.clients[place] == (
                passage.client_name, passage.client_ip, passage.authenticated_user,
            )  # fmt: skip
            assert (some.message_ids[place], some.senders[place]) == (
                passage.message_id, passage.sender,
            )  # fmt: skip
            assert (some.sizes[place], some.recipient_counts[place]) == (
                passage.size_bytes, passage.recipient_count,
            )  # fmt: skip
            assert [some.children[place]] == (passage.children or [""])
            columns = zip(
                some.recipients, some.original_recipients, some.relays, some.dsns, some.statuses,
                some.replies, some.next_queue_ids, some.delivered_at, strict=True,
            )  # fmt: skip
            assert list(columns)[start:end] == [
                (one.recipient, one.original_recipient, (one.relay, one.relay_ip), one.dsn,
                 one.status, one.reply, one.next_queue_id, one.at)
                for one in passage.handovers.values()
            ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "client=mail.example.org[192.0.2.1]", "client=unknown[192.0.2.1]", "client=[192.0.2.1]",
        "client=192.0.2.1]", "client=unknown[unknown]", "client=unknown[2001:DB8::1]",
        "client=a@b[192.0.2.1]", "client=a[192.0.2.9][192.0.2.1]", "client=a [192.0.2.1]",
        "client=a[192.0.2.256]", "client=a[192.0.2]", "client=a[192.0.2.01]", "client=",
        "client=a[192.0.2.1]:25", "client=a[192.0.2.1], sasl_username=eve",
        "client=a[192.0.2.1], orig_client=b[192.0.2.2]", "client=a[127.0.0.1], sasl_username=[8]",
    ],
)  # fmt: skip
def test_a_client_in_its_usual_shape_is_who_it_is_in_any(text):
    assert usual_client(text) in (None, postfix.client_parts(text))
    assert usual_client("client=mail.example.org[192.0.2.1]")
