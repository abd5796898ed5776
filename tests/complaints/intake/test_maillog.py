"""Saved logs: the same tables whatever the order, the splits and the repetitions."""

import gzip
import random
from datetime import datetime
from pathlib import Path

import pytest

from complaints import organisation
from complaints.intake import maillog
from complaints.models import Delivery, LogSource, MailHost, Refusal, RelayedMessage
from tests.make import at

SAMPLE = Path(__file__).parents[2] / "data" / "maillog" / "sendmail" / "relay-1998.log"
TAKEN = datetime.fromisoformat("1998-02-01T00:00:00+09:00")


@pytest.fixture
def host(db):
    organisation.import_organisation(
        {
            "name": "Ours",
            "domains": ["ours.example"],
            "networks": ["192.0.2.0/24"],
            "mail_hosts": [
                {"name": "mail", "fqdn": "mail.ours.example", "log_utc_offset": "+09:00"}
            ],
        }
    )
    return MailHost.objects.get()


def tables():
    """Everything the log says, without the numbers of the rows."""
    messages = RelayedMessage.objects.order_by("queued_at", "queue_id").values_list(
        "queue_id", "queued_at", "sender", "client_ip", "size_bytes", "direction", "finished_at"
    )
    deliveries = Delivery.objects.order_by("message__queued_at", "recipient").values_list(
        "message__queue_id", "recipient", "status", "attempts", "at"
    )
    return list(messages), list(deliveries), Refusal.objects.count()


def imported(host, *paths):
    reading = maillog.Reading(zone=maillog.zone_of(host), not_after=TAKEN)
    return maillog.import_logs(paths, host, reading)


def test_what_is_read_is_saved(host):
    imported(host, SAMPLE)
    messages, deliveries, refused = tables()
    assert [(row[0], row[5]) for row in messages] == [
        ("NAA24892", "stranger"),
        ("NAA25001", "out"),
        ("NAA24892", "internal"),
    ]
    assert ("NAA24892", "c@south.example", "sent", 2, at("1998-01-20 05:05:02")) in deliveries
    assert refused == 2


def test_reading_again_changes_nothing(host):
    imported(host, SAMPLE)
    before = tables()
    imported(host, SAMPLE)
    assert tables() == before


@pytest.mark.parametrize("seed", range(8))
def test_any_split_in_any_order_gives_the_same_tables(host, tmp_path, seed):
    imported(host, SAMPLE)
    whole = tables()
    RelayedMessage.objects.all().delete()
    Refusal.objects.all().delete()
    dice = random.Random(seed)
    lines = SAMPLE.read_text(encoding="utf-8").splitlines(keepends=True)
    cuts = sorted(dice.sample(range(1, len(lines)), 3))
    parts = [lines[a:b] for a, b in zip([0, *cuts], [*cuts, len(lines)], strict=True)]
    dice.shuffle(parts)
    for number, part in enumerate([*parts, dice.choice(parts)]):
        path = tmp_path / f"maillog.{number}.gz"
        path.write_bytes(gzip.compress("".join(part).encode()))
        imported(host, path)
    assert tables() == whole


def test_a_followed_log_gives_the_same_tables_line_by_line(host, tmp_path):
    imported(host, SAMPLE)
    whole = tables()
    RelayedMessage.objects.all().delete()
    Refusal.objects.all().delete()
    path = tmp_path / "maillog"
    path.touch()
    source = LogSource.objects.create(path=str(path), host=host)
    for line in SAMPLE.read_text(encoding="utf-8").splitlines(keepends=True):
        with path.open("a", encoding="utf-8") as file:
            file.write(line)
        maillog.read_new_lines(source, now=TAKEN)
    assert tables() == whole
    source.refresh_from_db()
    assert (source.lines_read, source.lines_unknown) == (11, 1)
    assert source.last_error == ""


def test_a_reader_without_the_lease_reads_nothing(host, tmp_path):
    path = tmp_path / "maillog"
    path.write_text(SAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
    source = LogSource.objects.create(path=str(path), host=host, lease_until=at("1998-02-01 00:01"))
    assert maillog.read_new_lines(source, now=at("1998-02-01 00:00")).tally.read == 0
    assert maillog.read_new_lines(source, now=at("1998-02-01 00:02")).tally.read == 11


def test_a_log_that_cannot_be_read_is_told_on_its_source(host, tmp_path):
    source = LogSource.objects.create(path=str(tmp_path / "none"), host=host)
    maillog.read_new_lines(source, now=TAKEN)
    source.refresh_from_db()
    assert "No such file" in source.last_error
