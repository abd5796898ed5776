"""Every sample log is read as its .json says, by itself and whatever dialect comes first."""

import json
from datetime import datetime
from pathlib import Path

import pytest

from complaints.maillog import archive, dialects
from complaints.maillog.assemble import Assembler
from complaints.maillog.dialects import NotAMailLog, Tally
from complaints.maillog.framing import Framing

SAMPLES = sorted((Path(__file__).parents[2] / "data" / "maillog").glob("*/*.log"))


def framing(truth):
    zone = datetime.fromisoformat(f"2000-01-01T00:00:00{truth['zone']}").tzinfo
    return Framing(zone=zone, not_after=datetime.fromisoformat(truth["not_after"]))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_sample_is_read_as_its_json_says(path):
    truth = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    tally, assembler = Tally(), Assembler()
    lines = archive.lines_of(path)
    assembler.feed(dialects.read_lines(lines, framing=framing(truth), tally=tally))
    passages, refused = assembler.take()

    assert (tally.read, tally.understood) == (truth["read"], truth["understood"])
    assert [_passage(passage) for passage in passages] == truth["passages"]
    assert [_refused(attempt) for attempt in refused] == truth["refused"]


def test_there_is_a_sample_for_every_dialect():
    assert {path.parent.name for path in SAMPLES} == set(dialects.DIALECTS)


def test_something_else_is_refused_in_words():
    lines = ["Jan 20 13:04:49 host cron[1]: (root) CMD (true)"] * 1500
    truth = {"zone": "+00:00", "not_after": "1998-02-01T00:00:00+00:00"}
    with pytest.raises(NotAMailLog, match="none of its first 1000 lines"):
        list(dialects.read_lines(lines, framing=framing(truth), tally=Tally(), whole_file=True))


def test_lines_that_say_nothing_are_counted_by_shape():
    lines = ["Jan 20 13:04:49 mail sendmail[311]: starting daemon (8.8.5): queueing"] * 3
    truth = {"zone": "+00:00", "not_after": "1998-02-01T00:00:00+00:00"}
    tally = Tally()
    list(dialects.read_lines(lines, framing=framing(truth), dialect="sendmail", tally=tally))
    assert tally.unknown.total() == 3
    assert len(tally.samples) == 1


def _passage(passage):
    return {
        "queue_id": passage.queue_id,
        "queued_at": passage.queued_at.isoformat(),
        "sender": passage.sender,
        "client_ip": passage.client_ip,
        "client_name": passage.client_name,
        "size_bytes": passage.size_bytes,
        "message_id": passage.message_id,
        "finished": passage.finished_at is not None,
        "recipients": {to: handover.status for to, handover in passage.handovers.items()},
    }


def _refused(attempt):
    return {
        name: getattr(attempt, name)
        for name in ("reason", "client_ip", "sender", "recipient", "code")
    }


@pytest.mark.parametrize(
    ("logged", "subject"),
    [
        ("info: header Subject: Riches for all", "Riches for all"),
        ("warning: header Subject: =?utf-8?q?R=C3=ADches?=", "Ríches"),
        ("info: header Subject: =?x-none?q?abc?=", "=?x-none?q?abc?="),
    ],
)
def test_a_subject_that_header_checks_logged_is_read_and_decoded(logged, subject):
    line = (
        "2026-03-02T10:00:00+00:00 mx1 postfix/cleanup[101]: 4F1C2A9B31: "
        f"{logged} from far.example[203.0.113.9]; from=<a@far.example> to=<b@ours.example>"
    )
    truth = {"zone": "+00:00", "not_after": "2026-04-01T00:00:00+00:00"}
    entry = next(dialects.read_lines([line], framing=framing(truth), tally=Tally()))
    assert entry.facts["subject"] == subject
