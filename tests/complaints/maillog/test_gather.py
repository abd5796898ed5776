"""What is read fast is what is read slowly: gathered lines give the same as one entry a line."""

import random
from collections import defaultdict
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

import pytest

from complaints.maillog import archive, dialects
from complaints.maillog.assemble import Assembler
from complaints.maillog.dialects import NotAMailLog, Tally
from complaints.maillog.framing import Framing
from complaints.maillog.gather import Gatherer
from complaints.maillog.passage import Passage

SAMPLES = sorted((Path(__file__).parents[2] / "data" / "maillog").glob("*/*.log"))
TOLD = [field.name for field in fields(Passage) if field.name not in ("entries", "raw")]
CAPTURES = [
    "postfix-3.7.11/maillogfile/maillog.log.gz",
    "postfix-3.10.13/longids/mail.iso.log.gz",
    "postfix-3.10.13/longids/mail.rfc5424.log.gz",
    "sendmail-8.17.1.9/loglevel9/mail.classic.log",
    "sendmail-8.18.1/loglevel14/mail.classic.log.gz",
    "exim-4.96/debian-selectors/exim_mainlog.log",
    "exim-4.98.2/default/exim_mainlog.log",
    "exim-4.98.2/all-selectors/exim_mainlog.log.gz",
    "opensmtpd-7.6.0p1/default/mail.iso.log.gz",
]
MANGLED = [
    "removed",
    "client=",
    "from=<",
    "to=<",
    "message-id=",
    "uid=",
    ", relay=",
    "]",
    " ",
    ": ",
    "<= ",
    "=> ",
    " R=",
    " H=",
    ' C="',
    '"',
    "\\",
    "Completed",
    "H=",
    " [",
]
OLD, NEW = "1rBcDE-00012a-1x", "1wDe7A-0000000085x-1pQr"


def framing():
    return Framing(zone=UTC, not_after=datetime(2026, 12, 1, tzinfo=UTC))


def one_by_one(lines):
    tally, by_host = Tally(), defaultdict(Assembler)
    for entry in dialects.read_lines(lines, framing=framing(), tally=tally):
        by_host[entry.host].feed([entry])
    return _told(by_host, tally)


def gathered(lines):
    tally = Tally()
    gatherer = Gatherer(tally=tally, host_of=str)
    same = framing()
    for start in range(0, len(lines), 40):
        gatherer.feed(lines[start : start + 40], same)
    return _told(gatherer.assemblers, tally)


def by_columns(lines):
    """The same, of whole blocks: what is told plainly is cut out by columns."""
    tally = Tally()
    gatherer = Gatherer(tally=tally, host_of=str)
    same = framing()
    gatherer.feed(lines[:60], same)  # tells which programs write the log
    for start in range(60, len(lines), 400):
        block = "\n".join(lines[start : start + 400])
        gatherer.feed_block(block.encode("utf-8", "surrogatepass"), same)
    return _told(gatherer.assemblers, tally)


def _told(by_host, tally):
    """Everything that is known of the lines, in one order."""
    taken = {host: assembler.take(tally) for host, assembler in by_host.items()}
    passages = [
        (host, passage.lines, [getattr(passage, name) for name in TOLD])
        for host, (passages, _) in taken.items()
        for passage in passages
    ]
    refused = [attempt for _, attempts in taken.values() for attempt in attempts]
    counted = (tally.read, tally.understood, sorted(tally.unknown.items()), tally.last_at)
    return sorted(passages, key=repr), sorted(refused, key=repr), counted


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_sample_says_the_same(path):
    lines = list(archive.lines_of(path))
    assert gathered(lines) == one_by_one(lines)


@pytest.mark.parametrize("name", CAPTURES)
def test_a_real_log_says_the_same(shared, name):
    lines = list(archive.lines_of(shared / "corpus" / "maillogs" / "captured" / name))
    assert gathered(lines) == one_by_one(lines)


@pytest.fixture
def small_blocks(monkeypatch):
    monkeypatch.setattr("complaints.maillog.gather.SMALL_BYTES", 0)


@pytest.mark.parametrize("name", [name for name in CAPTURES if "postfix" in name])
def test_a_real_log_says_the_same_by_columns(shared, small_blocks, name):
    lines = list(archive.lines_of(shared / "corpus" / "maillogs" / "captured" / name))
    assert by_columns(lines) == one_by_one(lines)


@pytest.mark.parametrize("seed", range(20))
def test_a_mangled_log_says_the_same(seed):
    dice = random.Random(seed)
    lines = [line for path in SAMPLES for line in archive.lines_of(path)]
    for _ in range(60):
        place = dice.randrange(len(lines))
        cut = dice.randrange(len(lines[place]))
        lines[place] = lines[place][:cut] + dice.choice(MANGLED) + lines[place][cut + 2 :]
        lines.insert(dice.randrange(len(lines)), dice.choice(lines))
    dice.shuffle(lines) if seed % 2 else None
    assert gathered(lines) == one_by_one(lines)


@pytest.mark.parametrize("seed", range(20))
def test_a_mangled_log_of_exim_says_the_same(seed):
    dice = random.Random(seed)
    lines = [
        line for path in SAMPLES if path.parent.name == "exim" for line in archive.lines_of(path)
    ]
    lines = [line for line in lines if line[:1] == "2"] * 4
    for _ in range(40):
        place = dice.randrange(len(lines))
        cut = dice.randrange(20, len(lines[place]))
        lines[place] = lines[place][:cut] + dice.choice(MANGLED) + lines[place][cut + 2 :]
    dice.shuffle(lines) if seed % 2 else None
    assert gathered(lines) == one_by_one(lines)


def test_headers_below_a_refusal_change_nothing_of_the_lines_after_them():
    refusal = f"{OLD} H=(x) [192.0.2.1] F=<a@b.example> rejected after DATA: spam"
    arrival = f"{NEW} <= a@b.example H=(x) [192.0.2.1] P=smtp S=1"
    lines = [
        f"2026-03-02 10:00:05 {refusal}",
        "Envelope-from: <a@b.example>",
        "P Received: from x",
        f"2026-03-02 11:00:06 +0100 {arrival}",
        "I Message-ID: <m@b.example>",
        f"2026-03-02 11:00:07 +0100 {NEW} => c <c@d.example> R=l T=l",
        f"2026-03-02 11:00:08 +0100 {NEW} Completed",
    ] * 12
    assert gathered(lines) == one_by_one(lines)


def test_what_came_before_in_the_file_does_not_matter_to_its_parts():
    lines = [line for path in SAMPLES for line in archive.lines_of(path)]
    tally = Tally()
    gatherer = Gatherer(tally=tally, host_of=str)
    for line in lines:
        gatherer.feed([line], framing())
    assert _told(gatherer.assemblers, tally) == gathered(lines)


def test_a_file_that_is_no_mail_log_is_refused_in_words():
    gatherer = Gatherer(tally=Tally(), host_of=str)
    lines = ["Jan 20 13:04:49 host cron[1]: (root) CMD (true)"] * 1500
    parts = [archive.Piece("x", 0, "\n".join(some).encode()) for some in (lines[:300], lines[300:])]
    with pytest.raises(NotAMailLog, match="none of its first 1000 lines"):
        list(gatherer.feed_file(parts, framing()))
